using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Presence.Adapters.Sql;

/// <summary>A connection to the SQLite file that holds the gate from the begin of a writing transaction until it is closed. The stores and the journal use the same kind, so no writer of this process gets in the way of another.</summary>
internal sealed class StoreConnection(string connectionString, WriteGate gate, bool isBackground = false)
    : SqliteConnection(connectionString)
{
    // WAL lasts in the file, these last for the connection. FULL: a commit that was acknowledged survives the loss of power too, not only
    // the kill of the process (for which NORMAL would do). It costs one fsync a commit, and commits gather many writes. The busy timeout is as
    // long as the command timeout: were it shorter, the driver would start the wait once more.
    // What is deleted, or replaced, is overwritten with zeros: else it stays in the file until its place is used again.
    private static readonly string Pragmas =
        $"pragma busy_timeout = {SqliteSettings.LockSeconds * 1000}; pragma synchronous = full; pragma secure_delete = on;";

    private int _holds;

    /// <inheritdoc/>
    public override void Open()
    {
        base.Open();
        using var command = CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public override void Close()
    {
        base.Close();
        Leave();
    }

    /// <inheritdoc/>
    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel)
    {
        if (Enters(isolationLevel))
        {
            gate.Enter(isBackground);
        }

        return Begin(isolationLevel);
    }

    /// <inheritdoc/>
    protected override async ValueTask<DbTransaction> BeginDbTransactionAsync(
        IsolationLevel isolationLevel,
        CancellationToken cancellationToken
    )
    {
        if (Enters(isolationLevel))
        {
            await gate.Enter(isBackground, cancellationToken);
        }

        return Begin(isolationLevel);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Leave();
    }

    /// <summary>The driver takes the write lock at once (<c>begin immediate</c>), but for this level, with which it begins a plain reading snapshot.</summary>
    private static bool IsWrite(IsolationLevel level) => level != IsolationLevel.ReadUncommitted;

    private bool Enters(IsolationLevel level) => IsWrite(level) && _holds == 0;

    private DbTransaction Begin(IsolationLevel level)
    {
        if (IsWrite(level))
        {
            _holds = 1;
        }

        try
        {
            return base.BeginDbTransaction(level);
        }
        catch (Exception failure)
        {
            if (failure is SqliteException { SqliteErrorCode: raw.SQLITE_BUSY })
            {
                gate.FoundLocked();
            }

            Leave();
            throw;
        }
    }

    private void Leave()
    {
        if (Interlocked.Exchange(ref _holds, 0) == 1)
        {
            gate.Leave(isBackground);
        }
    }
}
