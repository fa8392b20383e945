namespace Presence.Core.Users;

/// <summary>
/// The clock by which versions, epochs and cursors are counted. It runs with the monotonic clock of its node. It steps forward to the wall clock where that is ahead,
/// and to what it hears from other nodes, so that all nodes agree to within the time that a message takes. It never goes back.
/// </summary>
/// <remarks>All times are microseconds: the shared and the wall time since 1970, the monotonic time since whenever. Any thread may call it.</remarks>
public sealed class HybridClock
{
    /// <summary>Versions stay below it. A node that claims to be beyond it is not listened to.</summary>
    private const long Latest = 1L << 53;

    /// <summary>A smaller step is the drift of the wall clock, and no jump.</summary>
    private const long Jump = 10_000;

    private readonly Lock _gate = new();

    private const long Never = long.MinValue / 4;

    /// <summary>What is added to the monotonic time; it only grows.</summary>
    private long _ahead = Never;
    private long _aheadBefore = Never;
    private long _jumpedAt = Never;

    /// <summary>The shared time.</summary>
    /// <param name="wall">The wall clock of this node.</param>
    /// <param name="elapsed">The monotonic time.</param>
    public long Read(long wall, long elapsed)
    {
        if (wall - elapsed > Volatile.Read(ref _ahead))
        {
            Observe(wall, elapsed);
        }

        return elapsed + Volatile.Read(ref _ahead);
    }

    /// <summary>Another node said that it is that late, or a stored mark does: from now on it is at least that late here.</summary>
    public void Observe(long heard, long elapsed)
    {
        lock (_gate)
        {
            var ahead = heard - elapsed;
            if (ahead <= _ahead || heard >= Latest)
            {
                return;
            }

            if (_ahead != Never && ahead - _ahead > Jump)
            {
                _aheadBefore = IsFresh(elapsed) ? _aheadBefore : _ahead;
                _jumpedAt = elapsed;
            }

            Volatile.Write(ref _ahead, ahead);
        }
    }

    /// <summary>
    /// A time that is below each one read since <see cref="Slack"/> ago. Whatever was read earlier has been told by now, so it may be said that all until then was told.
    /// After a jump the time from before it counts for so long: what was read just before the jump may still be on its way to being told.
    /// </summary>
    public long Settled(long wall, long elapsed)
    {
        lock (_gate)
        {
            var now = Read(wall, elapsed) - (long)Slack.TotalMicroseconds;
            return IsFresh(elapsed) ? now - _ahead + _aheadBefore : now;
        }
    }

    /// <summary>Who takes a version tells it within that time, or its machine is too busy to be believed about the order of anything.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(100);

    private bool IsFresh(long elapsed) => elapsed - _jumpedAt <= (long)Slack.TotalMicroseconds;
}
