namespace Presence.Specs.Support;

/// <summary>The files of the repository, for specs that keep documents true.</summary>
internal static class Repository
{
    /// <summary>The text of a file, by its path from the root.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Its folder.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Presence.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Presence.sln is in no folder above " + AppContext.BaseDirectory);
    }
}
