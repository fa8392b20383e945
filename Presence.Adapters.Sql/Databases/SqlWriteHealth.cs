using Presence.Core.Cluster;
using Presence.Core.Errors;

namespace Presence.Adapters.Sql;

/// <summary>Knows by the writes that the node makes anyway whether writing works. Where there was none for 5 s, or the latest failed, it writes a row of its own, at most once a second however many ask.</summary>
internal sealed class SqlWriteHealth(Database database, TimeProvider time) : IWriteHealth
{
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<WriteHealth>? _asked;
    private long _askedAt;

    /// <inheritdoc/>
    public Task<WriteHealth> Check()
    {
        if (database.Outcomes.Within(Lately) is WriteHealth.Works)
        {
            return Task.FromResult(WriteHealth.Works);
        }

        lock (_gate)
        {
            if (_asked is null || time.GetElapsedTime(_askedAt) >= Pause)
            {
                _askedAt = time.GetTimestamp();
                _asked = Write();
            }

            return _asked;
        }
    }

    private async Task<WriteHealth> Write()
    {
        try
        {
            await database.Write(
                transaction =>
                    transaction.Execute(
                        "insert into secrets (name, secret) values ('write-probe', @at) on conflict (name) do update set secret = excluded.secret",
                        new { at = BitConverter.GetBytes(time.GetUtcNow().UtcTicks) },
                        CancellationToken.None
                    ),
                CancellationToken.None
            );
            return WriteHealth.Works;
        }
        catch (StoreUnavailableException)
        {
            return database.Outcomes.Within(Lately) ?? WriteHealth.Fails;
        }
    }
}
