using Npgsql;
using Presence.Adapters.Sql.Cluster;
using Presence.Core.Cluster;
using Presence.Core.Errors;

namespace Presence.Adapters.Sql;

/// <summary>How the latest write of this node ended.</summary>
internal sealed class WriteOutcomes(TimeProvider time)
{
    private sealed record Outcome(WriteHealth Health, long At);

    private Outcome? _latest;

    /// <summary>Whether the latest write failed.</summary>
    public bool Fails => _latest is { Health: not WriteHealth.Works };

    /// <summary>How the latest write ended, if that was no longer ago; else null.</summary>
    public WriteHealth? Within(TimeSpan age) => _latest is { } latest && time.GetElapsedTime(latest.At) < age ? latest.Health : null;

    /// <summary>Notes how the write ends. What a caller gave up says nothing.</summary>
    public async Task<T> Of<T>(Task<T> write)
    {
        try
        {
            var result = await write;
            Note(WriteHealth.Works);
            return result;
        }
        catch (StoreUnavailableException failure)
        {
            var isShutOut = failure.InnerException is PostgresException { SqlState: PostgresNodeFence.RefusedState };
            Note(isShutOut ? WriteHealth.ShutOut : WriteHealth.Fails);
            throw;
        }
    }

    private void Note(WriteHealth health) => _latest = new(health, time.GetTimestamp());
}
