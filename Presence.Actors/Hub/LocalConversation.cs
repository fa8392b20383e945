using System.Collections.Immutable;
using Akka.Actor;
using Presence.Core.Conversations;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <summary>A conversation as the hub keeps it while somebody types there or a socket of the node watches it: who takes part, who of them is here, who watches, who was told.</summary>
internal sealed class LocalConversation(ConversationId id)
{
    /// <summary>Which.</summary>
    public ConversationId Id { get; } = id;

    /// <summary>Its entity, which told the participants; null while they are not known.</summary>
    public IActorRef? Entity { get; private set; }

    /// <summary>The number of the set of participants; 0 while they are not known.</summary>
    public long Set { get; private set; }

    /// <summary>Who takes part.</summary>
    public ImmutableHashSet<UserId> Participants { get; private set; } = [];

    /// <summary>Participants with a socket on this node.</summary>
    public HashSet<LocalUser> Here { get; } = [];

    /// <summary>Sockets that watch.</summary>
    public HashSet<HubSocket> Watchers { get; } = [];

    /// <summary>Sockets that were told that somebody types, and until when the last of that lasts: they are told of the end, whatever has changed meanwhile.</summary>
    public Dictionary<HubSocket, TimeSpan> Told { get; } = [];

    /// <summary>When something last came of its entity.</summary>
    public TimeSpan HeardAt { get; set; }

    /// <summary>When its entity was last told who is here.</summary>
    public TimeSpan ToldHereAt { get; set; }

    /// <summary>When its entity was last asked for the participants.</summary>
    public TimeSpan? AskedAt { get; set; }

    /// <summary>Parts of a set that has not come whole.</summary>
    public (long Set, ImmutableHashSet<UserId> Participants) Coming { get; set; } = (0, []);

    /// <summary>The participants are these now.</summary>
    public void Take(IActorRef entity, long set, ImmutableHashSet<UserId> participants) =>
        (Entity, Set, Participants, Coming) = (entity, set, participants, (0, []));

    /// <summary>The participants are not known any more.</summary>
    public void ForgetParticipants()
    {
        (Entity, Set, Participants, Coming) = (null, 0, [], (0, []));
        Here.Clear();
    }

    /// <summary>A socket is told that somebody types until then.</summary>
    public void NoteTold(HubSocket socket, TimeSpan until)
    {
        if (Told.GetValueOrDefault(socket) < until)
        {
            Told[socket] = until;
        }
    }

    /// <summary>Whether nothing is known of it, and nobody here is concerned.</summary>
    public bool IsEmpty => Set == 0 && Watchers.Count == 0 && Told.Count == 0;
}
