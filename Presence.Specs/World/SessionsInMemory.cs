using Presence.Core.Conversations;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Specs.World;

/// <summary>Sessions, kept for the spec.</summary>
internal sealed class SessionsInMemory : ISessionStore
{
    private readonly Dictionary<(UserId, DeviceId), Session> _sessions = [];

    public IReadOnlyCollection<Session> All => _sessions.Values;

    public void Clear() => _sessions.Clear();

    public void Erase(UserId user)
    {
        foreach (var key in _sessions.Keys.Where(key => key.Item1 == user).ToList())
        {
            _sessions.Remove(key);
        }
    }

    /// <summary>Whether an earlier version wrote what is read.</summary>
    public bool AreWhole { get; set; }

    public Task<IReadOnlyList<Session>> Load(IReadOnlyCollection<(UserId User, DeviceId Device)> devices, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<Session>>([
            .. devices.Where(_sessions.ContainsKey).Select(device => _sessions[device] with { IsWhole = AreWhole }),
        ]);

    /// <summary>Each write.</summary>
    public List<IReadOnlyCollection<SessionChange>> Saves { get; } = [];

    /// <summary>Lets writes through, or not.</summary>
    public Gate Gate { get; } = new();

    public Task Save(IReadOnlyCollection<SessionChange> changes, CancellationToken cancellation) =>
        Gate.Pass(() =>
        {
            Saves.Add(changes);
            foreach (var change in changes)
            {
                Apply(change);
            }

            return true;
        });

    private void Apply(SessionChange change)
    {
        var stored = _sessions.GetValueOrDefault((change.UserId, change.DeviceId));
        if (!change.AppliesTo(stored is null ? null : new(stored.Connection, stored.Sequence)))
        {
            return;
        }

        var entries =
            change.From is null || stored is null
                ? []
                : stored
                    .Subscriptions.Select(user => new SessionEntry(SessionEntryKind.Subscription, user.Value))
                    .Concat(stored.Conversations.Select(room => new SessionEntry(SessionEntryKind.Conversation, room.Value)))
                    .ToHashSet();
        entries.ExceptWith(change.Entries.Where(entry => !entry.Value).Select(entry => entry.Key));
        entries.UnionWith(change.Entries.Where(entry => entry.Value).Select(entry => entry.Key));
        _sessions[(change.UserId, change.DeviceId)] = new(
            change.UserId,
            change.DeviceId,
            change.To.Connection,
            change.To.Sequence,
            [.. entries.Where(entry => entry.Kind == SessionEntryKind.Subscription).Select(entry => new UserId(entry.Id))],
            [.. entries.Where(entry => entry.Kind == SessionEntryKind.Conversation).Select(entry => new ConversationId(entry.Id))],
            change.SavedAt
        );
    }

    public Task<bool> ForgetBefore(DateTimeOffset time, CancellationToken cancellation)
    {
        var old = _sessions.Where(entry => entry.Value.SavedAt < time).Select(entry => entry.Key).ToList();
        old.ForEach(key => _sessions.Remove(key));
        return Task.FromResult(old.Count > 0);
    }
}
