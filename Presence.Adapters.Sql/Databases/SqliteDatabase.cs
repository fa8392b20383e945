using System.Data.Common;
using System.Globalization;

namespace Presence.Adapters.Sql;

/// <summary>The file. Its driver knows no asynchronous calls, so they run on pool threads, and no more of them at once than help.</summary>
internal sealed class SqliteDatabase(StorageOptions options, TimeProvider time) : Database(time)
{
    /// <summary>Reads at once: enough to keep the cores busy, few enough that a file locked by another process holds up no more threads than that.</summary>
    private const int Readers = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(900);

    private readonly string _connectionString = SqliteSettings.ConnectionString(options);
    private readonly WriteGate _gate = WriteGate.Of(SqliteSettings.Path(options));
    private readonly SemaphoreSlim _readers = new(Readers, Readers);

    /// <inheritdoc/>
    public override Dialect Dialect => Dialect.Sqlite;

    /// <summary>What is deleted is overwritten (<c>secure_delete</c>) in the pages that a transaction writes. Earlier states of those pages are in the write-ahead log, until it is written back and cut off.</summary>
    public override async Task Scrub(CancellationToken cancellation)
    {
        await _gate.Enter(isBackground: false, cancellation);
        try
        {
            await Task.Run(() => CutLog(cancellation), cancellation);
        }
        finally
        {
            _gate.Leave(isBackground: false);
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _readers.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task<T> Reading<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellation)
    {
        if (!await _readers.WaitAsync(Patience, cancellation))
        {
            throw StoreFailures.Unavailable(new TimeoutException("earlier reads of the database file did not finish in time"));
        }

        try
        {
            return await Task.Run(() => Reading(Connection(), read, cancellation), cancellation);
        }
        finally
        {
            _readers.Release();
        }
    }

    /// <inheritdoc/>
    protected override Task<T> Writing<T>(Func<DbTransaction, Task<T>> write, bool isBackground, CancellationToken cancellation) =>
        Task.Run(() => Writing(Connection(isBackground), write, cancellation), cancellation);

    /// <summary>It can't be cut while somebody reads from it; reads are short, and are waited for.</summary>
    private async Task CutLog(CancellationToken cancellation)
    {
        var busy = await Reading(
            Connection(),
            async connection =>
            {
                await using var command = connection.CreateCommand();
                command.CommandText = "pragma wal_checkpoint(truncate)";
                return Convert.ToInt64(await command.ExecuteScalarAsync(cancellation), CultureInfo.InvariantCulture) != 0;
            },
            cancellation
        );
        if (busy)
        {
            throw StoreFailures.Unavailable(new TimeoutException("the write-ahead log is being read and can't be cut off"));
        }
    }

    private StoreConnection Connection(bool isBackground = false) => new(_connectionString, _gate, isBackground);
}
