using System.Threading.RateLimiting;
using Presence.Actors;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Adapters.WebSocket.Limits;

/// <summary>How many sockets, streams too, a node has room for: in all, for each user, and new ones in a time.</summary>
/// <remarks>Counts of its own, not a partitioned limiter of the framework: that would keep a limiter for each user, some hundred bytes, and visit all of them ten times a second.</remarks>
internal sealed class SocketPlaces : IDisposable
{
    /// <summary>The new ones are let in about that often, a share of a second's each time.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>What a timer can do.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>The longest that a client is told to wait; each is told another time, so that they don't come back together.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly LimitOptions _limits;
    private readonly NodeCounters _counters;
    private readonly RateLimiter _connects;
    private readonly Lock _gate = new();
    private readonly Dictionary<UserId, int> _byUser = [];
    private readonly UserConnects _userConnects;
    private int _taken;

    public SocketPlaces(PresenceOptions options, NodeCounters counters, TimeProvider time)
        : this(options, counters, Connects(options.Limits), time) { }

    /// <summary>One that lets new ones in by that limiter.</summary>
    internal SocketPlaces(PresenceOptions options, NodeCounters counters, RateLimiter connects, TimeProvider time)
    {
        _limits = options.Limits;
        _counters = counters;
        _connects = connects;
        _userConnects = new(options.Limits.UserConnects, time);
    }

    /// <summary>Takes a place for a socket of the user, to be given back with <see cref="Release"/>; or says why there is none.</summary>
    public Refusal? Take(UserId user)
    {
        lock (_gate)
        {
            if (_taken >= _limits.SocketsPerNode)
            {
                return Refuse(nameof(LimitOptions.SocketsPerNode), new(ErrorCodes.Unavailable, "the node has no room", Later()));
            }

            var own = _byUser.GetValueOrDefault(user);
            if (own >= _limits.SocketsPerUser)
            {
                return Refuse(
                    nameof(LimitOptions.SocketsPerUser),
                    Refusal.RateLimited($"a user may have {_limits.SocketsPerUser} sockets on a node", Later())
                );
            }

            if (_userConnects.Take(user) is { } after)
            {
                return Refuse(
                    nameof(LimitOptions.UserConnectsPerMinute),
                    Refusal.RateLimited($"a user may open {_limits.UserConnectsPerMinute} sockets a minute on a node", after)
                );
            }

            _byUser[user] = own + 1;
            _taken++;
            return null;
        }
    }

    /// <summary>Gives the place back.</summary>
    public void Release(UserId user)
    {
        lock (_gate)
        {
            _taken--;
            if (--_byUser[user] == 0)
            {
                _byUser.Remove(user);
            }
        }
    }

    /// <summary>Whether it is its turn at once, as a rule: then nothing needs to be kept for a wait.</summary>
    public bool HasTurn()
    {
        using var turn = _connects.AttemptAcquire();
        return turn.IsAcquired;
    }

    /// <summary>Waits for its turn, if many come at once; or says that too many wait already.</summary>
    public async ValueTask<Refusal?> WaitTurnAsync(CancellationToken aborted)
    {
        using var turn = await _connects.AcquireAsync(1, aborted);
        return turn.IsAcquired
            ? null
            : Refuse(nameof(LimitOptions.ConnectsPerSecond), new(ErrorCodes.Unavailable, "too many come at once", Later()));
    }

    /// <inheritdoc/>
    public void Dispose() => _connects.Dispose();

    /// <summary>How many are let in how often. A whole number, and no more than the limiter can hold: so the time is what is fitted to the rate.</summary>
    internal static (int Count, TimeSpan Period) Share(int perSecond, int burst)
    {
        var count = Math.Min(burst, (int)Math.Ceiling(perSecond * Step.TotalSeconds));
        var period = TimeSpan.FromSeconds(1) * count / perSecond;
        return (count, period > Shortest ? period : Shortest);
    }

    private static TokenBucketRateLimiter Connects(LimitOptions limits)
    {
        var (count, period) = Share(limits.ConnectsPerSecond, limits.ConnectsBurst);
        return new(
            new()
            {
                TokenLimit = limits.ConnectsBurst,
                TokensPerPeriod = count,
                ReplenishmentPeriod = period,
                QueueLimit = limits.ConnectsWaiting,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
                AutoReplenishment = true,
            }
        );
    }

    private static TimeSpan Later() => LongestWait * Random.Shared.NextDouble();

    private Refusal Refuse(string limit, Refusal refusal)
    {
        _counters.AddLimited(limit);
        return refusal;
    }
}
