namespace Presence.Core.Cluster;

/// <summary>
/// Keeps how late the clock is that all nodes share. A node that starts takes it up before it gives out any version: one whose wall clock is behind would give out versions
/// below what others have told already, and so would a cluster that starts again after its wall clocks were set back.
/// </summary>
/// <remarks>A store out of reach fails the task with <see cref="Errors.StoreUnavailableException"/>.</remarks>
public interface IClockStore
{
    /// <summary>How late it is by the highest mark and the time that has passed since it was raised, as the store's own clock tells it; in microseconds since 1970. 0: there is no mark.</summary>
    Task<long> Read(CancellationToken cancellation);

    /// <summary>Raises the mark; one that is lower than the stored one changes nothing.</summary>
    Task Raise(long mark, CancellationToken cancellation);
}
