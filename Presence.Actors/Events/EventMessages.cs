using System.Collections.Immutable;
using Presence.Actors.Loading;
using Presence.Actors.Users;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Actors.Events;

/// <summary>Something was stored for the user: its devices are to have it. Carries nothing itself, for the store has it, and its order. No answer.</summary>
public sealed record EventPosted(UserId UserId) : IUserMessage;

/// <summary>A device of the user has that event. No answer; one that is not known is passed over.</summary>
public sealed record AcknowledgeEvent(UserId UserId, EventId EventId) : IUserMessage;

/// <summary>Events for sockets of the user, in order. From the entity to a hub, which gives each socket those that it has not had.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="Connection">For that one alone; null: for all of the user's there.</param>
/// <param name="Events">The events: no more than one message carries.</param>
/// <param name="Number">The hub answers with <see cref="EventsTaken"/> under this number when it has room for more; 0: an earlier build, which wants no answer.</param>
/// <param name="Except">Connections that get them later, each by itself, since they are behind.</param>
/// <param name="More">Whether more of what waits for the connection follows.</param>
public sealed record EventsFor(
    UserId UserId,
    ConnectionId? Connection,
    ImmutableArray<PostedEvent> Events,
    long Number = 0,
    IReadOnlyCollection<ConnectionId>? Except = null,
    bool More = false
) : IAnswer;

/// <summary>The hub has given those events to the sockets, and there is room for more. To the entity.</summary>
public sealed record EventsTaken(UserId UserId, long Number) : IUserMessage;

/// <summary>The sender, that user's entity, wants what waits for its user: answer <see cref="EventsLoaded"/> or <see cref="EventsUnread"/>.</summary>
internal sealed record LoadEvents(UserId UserId) : ILoaderMessage;

/// <summary>What waits for the user, in order.</summary>
internal sealed record EventsLoaded(IReadOnlyList<WaitingEvent> Events) : ILoaderMessage;

/// <summary>The sender, that user's entity, wants those of its events whole: answer <see cref="PayloadsLoaded"/> or <see cref="PayloadsUnread"/>. They count as in memory until <see cref="PayloadsGiven"/>.</summary>
internal sealed record LoadPayloads(UserId UserId, long Number, IReadOnlyCollection<EventId> Events, int Bytes) : ILoaderMessage;

/// <summary>Those that are still there, in order.</summary>
internal sealed record PayloadsLoaded(long Number, IReadOnlyList<PostedEvent> Events) : ILoaderMessage;

/// <summary>The store is out of reach; or there was no room for long.</summary>
internal sealed record PayloadsUnread(long Number) : ILoaderMessage;

/// <summary>The entity has them no more in memory.</summary>
internal sealed record PayloadsGiven(long Number) : ILoaderMessage;

/// <summary>The store is out of reach.</summary>
internal sealed record EventsUnread : ILoaderMessage
{
    public static EventsUnread Instance { get; } = new();
}
