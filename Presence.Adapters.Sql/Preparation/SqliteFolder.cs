namespace Presence.Adapters.Sql;

/// <summary>The folder of the SQLite file.</summary>
internal static class SqliteFolder
{
    /// <summary>Makes the default folder. Any other must be there: a folder that was named and is missing is a slip of the pen or a disk that is not mounted, and an empty database in its place would look like the loss of everything.</summary>
    /// <exception cref="StoreStartException">It is missing, or can't be made.</exception>
    public static void Prepare(StorageOptions options)
    {
        var path = SqliteSettings.Path(options);
        var folder = Path.GetDirectoryName(path) ?? "/";
        if (Directory.Exists(folder))
        {
            return;
        }

        if (path != SqliteSettings.Path(new StorageOptions()))
        {
            throw new StoreStartException(
                $"the folder of the database file does not exist: make {folder}, or change Presence:Storage:ConnectionString"
            );
        }

        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StoreStartException($"the folder of the database file can't be made: {OneLine.Of(failure.Message)}", failure);
        }
    }
}
