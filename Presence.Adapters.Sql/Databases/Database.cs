using System.Data.Common;
using Presence.Core.Cluster;
using Presence.Core.Errors;

namespace Presence.Adapters.Sql;

/// <summary>A database as the stores use it: short reads and short writing transactions, each with a deadline over the whole of it, whose failures to reach it all look alike.</summary>
internal abstract class Database(TimeProvider time) : IAsyncDisposable
{
    /// <summary>From the wait for a connection until the commit begins. A client is told within 2 s that the store is out of reach, and the timeouts of a connect and some statements would add up to more.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(1_500);

    /// <summary>How the latest write ended.</summary>
    public WriteOutcomes Outcomes { get; } = new(time);

    /// <summary>Where this database's SQL differs.</summary>
    public abstract Dialect Dialect { get; }

    /// <summary>The database of those options.</summary>
    public static Database Of(StorageOptions options, NodeName node, TimeProvider time) =>
        options.IsPostgreSql ? new PostgresDatabase(options, node, time) : new SqliteDatabase(options, time);

    /// <summary>Reads, in one statement.</summary>
    /// <exception cref="StoreUnavailableException">The store is out of reach.</exception>
    public Task<T> Read<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellation) =>
        InTime(Deadline, token => Reading(read, token), cancellation);

    /// <summary>Writes, all or nothing.</summary>
    /// <param name="write">What is written.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="rows">How many rows, where they may be many thousands: the deadline grows with them.</param>
    /// <param name="isBackground">Nobody waits for it: of such writes one at a time stands in the way of those for which somebody does.</param>
    /// <exception cref="StoreUnavailableException">The store is out of reach, locked, read-only or full, or has shut this node out.</exception>
    public Task<T> Write<T>(Func<DbTransaction, Task<T>> write, CancellationToken cancellation, int rows = 0, bool isBackground = false) =>
        Outcomes.Of(
            InTime(Deadline + TimeSpan.FromSeconds(rows / Commands.RowsAtOnce), token => Writing(write, isBackground, token), cancellation)
        );

    /// <summary>What was deleted is in none of the store's files any more, where the files are this program's own.</summary>
    /// <exception cref="StoreUnavailableException">It can't be done now.</exception>
    public virtual Task Scrub(CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    protected abstract Task<T> Reading<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellation);

    protected abstract Task<T> Writing<T>(Func<DbTransaction, Task<T>> write, bool isBackground, CancellationToken cancellation);

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
                // Who was told that it failed must not find it written.
                cancellation.ThrowIfCancellationRequested();
                // What came this far is finished: an answer that is "cancelled" though all is stored would help nobody.
                await transaction.CommitAsync(CancellationToken.None);
                return result;
            },
            cancellation
        );

    /// <summary>Answers at the deadline, whatever the driver is at; what was begun then ends by the driver's own timeouts, and commits nothing.</summary>
    private async Task<T> InTime<T>(TimeSpan limit, Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        var late = new CancellationTokenSource(limit, time);
        var deadline = late.Token;
        try
        {
            return await Until(late, work, cancellation).WaitAsync(deadline);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw StoreFailures.Unavailable(new TimeoutException($"it did not answer within {limit.TotalSeconds} s"));
        }
    }

    /// <summary>Disposes of the deadline when the work has ended, which may be after nobody waits for it any more.</summary>
    private static async Task<T> Until<T>(
        CancellationTokenSource late,
        Func<CancellationToken, Task<T>> work,
        CancellationToken cancellation
    )
    {
        using (late)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
            return await work(either.Token);
        }
    }
}
