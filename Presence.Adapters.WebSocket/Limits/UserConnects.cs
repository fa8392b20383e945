using System.Runtime.InteropServices;
using Presence.Core.Limits;
using Presence.Core.Users;

namespace Presence.Adapters.WebSocket.Limits;

/// <summary>How often each user has opened a socket lately. Not thread-safe.</summary>
/// <param name="rate">How often a user may.</param>
/// <param name="time">By which it is counted.</param>
internal sealed class UserConnects(Rate rate, TimeProvider time)
{
    /// <summary>The most users that are remembered, some 20 MB with the longest ids: over it all begin anew. Those who have opened none for a while are forgotten long before.</summary>
    public const int MostUsers = 50_000;

    private const int FirstLook = 1_024;

    private readonly Dictionary<UserId, Allowance> _byUser = [];
    private readonly long _start = time.GetTimestamp();
    private int _lookAt = FirstLook;

    /// <summary>How many are remembered.</summary>
    public int Count => _byUser.Count;

    /// <summary>Null where the user may open another one; else after how long.</summary>
    public TimeSpan? Take(UserId user)
    {
        var now = time.GetElapsedTime(_start).Ticks;
        if (_byUser.Count >= _lookAt)
        {
            Forget(now);
        }

        return CollectionsMarshal.GetValueRefOrAddDefault(_byUser, user, out _).Take(rate, now);
    }

    /// <summary>Looked for when twice as many are remembered as were left the last time, so that it costs each connect the same.</summary>
    private void Forget(long now)
    {
        foreach (var (user, allowance) in _byUser)
        {
            if (allowance.IsFull(now))
            {
                _byUser.Remove(user);
            }
        }

        if (_byUser.Count >= MostUsers)
        {
            _byUser.Clear();
        }

        _lookAt = Math.Min(MostUsers, Math.Max(FirstLook, 2 * _byUser.Count));
    }
}
