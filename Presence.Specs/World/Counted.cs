using System.Diagnostics.Metrics;

namespace Presence.Specs.World;

/// <summary>What is added to a counter while it is listened to.</summary>
internal sealed class Counted : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _sum;

    public Counted(Instrument counter)
    {
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _sum, value));
        _listener.EnableMeasurementEvents(counter);
    }

    public long Sum => Interlocked.Read(ref _sum);

    public void Dispose() => _listener.Dispose();
}
