using Presence.Core.Cluster;

namespace Presence.Specs.World;

/// <summary>The mark of the shared clock, in memory.</summary>
internal sealed class ClockMarkInMemory : IClockStore
{
    private long _mark;

    public Gate Gate { get; } = new();

    public long Value => Interlocked.Read(ref _mark);

    public Task<long> Mark(CancellationToken cancellation) => Gate.Pass(() => Value);

    public Task Raise(long mark, CancellationToken cancellation) =>
        Gate.Pass(() => Interlocked.Exchange(ref _mark, Math.Max(mark, Value)));
}
