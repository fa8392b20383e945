using System.Collections.Immutable;
using Akka.Actor;
using Presence.Actors.Conversations;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Events;
using Presence.Core.Json;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <summary>From the adapters of this node to its hub; never leaves the process.</summary>
public interface IHubMessage : INoSerializationVerificationNeeded;

/// <summary>A client connected.</summary>
public sealed record OpenConnection(IClientConnection Connection) : IHubMessage;

/// <summary>A client is gone, for that reason. Told once, and not after the hub itself closed it.</summary>
public sealed record ConnectionEnded(ConnectionId Connection, CloseReason Reason) : IHubMessage;

/// <summary>A client asks for something.</summary>
/// <param name="Connection">Which.</param>
/// <param name="FrameId">The client's own id of the frame; carried back with the answer.</param>
/// <param name="Command">What.</param>
public sealed record ClientAsks(ConnectionId Connection, string? FrameId, IClientCommand Command) : IHubMessage;

/// <summary>What a client may ask for over its connection.</summary>
public interface IClientCommand;

/// <summary>Choose status, text, activity. Answer: <see cref="PresenceUpdatedAnswer"/>.</summary>
public sealed record ChoosePresence(PresenceUpdate Update) : IClientCommand;

/// <summary>The device was heard of. No answer; the connection answers heartbeats itself and tells the hub of changes of <paramref name="Active"/> at once, else at most every few seconds.</summary>
public sealed record Heard(bool? Active) : IClientCommand;

/// <summary>A keystroke or its end. Answer: <see cref="TypingAnswer"/>, only where the frame has an id.</summary>
public sealed record TypeIn(TypingRequest Request) : IClientCommand;

/// <summary>Be told of those users. Answer: <see cref="SubscribedAnswer"/>, then a snapshot of them.</summary>
public sealed record Subscribe(IReadOnlyList<UserId> Users) : IClientCommand;

/// <summary>No longer. Answer: <see cref="UnsubscribedAnswer"/>.</summary>
public sealed record Unsubscribe(IReadOnlyList<UserId> Users) : IClientCommand;

/// <summary>Be told who types there, even if it is large. Answer: <see cref="WatchedAnswer"/>, then <see cref="TypingSnapshotAnswer"/>.</summary>
public sealed record WatchConversation(ConversationId ConversationId) : IClientCommand;

/// <summary>Goes on watching after a resume, if it may still. Answer: <see cref="TypingSnapshotAnswer"/>.</summary>
internal sealed record WatchOn(ConversationId ConversationId) : IClientCommand;

/// <summary>No longer. Answer: <see cref="UnwatchedAnswer"/>.</summary>
public sealed record UnwatchConversation(ConversationId ConversationId) : IClientCommand;

/// <summary>The client has that event. No answer.</summary>
public sealed record AckEvent(EventId EventId) : IClientCommand;

/// <summary>It has brought a fresh token, which its connection has proven and answered. No answer.</summary>
public sealed record TokenRenewed : IClientCommand
{
    /// <summary>The only one.</summary>
    public static TokenRenewed Instance { get; } = new();
}

/// <summary>The answer to a client's command.</summary>
public interface IClientAnswer;

/// <summary>Refused.</summary>
public sealed record RefusedAnswer(Refusal Refusal) : IClientAnswer;

/// <summary>The new own presence; it is stored.</summary>
public sealed record PresenceUpdatedAnswer(PresenceRecord Own) : IClientAnswer;

/// <summary>Taken.</summary>
public sealed record TypingAnswer(ConversationId ConversationId) : IClientAnswer;

/// <summary>Subscribed to that many users by this frame.</summary>
public sealed record SubscribedAnswer(int Count) : IClientAnswer;

/// <summary>Unsubscribed from that many by this frame.</summary>
public sealed record UnsubscribedAnswer(int Count) : IClientAnswer;

/// <summary>Watches.</summary>
public sealed record WatchedAnswer(ConversationId ConversationId) : IClientAnswer;

/// <summary>Watches no more.</summary>
public sealed record UnwatchedAnswer(ConversationId ConversationId) : IClientAnswer;

/// <summary>Told unasked: the user takes part no more, and the socket watches no more.</summary>
public sealed record WatchEndedAnswer(ConversationId ConversationId) : IClientAnswer;

/// <summary>Told unasked: the user chose, over another device, who may see what.</summary>
public sealed record PrivacyChangedAnswer(PrivacyRule Rule) : IClientAnswer;

/// <summary>Who types there now.</summary>
public sealed record TypingSnapshotAnswer(ConversationId ConversationId, ImmutableArray<TypistIs> Typists) : IClientAnswer;

/// <summary>Told unasked: the client's token ends in that time, and its connection with it, unless it brings another one.</summary>
public sealed record TokenExpiring(TimeSpan In) : IClientAnswer;

/// <summary>What this node counts. Answer: <see cref="NodeStats"/>.</summary>
public sealed record GetStats : IWireMessage;

/// <summary>What a node counts, for operators.</summary>
/// <param name="Node">Its address.</param>
/// <param name="UsersOnline">Users with a device connected whose entity is here.</param>
/// <param name="Devices">Devices connected whose entity is here.</param>
/// <param name="Connections">Sockets here.</param>
/// <param name="Connects">Sockets opened since the start.</param>
/// <param name="Disconnects">Sockets ended since the start, by reason.</param>
/// <param name="Refused">Handshakes refused since the start, by cause; null from a node of the build before.</param>
public sealed record NodeStats(
    string Node,
    long UsersOnline,
    long Devices,
    long Connections,
    long Connects,
    ImmutableDictionary<string, long> Disconnects,
    ImmutableDictionary<string, long>? Refused = null
) : IAnswer;
