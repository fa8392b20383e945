using System.Reflection;
using Presence.Actors;
using Presence.Adapters.Sql;
using Presence.Host.Clustering;
using Presence.Host.Identity;
using Presence.Host.Operations;

namespace Presence.Host;

/// <summary>What is written under <c>Presence</c>, held against the options that there are: the binder passes over what it can't use, without a word.</summary>
internal sealed class WrittenSettings
{
    private const string Root = "Presence";

    private readonly List<string> _problems = [];
    private readonly List<string> _unknown = [];

    private WrittenSettings() { }

    /// <summary>Lists and sections that were written as one value, each with what to write instead; empty where none was.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Keys that no option has, the topmost of each. They are no reason to refuse a start: who goes back to an earlier version has settings of the later one.</summary>
    public IReadOnlyList<string> Unknown => _unknown;

    /// <summary>Those of that configuration.</summary>
    public static WrittenSettings Of(IConfiguration configuration)
    {
        var written = new WrittenSettings();
        var root = configuration.GetSection(Root);
        var options = Options(typeof(PresenceOptions));
        options["Authentication"] = typeof(AuthenticationOptions);
        options["Storage"] = typeof(StorageOptions);
        options["Cluster"] = typeof(ClusterOptions);
        options["Operations"] = typeof(OperationsOptions);
        written.Walk(root, options);
        return written;
    }

    private void Walk(IConfigurationSection section, Dictionary<string, Type> options)
    {
        foreach (var child in section.GetChildren())
        {
            if (options.TryGetValue(child.Key, out var type))
            {
                Look(child, type);
            }
            else
            {
                _unknown.Add(child.Path);
            }
        }
    }

    private void Look(IConfigurationSection section, Type type)
    {
        // A value may be a secret, and is not shown.
        var hasValue = !string.IsNullOrWhiteSpace(section.Value);
        if (type.IsArray)
        {
            if (hasValue)
            {
                _problems.Add($"{section.Path} is a list, and was written as one value: write {section.Path}:0, {section.Path}:1, …");
            }
        }
        else if (IsSection(type))
        {
            var options = Options(type);
            if (hasValue)
            {
                _problems.Add(
                    $"{section.Path} is a section, and was written as one value: write what is in it, such as {section.Path}:{options.Keys.First()}"
                );
            }

            Walk(section, options);
        }
        else
        {
            _unknown.AddRange(section.GetChildren().Select(child => child.Path));
        }
    }

    private static bool IsSection(Type type) => !type.IsEnum && type.Namespace?.StartsWith(Root, StringComparison.Ordinal) == true;

    /// <summary>What the binder would set, by name, as it compares them.</summary>
    private static Dictionary<string, Type> Options(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod?.IsPublic == true)
            .ToDictionary(property => property.Name, property => property.PropertyType, StringComparer.OrdinalIgnoreCase);
}
