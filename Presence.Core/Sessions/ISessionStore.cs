using Presence.Core.Conversations;
using Presence.Core.Users;

namespace Presence.Core.Sessions;

/// <summary>What belongs to a socket and comes back with a resume: the users it subscribed to, the conversations it watches.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="DeviceId">Which device; one has one session at most.</param>
/// <param name="Connection">The connection that made it.</param>
/// <param name="Sequence">Grows with each change of the session; a client's cursor names the one that it knows of.</param>
/// <param name="Subscriptions">The users subscribed to, contacts aside.</param>
/// <param name="Conversations">The conversations watched.</param>
/// <param name="SavedAt">When.</param>
public sealed record Session(
    UserId UserId,
    DeviceId DeviceId,
    Guid Connection,
    long Sequence,
    IReadOnlyCollection<UserId> Subscriptions,
    IReadOnlyCollection<ConversationId> Conversations,
    DateTimeOffset SavedAt
)
{
    /// <summary>Whether an earlier version of this program wrote it, as a whole. Differences can't be applied to such a one: it is begun anew.</summary>
    public bool IsWhole { get; init; }
}

/// <summary>Keeps sessions beyond the life of a node. Only sockets that subscribed to somebody, or watch a conversation, have one.</summary>
/// <remarks>A store out of reach fails the task with <see cref="Errors.StoreUnavailableException"/>.</remarks>
public interface ISessionStore
{
    /// <summary>The sessions of those devices, in one query; who has none is absent from the answer.</summary>
    Task<IReadOnlyList<Session>> Load(IReadOnlyCollection<(UserId User, DeviceId Device)> devices, CancellationToken cancellation);

    /// <summary>Writes all of them, or none. A change that does not apply to what is stored (<see cref="SessionChange.AppliesTo"/>) is passed over, and so is all that follows it: its client is told everything when it comes back.</summary>
    /// <param name="changes">At most one a device.</param>
    /// <param name="cancellation">Gives up.</param>
    Task Save(IReadOnlyCollection<SessionChange> changes, CancellationToken cancellation);

    /// <summary>Forgets some of what was saved before that time: little enough that nobody waits for it. Whether there may be more.</summary>
    Task<bool> ForgetBefore(DateTimeOffset time, CancellationToken cancellation);
}
