namespace Presence.Adapters.Sql;

/// <summary>A lock file beside the database file, by which a second process knows that it is one too many: SQLite itself would let both in. The system takes the lock away when the process ends, however it ends; the file stays, and means nothing by itself.</summary>
internal sealed class FileLock : IDisposable
{
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Takes the lock of that database file.</summary>
    /// <exception cref="StoreStartException">Another process has it, or the folder can't be written.</exception>
    public static FileLock Take(string database)
    {
        var path = database + ".lock";
        try
        {
            return new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new StoreStartException($"the folder of the database file can't be written: {OneLine.Of(failure.Message)}", failure);
        }
        catch (IOException failure) when (File.Exists(path))
        {
            throw new StoreStartException(
                $"another Presence process uses {database}: stop it, or give this one a file of its own",
                failure
            );
        }
        catch (IOException failure)
        {
            throw new StoreStartException($"the lock file {path} can't be made: {OneLine.Of(failure.Message)}", failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
