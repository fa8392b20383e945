using Microsoft.Data.Sqlite;

namespace Presence.Adapters.Sql;

/// <summary>How the file is opened.</summary>
internal static class SqliteSettings
{
    /// <summary>How long a statement waits for another's lock. With the wait for the gate it stays under 2 s.</summary>
    public const int LockSeconds = 1;

    /// <summary>The full path of the file.</summary>
    public static string Path(StorageOptions options) => System.IO.Path.GetFullPath(Parse(options).DataSource);

    /// <summary>The connection string for use: the full path, so that a change of the working directory changes nothing, and the timeout.</summary>
    public static string ConnectionString(StorageOptions options) =>
        new SqliteConnectionStringBuilder(Parse(options).ConnectionString)
        {
            DataSource = Path(options),
            DefaultTimeout = LockSeconds,
        }.ConnectionString;

    private static SqliteConnectionStringBuilder Parse(StorageOptions options) =>
        string.IsNullOrWhiteSpace(options.ConnectionString)
            ? new() { DataSource = StorageOptions.DefaultSqliteFile }
            : new(options.ConnectionString);
}
