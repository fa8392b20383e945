using Presence.Core.Users;

namespace Presence.Core.Events;

/// <summary>A device of the user has that event.</summary>
public readonly record struct EventAcknowledgement(UserId UserId, EventId EventId);

/// <summary>Keeps what backends have sent to users until it is acknowledged or expired. What is expired is neither returned nor kept.</summary>
/// <remarks>
/// Events of a user come back in the order in which they were stored; of two that were posted at the same time, either.
/// A store out of reach fails the task with <see cref="Errors.StoreUnavailableException"/>.
/// </remarks>
public interface IEventStore
{
    /// <summary>Stores it for each of the recipients, or for none. A user for whom it is one too many loses the oldest: the answer is how many went so.</summary>
    /// <param name="posted">The event.</param>
    /// <param name="recipients">For whom; each once.</param>
    /// <param name="keep">The most that are kept for a user, of durable ones and of the others each, so that a stream of the one does not wash away the other.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<int> Append(PostedEvent posted, IReadOnlyCollection<UserId> recipients, int keep, CancellationToken cancellation);

    /// <summary>What waits for those users, in one query; who has none is absent from the answer. The events themselves are there where a user's payloads have at most that many bytes together.</summary>
    Task<IReadOnlyDictionary<UserId, IReadOnlyList<WaitingEvent>>> Waiting(
        IReadOnlyCollection<UserId> users,
        DateTimeOffset now,
        int wholeBytes,
        CancellationToken cancellation
    );

    /// <summary>Those events of those users, in order; what is not there any more is passed over.</summary>
    Task<IReadOnlyDictionary<UserId, IReadOnlyList<PostedEvent>>> Load(
        IReadOnlyCollection<EventAcknowledgement> events,
        CancellationToken cancellation
    );

    /// <summary>Forgets those that are durable; the others stay for whoever comes back. What is not there is passed over.</summary>
    Task Acknowledge(IReadOnlyCollection<EventAcknowledgement> acknowledgements, CancellationToken cancellation);

    /// <summary>Forgets some of what has expired: little enough, in bytes, that nobody waits for it. Whether there may be more.</summary>
    Task<bool> ForgetExpired(DateTimeOffset now, CancellationToken cancellation);
}
