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
);

/// <summary>Keeps sessions beyond the life of a node. Only sockets that subscribed to somebody, or watch a conversation, have one.</summary>
/// <remarks>A store out of reach fails the task with <see cref="Errors.StoreUnavailableException"/>.</remarks>
public interface ISessionStore
{
    /// <summary>The sessions of those devices, in one query; who has none is absent from the answer.</summary>
    Task<IReadOnlyList<Session>> Load(IReadOnlyCollection<(UserId User, DeviceId Device)> devices, CancellationToken cancellation);

    /// <summary>Writes all of them, or none; each replaces the device's earlier one, unless that is of the same connection and a higher sequence.</summary>
    Task Save(IReadOnlyCollection<Session> sessions, CancellationToken cancellation);

    /// <summary>Forgets the sessions that were saved before that time.</summary>
    Task ForgetBefore(DateTimeOffset time, CancellationToken cancellation);
}
