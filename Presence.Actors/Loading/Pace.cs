namespace Presence.Actors.Loading;

/// <summary>How much a writer of the background writes at once, and how long it leaves the store to others afterwards: as much as takes some hundredths of a second, and as long as it took.</summary>
/// <param name="least">The fewest bytes of a write.</param>
/// <param name="most">The most.</param>
internal sealed class Pace(int least, int most)
{
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly int _most = most;

    /// <summary>How many bytes the next write may have.</summary>
    public int Bytes { get; private set; } = most;

    /// <summary>How long to wait before the next write.</summary>
    public TimeSpan Pause { get; private set; }

    /// <summary>The last write took that long. It includes the wait for others, so that a busy store is left alone for longer.</summary>
    public void Took(TimeSpan time)
    {
        Bytes = time > Slow ? Math.Max(least, Bytes / 2) : Math.Min(_most, Bytes * 2);
        Pause = time < LongestPause ? time : LongestPause;
    }
}
