using System.Data.Common;
using Npgsql;
using Presence.Core.Cluster;

namespace Presence.Adapters.Sql;

/// <summary>The server, through a pool of connections.</summary>
internal sealed class PostgresDatabase(StorageOptions options, NodeName node, TimeProvider time) : Database(time)
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(PostgresSettings.ConnectionString(options, node));

    /// <inheritdoc/>
    public override Dialect Dialect => Dialect.PostgreSql;

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <inheritdoc/>
    protected override Task<T> Reading<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellation) =>
        Reading(_source.CreateConnection(), read, cancellation);

    /// <summary>The server lets many write at once: those in the background need no queue of their own.</summary>
    protected override Task<T> Writing<T>(Func<DbTransaction, Task<T>> write, bool isBackground, CancellationToken cancellation) =>
        Writing(_source.CreateConnection(), write, cancellation);
}
