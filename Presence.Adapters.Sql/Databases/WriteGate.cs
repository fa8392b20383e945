using System.Collections.Concurrent;
using Presence.Core.Errors;

namespace Presence.Adapters.Sql;

/// <summary>Lets one writer at a time of this process to a SQLite file, in turn. SQLite's own lock is not fair: under an import, which writes without a pause, the journal would find it taken again and again.</summary>
internal sealed class WriteGate
{
    /// <summary>Under the file's lock timeout plus this a caller knows; together they stay under 2 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(900);

    /// <summary>A file that another process was found to hold is not tried again for so long. Who came while one writer waited for that lock knows at once, and does not wait as long again.</summary>
    private const long LockedMilliseconds = 200;

    private static readonly ConcurrentDictionary<string, WriteGate> ByPath = new(StringComparer.Ordinal);

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Of the writes for which nobody waits, one at a time stands in the queue for the turn. What somebody waits for has at most that one before it, however many there are.</summary>
    private readonly SemaphoreSlim _background = new(1, 1);
    private long _lockedUntil = long.MinValue;

    private readonly TimeSpan _patience;

    /// <summary>A gate of its own.</summary>
    /// <param name="patience">How long a turn is waited for.</param>
    public WriteGate(TimeSpan patience) => _patience = patience;

    /// <summary>The gate of that file: the journal and the stores, which do not know each other, share it.</summary>
    public static WriteGate Of(string path) => ByPath.GetOrAdd(path, _ => new WriteGate(Patience));

    /// <summary>Waits for the turn.</summary>
    /// <param name="isBackground">Nobody waits for what is written.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">It did not come in time, or another process holds the file.</exception>
    public async ValueTask Enter(bool isBackground, CancellationToken cancellation)
    {
        if (isBackground && !await _background.WaitAsync(_patience, cancellation))
        {
            throw Busy();
        }

        try
        {
            if (!await _turn.WaitAsync(_patience, cancellation))
            {
                throw Busy();
            }
        }
        catch
        {
            LeaveBackground(isBackground);
            throw;
        }

        LeaveIfLocked(isBackground);
    }

    /// <summary>Waits for the turn, on this thread.</summary>
    /// <param name="isBackground">Nobody waits for what is written.</param>
    /// <exception cref="StoreUnavailableException">It did not come in time, or another process holds the file.</exception>
    public void Enter(bool isBackground)
    {
        if (isBackground && !_background.Wait(_patience))
        {
            throw Busy();
        }

        if (!_turn.Wait(_patience))
        {
            LeaveBackground(isBackground);
            throw Busy();
        }

        LeaveIfLocked(isBackground);
    }

    /// <summary>Whose turn it is found that another process holds the file.</summary>
    public void FoundLocked() => _lockedUntil = Environment.TickCount64 + LockedMilliseconds;

    /// <summary>Gives the turn to the next.</summary>
    public void Leave(bool isBackground)
    {
        _turn.Release();
        LeaveBackground(isBackground);
    }

    private void LeaveBackground(bool isBackground)
    {
        if (isBackground)
        {
            _background.Release();
        }
    }

    private void LeaveIfLocked(bool isBackground)
    {
        if (Environment.TickCount64 < _lockedUntil)
        {
            Leave(isBackground);
            throw new StoreUnavailableException("the database file is locked by another process");
        }
    }

    private static StoreUnavailableException Busy() =>
        new("the database file is busy: other writers of this process did not finish in time");
}
