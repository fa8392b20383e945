using System.Diagnostics;
using Presence.Core.Cluster;

namespace Presence.Specs.World;

/// <summary>The mark of the shared clock, in memory; the store's own clock is the machine's.</summary>
internal sealed class ClockMarkInMemory : IClockStore
{
    private readonly Lock _gate = new();
    private (long Value, long At) _mark;

    public Task<long> Read(CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult(_mark.Value == 0 ? 0 : _mark.Value + (long)Stopwatch.GetElapsedTime(_mark.At).TotalMicroseconds);
        }
    }

    public Task Raise(long mark, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _mark = mark > _mark.Value ? (mark, Stopwatch.GetTimestamp()) : _mark;
        }

        return Task.CompletedTask;
    }
}
