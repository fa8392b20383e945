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
/// <param name="Events">The events.</param>
public sealed record EventsFor(UserId UserId, ConnectionId? Connection, ImmutableArray<PostedEvent> Events) : IAnswer
{
    /// <summary>The most payload of one message, in bytes: with what stands around it, it stays below the 128,000 of one message between nodes.</summary>
    private const int MaxBytes = 80 * 1024;

    /// <summary>What an event takes beside its payload, ids and times at their longest.</summary>
    private const int BytesAround = 512;

    /// <summary>As many messages as it takes.</summary>
    public static IEnumerable<EventsFor> Parts(UserId user, ConnectionId? connection, IEnumerable<PostedEvent> events)
    {
        var part = ImmutableArray.CreateBuilder<PostedEvent>();
        var bytes = 0;
        foreach (var posted in events)
        {
            var more = posted.Payload.Bytes + BytesAround;
            if (bytes + more > MaxBytes && part.Count > 0)
            {
                yield return new(user, connection, part.ToImmutable());
                part.Clear();
                bytes = 0;
            }

            part.Add(posted);
            bytes += more;
        }

        if (part.Count > 0)
        {
            yield return new(user, connection, part.ToImmutable());
        }
    }
}

/// <summary>The sender, that user's entity, wants what waits for its user: answer <see cref="EventsLoaded"/> or <see cref="EventsUnread"/>.</summary>
internal sealed record LoadEvents(UserId UserId) : ILoaderMessage;

/// <summary>What waits for the user, in order.</summary>
internal sealed record EventsLoaded(IReadOnlyList<PostedEvent> Events) : ILoaderMessage;

/// <summary>The store is out of reach.</summary>
internal sealed record EventsUnread : ILoaderMessage
{
    public static EventsUnread Instance { get; } = new();
}
