using Microsoft.Data.Sqlite;
using Npgsql;
using Presence.Adapters.Sql.Cluster;
using Presence.Core.Errors;
using SQLitePCL;

namespace Presence.Adapters.Sql;

/// <summary>Tells a store out of reach, which may be back, from a mistake in this program, which won't go away.</summary>
internal static class StoreFailures
{
    /// <summary>Whether the store is out of reach, locked, read-only or full, or has shut this node out.</summary>
    public static bool IsUnavailable(Exception failure) =>
        failure switch
        {
            SqliteException sqlite => IsUnavailable(sqlite.SqliteErrorCode),
            PostgresException postgres => IsUnavailable(postgres.SqlState),
            // What isn't the server's own answer is the way to it.
            NpgsqlException or TimeoutException => true,
            _ => false,
        };

    /// <summary>As those who call the stores know it.</summary>
    public static StoreUnavailableException Unavailable(Exception failure) =>
        new($"the store is unavailable: {OneLine.Of(failure.Message)}", failure);

    private static bool IsUnavailable(int code) =>
        code
            is raw.SQLITE_PERM
                or raw.SQLITE_BUSY
                or raw.SQLITE_LOCKED
                or raw.SQLITE_NOMEM
                or raw.SQLITE_READONLY
                or raw.SQLITE_INTERRUPT
                or raw.SQLITE_IOERR
                or raw.SQLITE_CORRUPT
                or raw.SQLITE_FULL
                or raw.SQLITE_CANTOPEN
                or raw.SQLITE_PROTOCOL
                or raw.SQLITE_NOTADB;

    /// <summary>By the classes of https://www.postgresql.org/docs/current/errcodes-appendix.html</summary>
    private static bool IsUnavailable(string state) =>
        state[..2]
            is "08" // connection
                or "28" // refused to let in
                or "3D" // no such database (any more)
                or "40" // rolled back: deadlock, serialization
                or "53" // out of connections, memory or disk
                or "55" // not in that state: locked
                or "57" // shutting down, cancelled
                or "58" // its own input and output
        || state is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresNodeFence.RefusedState;
}
