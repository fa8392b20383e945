using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Actors.Conversations;

/// <summary>What a conversation's entity is told or asked.</summary>
public interface IConversationMessage : IWireMessage
{
    /// <summary>Which conversation.</summary>
    ConversationId ConversationId { get; }
}

/// <summary>A keystroke or its end, from the typist's entity, which has added the rule. Answer to the sender: <see cref="TypingAccepted"/> or <see cref="Refused"/>.</summary>
public sealed record SetTyping(ConversationId ConversationId, TypingCommand Command) : IConversationMessage;

/// <summary>The typist's device disconnected (or, with none named, the typist may no longer be seen): what it began ends.</summary>
public sealed record EndTyping(ConversationId ConversationId, UserId Typist, DeviceId? Device) : IConversationMessage;

/// <summary>Who types, as the viewer may see it; null: a service. Answer: <see cref="TypingIs"/> or <see cref="Refused"/>.</summary>
public sealed record GetTyping(
    ConversationId ConversationId,
    UserId? Viewer,
    IReadOnlySet<UserId> ViewerContacts,
    ImmutableHashSet<UserId>? ViewerBlocks = null
) : IConversationMessage;

/// <summary>A message whose answer is to be told apart from others to the same asker, as <see cref="Request"/> is for users.</summary>
public sealed record ConversationRequest(long Number, IConversationMessage Message) : IConversationMessage
{
    /// <inheritdoc/>
    public ConversationId ConversationId => Message.ConversationId;
}

/// <summary>Who types, and for how long from now.</summary>
public sealed record TypingIs(ConversationId ConversationId, ImmutableArray<TypistIs> Typists) : IAnswer;

/// <summary>Somebody types, for that long from now if it isn't renewed.</summary>
public sealed record TypistIs(UserId Typist, TimeSpan EndsIn);

/// <summary>Somebody began to type, goes on, or stopped.</summary>
/// <param name="ConversationId">Where.</param>
/// <param name="Typist">Who.</param>
/// <param name="IsTyping">Whether.</param>
/// <param name="EndsIn">For how long if it isn't renewed.</param>
/// <param name="Rule">By which the viewers are chosen.</param>
/// <param name="Participants">Who takes part: only to and from nodes of the build before, whose hubs don't keep them.</param>
/// <param name="At">When.</param>
/// <param name="Set">The number of the set of participants that this goes to, see <see cref="ParticipantsAre"/>. A hub that has another number asks for the set.</param>
/// <param name="IsLarge">Whether so many participants are online, on all nodes together, that only the sockets that watch are told.</param>
public sealed record TypingChanged(
    ConversationId ConversationId,
    UserId Typist,
    bool IsTyping,
    TimeSpan EndsIn,
    PrivacyRule Rule,
    ImmutableHashSet<UserId>? Participants,
    DateTimeOffset At,
    long? Set = null,
    bool IsLarge = false
) : IWireMessage;

/// <summary>Who takes part: told to the hubs before the first typing, and with each change. A socket that watches, and whose user takes part no more, watches no more.</summary>
/// <param name="ConversationId">Where.</param>
/// <param name="Participants">All of them, or a part of them.</param>
/// <param name="Set">The number of this set; null from a node of the build before.</param>
/// <param name="MoreFollow">Whether further parts of the same set follow.</param>
public sealed record ParticipantsAre(
    ConversationId ConversationId,
    ImmutableHashSet<UserId> Participants,
    long? Set = null,
    bool MoreFollow = false
) : IWireMessage;

/// <summary>From a hub to the conversation's entity, directly: whom of the participants it has. Told when that changes, and now and then with what it hears, since a message can be lost.</summary>
/// <param name="ConversationId">Where.</param>
/// <param name="Set">The set of participants that this is about; 0: the hub knows none.</param>
/// <param name="Online">Participants with a socket there: all of them, or one more than make a conversation large.</param>
/// <param name="Watched">Whether a socket there watches.</param>
/// <param name="Asks">Whether it wants to be told the participants, and who types.</param>
public sealed record ParticipantsHere(ConversationId ConversationId, long Set, ImmutableHashSet<UserId> Online, bool Watched, bool Asks)
    : IWireMessage,
        IDeadLetterSuppression,
        INotInfluenceReceiveTimeout;

/// <summary>Stops the entity: hand-over and passivation.</summary>
public sealed record StopConversation : IDeadLetterSuppression, IWireMessage
{
    /// <summary>The only one.</summary>
    public static StopConversation Instance { get; } = new();
}
