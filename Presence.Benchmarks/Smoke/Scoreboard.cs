using System.Diagnostics;
using System.Globalization;

namespace Presence.Benchmarks.Smoke;

/// <summary>What was sent, what arrived, and what should not have happened.</summary>
internal sealed class Scoreboard(int users, int contacts)
{
    private readonly long[] _sentAt = new long[users];
    private readonly double[] _latencies = new double[users * contacts];
    private int _round;
    private int _delivered;
    private int _acknowledged;
    private int _answered;
    private long _pushes;
    private long _doubled;
    private long _outOfOrder;
    private long _unexpected;
    private long _refused;
    private long _closed;
    private long _sentAway;

    /// <summary>The round of changes, from 1.</summary>
    public int Round => Volatile.Read(ref _round);

    /// <summary>Changes that reached a contact in this round.</summary>
    public int Delivered => Volatile.Read(ref _delivered);

    /// <summary>Changes that were acknowledged to their sender in this round.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Changes that were answered in this round, one way or the other.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>All that was pushed since the start.</summary>
    public long Pushes => Interlocked.Read(ref _pushes);

    /// <summary>Pushes of a change, or of a version, that was there already.</summary>
    public long Doubled => Interlocked.Read(ref _doubled);

    /// <summary>Pushes of a version older than one that was there.</summary>
    public long OutOfOrder => Interlocked.Read(ref _outOfOrder);

    /// <summary>Pushes about strangers, or with a text that was not sent.</summary>
    public long Unexpected => Interlocked.Read(ref _unexpected);

    /// <summary>Changes that were answered by an error.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Sockets that the server closed, or that broke.</summary>
    public long Closed => Interlocked.Read(ref _closed);

    /// <summary>Connects that the server answered by "try again later", as one that is too busy may.</summary>
    public long SentAway => Interlocked.Read(ref _sentAway);

    /// <summary>Whether something is on the board that may never be there.</summary>
    public bool Clean => Doubled + OutOfOrder + Unexpected + Refused + Closed == 0;

    /// <summary>Begins the next round of changes.</summary>
    public void NextRound()
    {
        _delivered = 0;
        _acknowledged = 0;
        _answered = 0;
        Interlocked.Increment(ref _round);
    }

    /// <summary>The text that the user sends in this round, noted as sent now.</summary>
    public string Send(int user)
    {
        _sentAt[user] = Stopwatch.GetTimestamp();
        return string.Create(CultureInfo.InvariantCulture, $"{_round} {ContactRing.Id(user)}");
    }

    /// <summary>Whether that is the text that the user sent in this round.</summary>
    public bool IsTextOf(int user, ReadOnlySpan<byte> text)
    {
        var space = text.IndexOf((byte)' ');
        return space > 0
            && int.TryParse(text[..space], CultureInfo.InvariantCulture, out var round)
            && round == Round
            && ContactRing.UserOf(text[(space + 1)..]) == user;
    }

    public void AddDelivered(int user)
    {
        var elapsed = Stopwatch.GetElapsedTime(_sentAt[user]).TotalMilliseconds;
        var index = Interlocked.Increment(ref _delivered) - 1;
        if (index < _latencies.Length)
        {
            _latencies[index] = elapsed;
        }
    }

    public void AddAcknowledged()
    {
        Interlocked.Increment(ref _acknowledged);
        Interlocked.Increment(ref _answered);
    }

    public void AddPush() => Interlocked.Increment(ref _pushes);

    public void AddDoubled() => Interlocked.Increment(ref _doubled);

    public void AddOutOfOrder() => Interlocked.Increment(ref _outOfOrder);

    public void AddUnexpected() => Interlocked.Increment(ref _unexpected);

    public void AddRefused()
    {
        Interlocked.Increment(ref _refused);
        Interlocked.Increment(ref _answered);
    }

    public void AddSentAway() => Interlocked.Increment(ref _sentAway);

    public void AddClosed() => Interlocked.Increment(ref _closed);

    /// <summary>The latency, in ms, that this share of the round's deliveries did not exceed.</summary>
    public double Latency(double share)
    {
        var arrived = _latencies.AsSpan(0, Math.Min(Delivered, _latencies.Length)).ToArray();
        Array.Sort(arrived);
        return arrived.Length == 0 ? double.NaN : arrived[(int)((arrived.Length - 1) * share)];
    }
}
