using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Specs.Sql;

/// <summary>All that waits, whole, as entities read it in two steps.</summary>
internal static class PendingEvents
{
    public static async Task<IReadOnlyDictionary<UserId, IReadOnlyList<PostedEvent>>> Pending(
        this IEventStore store,
        IReadOnlyCollection<UserId> users,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var waiting = await store.Waiting(users, now, wholeBytes: 0, cancellation);
        var ids = waiting.SelectMany(list => list.Value.Select(row => new EventAcknowledgement(list.Key, row.Id)));
        return await store.Load([.. ids], cancellation);
    }
}
