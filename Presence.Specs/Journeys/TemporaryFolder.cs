namespace Presence.Specs.Journeys;

/// <summary>A folder of its own for one server's database, gone with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("presence-journey-");

    public string Path => _folder.FullName;

    public string Database => System.IO.Path.Combine(Path, "presence.db");

    public void Dispose() => _folder.Delete(recursive: true);
}
