namespace Presence.Benchmarks.Faults.Crowds;

/// <summary>When a person had no connection that anybody could know of, by the suite's own record. Everybody is away at first.</summary>
internal sealed class Whereabouts
{
    /// <summary>What is allowed for the suite hearing of an end later than the server does, on a machine that both share.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(500);

    /// <summary>How long an offline that was true may take to arrive, the person being back meanwhile.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly List<(DateTime From, DateTime To)> _past = [];
    private DateTime? _awaySince = DateTime.MinValue;

    /// <summary>Since when; null while the person is there.</summary>
    public DateTime? AwaySince
    {
        get
        {
            lock (_lock)
            {
                return _awaySince;
            }
        }
    }

    /// <summary>The connection ended, or nothing is known of it from now on.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _awaySince ??= DateTime.UtcNow;
        }
    }

    /// <summary>There is a connection.</summary>
    public void Return()
    {
        lock (_lock)
        {
            if (_awaySince is { } since)
            {
                _past.Add((since, DateTime.UtcNow));
                _awaySince = null;
            }
        }
    }

    /// <summary>Whether somebody may be shown offline who was, or is, away like that.</summary>
    /// <param name="seenAt">When it was seen.</param>
    /// <param name="changedAt">When the record says that it became so; null where it doesn't say.</param>
    /// <param name="grace">The grace time.</param>
    public bool MayBeOffline(DateTime seenAt, DateTime? changedAt, TimeSpan grace)
    {
        lock (_lock)
        {
            if (_awaySince is { } since && IsOver(since, grace, seenAt))
            {
                return true;
            }

            return _past.Exists(away =>
                IsOver(away.From, grace, away.To)
                && IsOver(away.From, grace, seenAt)
                && seenAt <= away.To + Late
                && (changedAt is null || changedAt <= away.To + Tolerance)
            );
        }
    }

    private static bool IsOver(DateTime since, TimeSpan grace, DateTime at) =>
        since == DateTime.MinValue || at - since >= grace - Tolerance;
}
