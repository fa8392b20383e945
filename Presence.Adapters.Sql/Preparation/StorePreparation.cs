using Presence.Adapters.Sql.Migrations;
using Presence.Core.Cluster;

namespace Presence.Adapters.Sql;

/// <summary>Makes the store ready before anything else opens it: reached, migrated, writable, and, for a file, used by no other process. Holds the file's lock until it is disposed.</summary>
public sealed class StorePreparation(StorageOptions options, NodeName node) : IDisposable
{
    private FileLock? _lock;

    /// <summary>The scripts of the tables on PostgreSQL, for who applies them by hand (<see cref="StorageOptions.Migrate"/> false).</summary>
    public static string PostgreSqlSchema => Migrator.PostgreSqlText();

    /// <summary>Makes the store ready, or says within 3 s why it can't be (a migration takes as long as it takes).</summary>
    /// <exception cref="StoreStartException">It can't be used.</exception>
    public async Task Prepare(CancellationToken cancellation = default)
    {
        if (options.Problems().FirstOrDefault() is { } problem)
        {
            throw new StoreStartException(problem);
        }

        if (options.IsPostgreSql)
        {
            await PostgresPreparation.Prepare(options, node, cancellation);
            return;
        }

        SqliteFolder.Prepare(options);
        _lock ??= FileLock.Take(SqliteSettings.Path(options));
        // Off this thread: the driver's waits block it.
        await Task.Run(() => SqlitePreparation.Prepare(options), cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();
}
