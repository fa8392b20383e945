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

    public Task<IReadOnlyList<Session>> Load(IReadOnlyCollection<(UserId User, DeviceId Device)> devices, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<Session>>([.. devices.Where(_sessions.ContainsKey).Select(device => _sessions[device])]);

    public Task Save(IReadOnlyCollection<Session> sessions, CancellationToken cancellation)
    {
        foreach (var session in sessions)
        {
            _sessions[(session.UserId, session.DeviceId)] = session;
        }

        return Task.CompletedTask;
    }

    public Task ForgetBefore(DateTimeOffset time, CancellationToken cancellation)
    {
        foreach (var old in _sessions.Where(entry => entry.Value.SavedAt < time).Select(entry => entry.Key).ToList())
        {
            _sessions.Remove(old);
        }

        return Task.CompletedTask;
    }
}
