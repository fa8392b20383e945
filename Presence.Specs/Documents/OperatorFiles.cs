using System.Text.RegularExpressions;
using Presence.Actors;
using Presence.Adapters.Sql;
using Presence.Host.Clustering;
using Presence.Host.Identity;
using Presence.Host.Operations;
using Presence.Specs.Support;

namespace Presence.Specs.Documents;

/// <summary>What an operator reads and applies: <c>deploy/</c>, and the page that tells of it.</summary>
internal static partial class OperatorFiles
{
    public const string Page = "docs/operations.md";

    private static readonly Dictionary<string, Type> Sections = new(StringComparer.Ordinal)
    {
        ["Authentication"] = typeof(AuthenticationOptions),
        ["Cluster"] = typeof(ClusterOptions),
        ["Operations"] = typeof(OperationsOptions),
        ["Storage"] = typeof(StorageOptions),
    };

    /// <summary>Paths from the root.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Page,
        .. Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "deploy"), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    public static string[] Lines(string file) => Repository.Read(file).Split('\n');

    /// <summary>The settings that a text names, as <c>Presence:Cluster:Port</c> or as <c>Presence__Cluster__Port</c>.</summary>
    public static IEnumerable<string> SettingsIn(string text) => SettingName().Matches(text).Select(match => match.Value);

    /// <summary>Whether that is an option of the service: a value, or the number of one in a list.</summary>
    public static bool IsSetting(string key)
    {
        var path = key.Replace("__", ":", StringComparison.Ordinal).Split(':')[1..];
        var type = typeof(PresenceOptions);
        if (path.Length > 0 && Sections.TryGetValue(path[0], out var section))
        {
            (type, path) = (section, path[1..]);
        }

        foreach (var part in path)
        {
            var next = type.IsArray ? (int.TryParse(part, out _) ? type.GetElementType() : null) : type.GetProperty(part)?.PropertyType;
            if (next is null)
            {
                return false;
            }

            type = next;
        }

        return path.Length > 0
            && !type.IsArray
            && (type.IsEnum || type.Namespace?.StartsWith("Presence", StringComparison.Ordinal) != true);
    }

    /// <summary>The one value of that key in a file of <c>key: value</c> or <c>key=value</c> lines, comments left out.</summary>
    public static string Value(string file, string key) => Values(file, key).ShouldHaveSingleItem($"{key} in {file}");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Values(string file, string key) =>
        [
            .. Lines(file)
                .Select(line => line.Trim().TrimStart('-', ' '))
                .Where(line => line.StartsWith(key + ":", StringComparison.Ordinal) || line.StartsWith(key + "=", StringComparison.Ordinal))
                .Select(line => line[(key.Length + 1)..].Trim().Trim('"')),
        ];

    [GeneratedRegex("Presence(?:(?:__|:)[A-Za-z0-9]+)+")]
    private static partial Regex SettingName();
}
