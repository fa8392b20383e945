using System.Collections.Concurrent;

namespace Presence.Benchmarks.Faults.Crowds;

/// <summary>What a crowd counts together.</summary>
internal sealed class CrowdBoard(Findings findings, FrameLog frames)
{
    private int _pushes;
    private int _resumed;
    private int _fresh;
    private int _turnedAway;
    private int _olderInFreshSnapshots;
    private int _toldAgain;

    public Findings Findings => findings;

    public FrameLog Frames => frames;

    /// <summary>From when a person wanted a change until it was acknowledged.</summary>
    public Delays Acknowledged { get; } = new();

    /// <summary>The same of those only that were refused meanwhile: who lost a connection is not among them.</summary>
    public Delays RefusedFor { get; } = new();

    /// <summary>From the loss of a connection until the next one had its whole snapshot.</summary>
    public Delays Reconnected { get; } = new();

    /// <summary>From sending to the error, by code.</summary>
    public ConcurrentDictionary<string, Delays> RefusedAfter { get; } = new();

    /// <summary>Closes by code; 0: broken.</summary>
    public ConcurrentDictionary<int, int> Closes { get; } = new();

    /// <summary>Presence pushes.</summary>
    public int Pushes => Volatile.Read(ref _pushes);

    /// <summary>Connections that went on with their session, and those that could not.</summary>
    public (int Resumed, int Fresh) Sessions => (Volatile.Read(ref _resumed), Volatile.Read(ref _fresh));

    /// <summary>Connects that were refused, answered too late, or closed before their snapshot.</summary>
    public int TurnedAway => Volatile.Read(ref _turnedAway);

    /// <summary>Records in a fresh snapshot older than what the same client saw on an earlier connection: allowed, since a client keeps the newer.</summary>
    public int OlderInFreshSnapshots => Volatile.Read(ref _olderInFreshSnapshots);

    /// <summary>Pushes, once a connection, of a version that the client had from an earlier one that it resumes: allowed, since a cursor may lag behind what was seen, and a client keeps the newer.</summary>
    public int ToldAgain => Volatile.Read(ref _toldAgain);

    public void AddPush() => Interlocked.Increment(ref _pushes);

    public void AddSession(bool resumed)
    {
        if (resumed)
        {
            Interlocked.Increment(ref _resumed);
        }
        else
        {
            Interlocked.Increment(ref _fresh);
        }
    }

    public void AddTurnedAway() => Interlocked.Increment(ref _turnedAway);

    public void AddToldAgain() => Interlocked.Increment(ref _toldAgain);

    public void AddOlderInFreshSnapshot() => Interlocked.Increment(ref _olderInFreshSnapshots);

    public void AddClose(int code) => Closes.AddOrUpdate(code, 1, (_, count) => count + 1);

    public void Refused(string code, TimeSpan after) => RefusedAfter.GetOrAdd(code, _ => new()).Add(after);
}
