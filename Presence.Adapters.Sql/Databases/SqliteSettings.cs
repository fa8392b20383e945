using Microsoft.Data.Sqlite;

namespace Presence.Adapters.Sql;

/// <summary>How the file is opened.</summary>
internal static class SqliteSettings
{
    /// <summary>How long a statement waits for another's lock. With the wait for the gate it stays under 2 s.</summary>
    public const int LockSeconds = 1;

    /// <summary>So many links are followed, as Linux does: they may lead in a circle.</summary>
    private const int Links = 40;

    /// <summary>The full path of the file itself, whatever links lead to it: by it a second process, and a second writer of this one, is known.</summary>
    public static string Path(StorageOptions options) => Behind(System.IO.Path.GetFullPath(Parse(options).DataSource), Links);

    /// <summary>The connection string for use: the full path, so that a change of the working directory changes nothing, and the timeout.</summary>
    public static string ConnectionString(StorageOptions options) =>
        new SqliteConnectionStringBuilder(Parse(options).ConnectionString)
        {
            DataSource = Path(options),
            DefaultTimeout = LockSeconds,
        }.ConnectionString;

    /// <summary>Link after link, also those in the place of a folder. A link may lead to what is not there, for a start to find out.</summary>
    private static string Behind(string path, int links)
    {
        if (System.IO.Path.GetDirectoryName(path) is not { } folder)
        {
            return path;
        }

        var real = Behind(folder, links);
        var own = System.IO.Path.Combine(real, System.IO.Path.GetFileName(path));
        return links > 0 && new FileInfo(own).LinkTarget is { } target ? Behind(System.IO.Path.GetFullPath(target, real), links - 1) : own;
    }

    private static SqliteConnectionStringBuilder Parse(StorageOptions options) =>
        string.IsNullOrWhiteSpace(options.ConnectionString)
            ? new() { DataSource = StorageOptions.DefaultSqliteFile }
            : new(options.ConnectionString);
}
