using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Presence.Actors.Users;

namespace Presence.Actors.Nodes;

/// <summary>Between the actors of one node; never leaves the process.</summary>
public interface INodeMessage : INoSerializationVerificationNeeded;

/// <summary>To a peer: am I a member still, as you see it? Answer: <see cref="Vouch"/>.</summary>
/// <param name="Node">The asker's address with its uid: one life of a node.</param>
/// <param name="Pause">The asker's own name for the pause after which it asks.</param>
/// <param name="At">When it asks, in ticks by a clock of the asker's that nobody sets.</param>
public sealed record AmIMember(string Node, long Pause, long At) : IWireMessage;

/// <summary>The asker is a member in reach, as this peer sees it.</summary>
/// <param name="Pause">As it was asked: an answer that the asker reads only after its next pause is worth nothing.</param>
/// <param name="At">As it was asked: until so long after it nobody can have taken the asker for dead and replaced it.</param>
public sealed record Vouch(long Pause, long At) : IWireMessage;

/// <summary>To the hub of this node: it was taken out of the cluster; send everybody away and say nothing more.</summary>
public sealed record NodeShutOut : INodeMessage
{
    /// <summary>The only one.</summary>
    public static NodeShutOut Instance { get; } = new();
}

/// <summary>To the hub of this node: peers have vouched for it; what was held back may go out.</summary>
public sealed record NodeVouched : INodeMessage
{
    /// <summary>The only one.</summary>
    public static NodeVouched Instance { get; } = new();
}

/// <summary>To the hub of this node: something that the entities of that node told has been lost. They are asked anew.</summary>
public sealed record LineBroken(Address Node) : INodeMessage;

/// <summary>To the hub of this node: that node is no longer one of the cluster. What its entities had told came before this, and nothing of it comes any more.</summary>
public sealed record NodeGone(Address Node) : INodeMessage;

/// <summary>To the hub of this node: what entities of other nodes had told it until then has arrived.</summary>
/// <param name="Time">By the clock that all nodes share, in microseconds since 1970; null: there are no other nodes.</param>
/// <param name="Silent">The nodes of which nothing was heard for a while. One that was in it and is not in the next is heard again, or gone.</param>
/// <param name="Lines">Names the set of other nodes, as <see cref="Hub.SeenUntil"/> does.</param>
public sealed record HeardUntil(long? Time, ImmutableHashSet<Address> Silent, long Lines = 0) : INodeMessage;

/// <summary>To the courier of this node, from an entity of it: bring that to that hub of another node, in the entity's name.</summary>
internal sealed record ToHub(IActorRef Hub, IWireMessage Message) : INodeMessage;

/// <summary>To the courier of this node, from an entity of it: bring that to the hubs of all nodes, in this order.</summary>
/// <param name="Messages">What they are told.</param>
/// <param name="ToOlder">What those of the build before are told instead.</param>
/// <param name="Except">Nodes whose hubs need not hear of it; those of the build before hear of everything.</param>
internal sealed record ToHubs(ImmutableArray<IWireMessage> Messages, ImmutableArray<IWireMessage> ToOlder, ImmutableHashSet<Address> Except)
    : INodeMessage;

/// <summary>What entities of one node tell the hub of another one, gathered: one message for all that one drain of the courier's mailbox held.</summary>
/// <param name="Life">The uid of the sending node: one life of it. Mail of a node that was taken for dead is refused.</param>
/// <param name="Number">Counts the mails of this line, from 1; one left out was lost.</param>
/// <param name="SentAt">By the clock that all nodes share (of a build before 0019, by the sender's wall clock), in microseconds since 1970: all that its entities told before is in this mail or an earlier one. 0: more of it follows.</param>
/// <param name="Letters">In the order in which they were told; none: only the number and the time are told.</param>
public sealed record HubMail(int Life, long Number, long SentAt, ImmutableArray<Letter> Letters) : IWireMessage
{
    /// <summary>The last mail of the opposite line that the sender's hub has dealt with; null: the sender is of a build that gives no receipts.</summary>
    public long? Received { get; init; }

    /// <summary>How many bytes it had on its way here.</summary>
    internal int Bytes { get; init; }
}

/// <summary>To the hub of this node, behind the letters of a mail: sent back when they have been dealt with.</summary>
/// <param name="Life">The node, and the life of it, that sent the mail.</param>
/// <param name="Number">The mail's.</param>
/// <param name="Bytes">The mail's size.</param>
internal sealed record MailDone(UniqueAddress Life, long Number, int Bytes) : INodeMessage;

/// <summary>One message of an entity to a hub.</summary>
/// <param name="From">The entity.</param>
/// <param name="Content">What it tells.</param>
public sealed record Letter(IActorRef From, IWireMessage Content)
{
    /// <summary>The content's manifest and bytes, where the courier has written it already, to know its size.</summary>
    internal (string Manifest, byte[] Bytes)? Written { get; init; }
}

/// <summary>A piece of a letter that is too large for one mail. Only for nodes that give receipts: earlier builds don't know it.</summary>
/// <param name="Letter">Which letter of the line.</param>
/// <param name="Number">Which piece, from 0.</param>
/// <param name="Of">How many there are.</param>
/// <param name="Manifest">The manifest of the whole.</param>
/// <param name="Bytes">The piece.</param>
public sealed record LetterPart(long Letter, int Number, int Of, string Manifest, ImmutableArray<byte> Bytes) : IWireMessage;
