namespace Presence.Core.Cluster;

/// <summary>Keeps how late the clock was that all nodes share, so that versions go on above those of an earlier life of the cluster, also where the wall clock was set back meanwhile.</summary>
/// <remarks>A store out of reach fails the task with <see cref="Errors.StoreUnavailableException"/>.</remarks>
public interface IClockStore
{
    /// <summary>The highest mark that was ever raised, in microseconds since 1970; 0: none was.</summary>
    Task<long> Mark(CancellationToken cancellation);

    /// <summary>Raises the mark; one that is lower than the stored one changes nothing.</summary>
    Task Raise(long mark, CancellationToken cancellation);
}
