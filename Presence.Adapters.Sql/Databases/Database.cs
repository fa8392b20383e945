using System.Data.Common;
using Presence.Core.Cluster;
using Presence.Core.Errors;

namespace Presence.Adapters.Sql;

/// <summary>A database as the stores use it: short reads and short writing transactions, whose failures to reach it all look alike.</summary>
internal abstract class Database : IAsyncDisposable
{
    /// <summary>Where this database's SQL differs.</summary>
    public abstract Dialect Dialect { get; }

    /// <summary>The database of those options.</summary>
    public static Database Of(StorageOptions options, NodeName node) =>
        options.IsPostgreSql ? new PostgresDatabase(options, node) : new SqliteDatabase(options);

    /// <summary>Reads, in one statement.</summary>
    /// <exception cref="StoreUnavailableException">The store is out of reach.</exception>
    public abstract Task<T> Read<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellation);

    /// <summary>Writes, all or nothing.</summary>
    /// <exception cref="StoreUnavailableException">The store is out of reach, locked, read-only or full.</exception>
    public abstract Task<T> Write<T>(Func<DbTransaction, Task<T>> write, CancellationToken cancellation);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    protected static async Task<T> Reading<T>(DbConnection connection, Func<DbConnection, Task<T>> read, CancellationToken cancellation)
    {
        try
        {
            await using (connection)
            {
                await connection.OpenAsync(cancellation);
                return await read(connection);
            }
        }
        catch (Exception failure) when (StoreFailures.IsUnavailable(failure))
        {
            throw StoreFailures.Unavailable(failure);
        }
    }

    protected static Task<T> Writing<T>(DbConnection connection, Func<DbTransaction, Task<T>> write, CancellationToken cancellation) =>
        Reading(
            connection,
            async open =>
            {
                await using var transaction = await open.BeginTransactionAsync(cancellation);
                var result = await write(transaction);
                // What came this far is finished: an answer that is "cancelled" though all is stored would help nobody.
                await transaction.CommitAsync(CancellationToken.None);
                return result;
            },
            cancellation
        );
}
