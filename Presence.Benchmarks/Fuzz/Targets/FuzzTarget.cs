using System.Text;

namespace Presence.Benchmarks.Fuzz.Targets;

/// <summary>Something that reads what strangers send.</summary>
/// <param name="Name">Its name, and that of its corpus.</param>
/// <param name="Seeds">Where to begin.</param>
/// <param name="Words">What its language is made of.</param>
/// <param name="Run">Reads one input: it returns where that is taken, or refused as documented, and throws otherwise.</param>
internal sealed record FuzzTarget(string Name, string[] Seeds, string[] Words, Action<byte[]> Run)
{
    /// <summary>The seeds, a byte a letter.</summary>
    public IEnumerable<byte[]> SeedBytes => Seeds.Select(Encoding.Latin1.GetBytes);
}

/// <summary>An input that was neither taken nor refused as documented.</summary>
internal sealed class FuzzFindException(string message) : Exception(message)
{
    /// <summary>Unless it holds.</summary>
    public static void Unless(bool holds, string message)
    {
        if (!holds)
        {
            throw new FuzzFindException(message);
        }
    }
}
