using Presence.Core.Users;

namespace Presence.Core.Events;

/// <summary>A message from a backend to users, passed on to their devices.</summary>
/// <param name="Id">Its id, the same for all recipients.</param>
/// <param name="EventType">The backend's own word for what it is.</param>
/// <param name="Payload">What it tells.</param>
/// <param name="Sender">The user in whose name it is sent, if any.</param>
/// <param name="SentAt">When it was taken.</param>
/// <param name="ExpiresAt">When it is of no use any more, by the clock that all nodes share: the ttl after it was posted; of one that is not durable, the resume window.</param>
/// <param name="Durable">Whether whoever connects until then gets it, until a device of the user has acknowledged it; else it is for who is connected, or comes back.</param>
public sealed record PostedEvent(
    EventId Id,
    string EventType,
    EventPayload Payload,
    UserId? Sender,
    DateTimeOffset SentAt,
    DateTimeOffset ExpiresAt,
    bool Durable
);
