using System.Collections.Immutable;
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
public sealed record GetTyping(ConversationId ConversationId, UserId? Viewer, ImmutableHashSet<UserId> ViewerContacts)
    : IConversationMessage;

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

/// <summary>Somebody began to type, goes on, or stopped: one message a hub, which knows who of the participants is on its node.</summary>
/// <param name="ConversationId">Where.</param>
/// <param name="Typist">Who.</param>
/// <param name="IsTyping">Whether.</param>
/// <param name="EndsIn">For how long if it isn't renewed.</param>
/// <param name="Rule">By which the viewers are chosen.</param>
/// <param name="Participants">Who takes part.</param>
/// <param name="At">When.</param>
public sealed record TypingChanged(
    ConversationId ConversationId,
    UserId Typist,
    bool IsTyping,
    TimeSpan EndsIn,
    PrivacyRule Rule,
    ImmutableHashSet<UserId> Participants,
    DateTimeOffset At
) : IWireMessage;

/// <summary>Others take part now: who watches and no longer takes part watches no more.</summary>
public sealed record ParticipantsAre(ConversationId ConversationId, ImmutableHashSet<UserId> Participants) : IWireMessage;

/// <summary>Stops the entity: hand-over and passivation.</summary>
public sealed record StopConversation : IDeadLetterSuppression, IWireMessage
{
    /// <summary>The only one.</summary>
    public static StopConversation Instance { get; } = new();
}
