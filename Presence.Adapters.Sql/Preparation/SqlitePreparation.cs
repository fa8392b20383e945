using Microsoft.Data.Sqlite;
using Presence.Adapters.Sql.Migrations;
using SQLitePCL;

namespace Presence.Adapters.Sql;

/// <summary>Makes the file ready.</summary>
internal static class SqlitePreparation
{
    /// <summary>Opens it, sets WAL before anybody else opens it, migrates, and proves that it can be written.</summary>
    /// <exception cref="StoreStartException">It can't be used.</exception>
    public static void Prepare(StorageOptions options)
    {
        var path = SqliteSettings.Path(options);
        // The system would let root write it all the same; who marked it did not mean that.
        if (new FileInfo(path) is { Exists: true, IsReadOnly: true })
        {
            throw new StoreStartException(ReadOnly(path));
        }

        try
        {
            using var connection = new SqliteConnection(SqliteSettings.ConnectionString(options));
            connection.Open();
            SetWal(connection, path);
            // Before the migration, which would wait for the lock with every statement.
            ProveWritable(connection);
            Migrator.Migrate(options);
        }
        catch (SqliteException failure)
        {
            throw new StoreStartException(Line(failure, path), failure);
        }
    }

    private static void SetWal(SqliteConnection connection, string path)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "pragma journal_mode = wal";
        if (command.ExecuteScalar() is not "wal")
        {
            throw new StoreStartException($"the database file {path} can't keep a write-ahead log: put it on a local disk");
        }
    }

    private static void ProveWritable(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "create table presence_is_writable (probe integer)";
        command.ExecuteNonQuery();
        transaction.Rollback();
    }

    private static string ReadOnly(string path) => $"the database file {path} is read-only: let this user write the file and its folder";

    private static string Line(SqliteException failure, string path) =>
        failure.SqliteErrorCode switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => $"the database file {path} is locked by another process: stop what uses it",
            raw.SQLITE_READONLY or raw.SQLITE_PERM => ReadOnly(path),
            raw.SQLITE_NOTADB => $"{path} is not a SQLite database: move it away, or change Presence:Storage:ConnectionString",
            raw.SQLITE_CANTOPEN => $"the database file {path} can't be opened: it must be a file that this user may read and write",
            raw.SQLITE_FULL => $"the disk of the database file {path} is full",
            raw.SQLITE_CORRUPT => $"the database file {path} is damaged: restore it from a backup",
            _ => $"the database file {path} can't be used: {OneLine.Of(failure.Message)}",
        };
}
