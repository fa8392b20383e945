using System.Globalization;

namespace Presence.Benchmarks.Faults;

/// <summary>What a run was told, as <c>name=value</c>; what it was not told, its scenario knows.</summary>
internal sealed class FaultArguments
{
    private readonly Dictionary<string, string> _given = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads them.</summary>
    /// <exception cref="ArgumentException">One is no <c>name=value</c>.</exception>
    public FaultArguments(IEnumerable<string> given)
    {
        foreach (var argument in given)
        {
            var split = argument.IndexOf('=', StringComparison.Ordinal);
            if (split < 1)
            {
                throw new ArgumentException($"'{argument}': write a scenario, or name=value, such as users=2000", nameof(given));
            }

            _given[argument[..split]] = argument[(split + 1)..];
        }
    }

    /// <summary>Those that no scenario asked for: a misspelt one would otherwise do nothing, and nobody would notice.</summary>
    public IEnumerable<string> Unknown => _given.Keys.Where(name => !_asked.Contains(name));

    /// <summary>A number.</summary>
    public int Number(string name, int otherwise)
    {
        _asked.Add(name);
        return !_given.TryGetValue(name, out var given) ? otherwise
            : int.TryParse(given, CultureInfo.InvariantCulture, out var number) ? number
            : throw new ArgumentException($"{name}={given}: write a number, such as {name}={otherwise}", nameof(name));
    }

    /// <summary>A text; null where none was given.</summary>
    public string? Text(string name)
    {
        _asked.Add(name);
        return _given.GetValueOrDefault(name);
    }

    /// <summary>A time, given in seconds.</summary>
    public TimeSpan Seconds(string name, int otherwise) => TimeSpan.FromSeconds(Number(name, otherwise));
}
