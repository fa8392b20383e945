using System.Globalization;

namespace Presence.Benchmarks.Faults.Crowds;

/// <summary>How long something took, each time.</summary>
internal sealed class Delays
{
    private readonly Lock _lock = new();
    private readonly List<float> _milliseconds = [];

    /// <summary>How often.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _milliseconds.Count;
            }
        }
    }

    /// <summary>The longest, in ms; 0 for none.</summary>
    public double Longest => Share(1);

    /// <summary>Adds one.</summary>
    public void Add(TimeSpan took)
    {
        lock (_lock)
        {
            _milliseconds.Add((float)took.TotalMilliseconds);
        }
    }

    /// <summary>What this share of them did not exceed, in ms; 0 for none.</summary>
    public double Share(double share)
    {
        float[] all;
        lock (_lock)
        {
            all = [.. _milliseconds];
        }

        Array.Sort(all);
        return all.Length == 0 ? 0 : all[(int)((all.Length - 1) * share)];
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Share(0.5):N0} / {Share(0.99):N0} / {Longest:N0} ms of {Count:N0}");
}
