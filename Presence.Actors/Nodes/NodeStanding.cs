namespace Presence.Actors.Nodes;

/// <summary>Whether this node may tell anybody anything. One that was paused for long may have been taken for dead and replaced: until its peers have vouched for it, nothing that it holds for true leaves it.</summary>
/// <remarks>
/// A thread of its own takes the node's pulse. Whoever is about to tell something asks <see cref="MaySpeak"/>, which notices a missed beat itself: a node that wakes
/// is silent from its first step, whichever thread runs first. Any thread may call anything here.
/// </remarks>
public sealed class NodeStanding : IDisposable
{
    /// <summary>A pause longer than that is one in which the node may have been replaced. Below the time that takes at the least: the failure detector's pause and the split-brain resolver's stable-after, 5 s together.</summary>
    public static readonly TimeSpan LongestBeat = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    /// <summary>No pause; a time of a beat is never below 0.</summary>
    private const long None = -1;

    private readonly TimeProvider _time;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread? _pulse;
    private long _lastBeat;
    private long _pausedAfter = None;
    private volatile bool _shutOut;
    private volatile bool _leaving;
    private volatile bool _awaitsPeers;

    private NodeStanding(TimeProvider time, bool beating)
    {
        _time = time;
        _lastBeat = time.GetTimestamp();
        if (beating)
        {
            _pulse = new Thread(BeatOn) { IsBackground = true, Name = "pulse" };
            _pulse.Start();
        }
    }

    /// <summary>One whose pulse is taken.</summary>
    public static NodeStanding Watched(TimeProvider time) => new(time, beating: true);

    /// <summary>One whose pulse is taken by whoever holds it, with <see cref="TakePulse"/>.</summary>
    public static NodeStanding Unwatched(TimeProvider time) => new(time, beating: false);

    /// <summary>Whether what the node tells may be believed.</summary>
    public bool MaySpeak => !_shutOut && !Woke;

    /// <summary>Whether it woke from a pause, and nobody has vouched for it yet.</summary>
    public bool Woke
    {
        get
        {
            Notice(Interlocked.Read(ref _lastBeat), _time.GetTimestamp());
            return LastPause != None;
        }
    }

    /// <summary>Names the last pause that nobody has vouched for yet: each has another one.</summary>
    internal long LastPause => Interlocked.Read(ref _pausedAfter);

    /// <summary>Whether it was taken out of its cluster: for ever.</summary>
    public bool IsShutOut => _shutOut;

    /// <summary>Whether it is about to stop, and sends its clients away: they can come back to others, and to none where it is the only one.</summary>
    public bool IsLeaving => _leaving;

    /// <summary>Whether its entities wait: it has just come up, and its shared clock may be behind what its peers have told.</summary>
    public bool AwaitsPeers => _awaitsPeers;

    /// <summary>Whether it sees less than half of its cluster: who knows may be on the other side.</summary>
    public bool IsCutOff { get; internal set; }

    /// <summary>It sees less than half of its cluster, which may replace it: silent as after a pause, until enough are in reach again and vouch for it.</summary>
    internal void Doubt() => Interlocked.Exchange(ref _pausedAfter, _time.GetTimestamp());

    /// <summary>It is alive now; a long pause since the last beat is noticed.</summary>
    public void TakePulse()
    {
        var now = _time.GetTimestamp();
        // Before the beat is set: who asks in between would find it young, and nothing noticed yet.
        Notice(Interlocked.Read(ref _lastBeat), now);
        Interlocked.Exchange(ref _lastBeat, now);
    }

    /// <summary>The peers, asked after that pause, say that nobody has replaced it. Of a later pause they know nothing.</summary>
    internal bool Vouched(long pause) => Interlocked.CompareExchange(ref _pausedAfter, None, pause) == pause;

    /// <summary>It is about to stop: for ever.</summary>
    public void Leave() => _leaving = true;

    /// <summary>It has not heard yet how late it is at its peers.</summary>
    internal void AwaitPeers() => _awaitsPeers = true;

    /// <summary>It has.</summary>
    internal void HeardPeers() => _awaitsPeers = false;

    /// <summary>It has been taken out.</summary>
    internal void ShutOut() => _shutOut = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Set();
        _pulse?.Join();
        _stop.Dispose();
    }

    private void Notice(long lastBeat, long now)
    {
        if (_time.GetElapsedTime(lastBeat, now) > LongestBeat)
        {
            Interlocked.Exchange(ref _pausedAfter, lastBeat);
        }
    }

    private void BeatOn()
    {
        while (!_stop.Wait(Beat))
        {
            TakePulse();
        }
    }
}
