using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Presence.Actors;
using Presence.Adapters.Sql;
using Presence.Adapters.WebSocket.Frames;
using Presence.Host.Clustering;
using Presence.Host.Identity;
using Presence.Host.Operations;
using Presence.Specs.Support;

namespace Presence.Specs.Documents;

/// <summary>What the documents say is so.</summary>
public sealed partial class DocumentSpecs
{
    public static TheoryData<string> Documents =>
        [
            .. Directory
                .EnumerateFiles(Repository.Root, "*.md")
                .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories))
                .Select(file => Path.GetRelativePath(Repository.Root, file)),
        ];

    [Fact]
    public void Every_frame_that_the_readme_sends_is_one_that_the_service_takes()
    {
        var sent = Lines("README.md").Where(line => line.StartsWith("> {", StringComparison.Ordinal)).ToList();

        sent.ShouldNotBeEmpty();
        foreach (var line in sent)
        {
            FrameReader.Read(Encoding.UTF8.GetBytes(line[2..])).Refusal.ShouldBeNull(line);
        }
    }

    [Fact]
    public void Every_frame_that_the_readme_receives_has_a_type_and_a_payload()
    {
        var received = Lines("README.md").Where(line => line.StartsWith("< {", StringComparison.Ordinal)).ToList();

        received.ShouldNotBeEmpty();
        foreach (var line in received)
        {
            using var frame = JsonDocument.Parse(line[2..]);
            frame.RootElement.GetProperty("type").GetString().ShouldNotBeNullOrEmpty();
            frame.RootElement.GetProperty("payload").ValueKind.ShouldBe(JsonValueKind.Object);
        }
    }

    [Fact]
    public void Every_setting_of_the_readme_exists_with_the_default_that_it_tells()
    {
        var told = Lines("README.md").SelectMany(SettingsIn).ToList();

        told.ShouldNotBeEmpty();
        foreach (var (key, value) in told)
        {
            DefaultOf(key).ShouldBe(value, key);
        }
    }

    [Fact]
    public void Every_option_with_a_time_is_told_in_the_readme()
    {
        var told = Lines("README.md").SelectMany(SettingsIn).Select(setting => setting.Key).ToList();

        foreach (var option in typeof(PresenceOptions).GetProperties().Where(option => option.PropertyType == typeof(TimeSpan)))
        {
            told.ShouldContain($"Presence:{option.Name}");
        }
    }

    [Fact]
    public void Every_limit_that_the_failure_modes_name_exists()
    {
        var named = Lines("docs/failure-modes.md")
            .SelectMany(line => LimitName().Matches(line))
            .Select(match => match.Groups[1].Value)
            .ToList();

        named.ShouldNotBeEmpty();
        foreach (var name in named)
        {
            typeof(LimitOptions).GetProperty(name).ShouldNotBeNull(name);
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_file_that_a_document_links_to_is_there(string document)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, document))!;
        foreach (var link in Lines(document).SelectMany(line => Link().Matches(line)).Select(match => match.Groups[1].Value))
        {
            var path = Path.Combine(folder, link.Split('#')[0]);
            (link.StartsWith('#') || File.Exists(path) || Directory.Exists(path)).ShouldBeTrue($"{document} links to {link}");
        }
    }

    /// <summary>The rows of the table of settings: keys, and as many defaults.</summary>
    private static IEnumerable<(string Key, string Value)> SettingsIn(string line)
    {
        var cells = line.Split('|', StringSplitOptions.TrimEntries);
        if (cells.Length < 4)
        {
            return [];
        }

        var keys = Code().Matches(cells[1]).Select(match => match.Groups[1].Value).Where(IsKey).ToList();
        var values = cells[2] == "none" ? [""] : Code().Matches(cells[2]).Select(match => match.Groups[1].Value).ToList();
        return keys.Zip(values);
    }

    private static bool IsKey(string text) =>
        text.StartsWith("Presence:", StringComparison.Ordinal) && !text.EndsWith('…') && !text.EndsWith(":0", StringComparison.Ordinal);

    private static string DefaultOf(string key)
    {
        var path = key.Split(':')[1..];
        if (key == "Presence:Storage:ConnectionString")
        {
            return $"Data Source={StorageOptions.DefaultSqliteFile}";
        }

        object options = path[0] switch
        {
            "Authentication" => new AuthenticationOptions(),
            "Storage" => new StorageOptions(),
            "Limits" => new LimitOptions(),
            "Cluster" => new ClusterOptions(),
            "Operations" => new OperationsOptions(),
            _ => new PresenceOptions(),
        };
        object? value = options;
        foreach (var name in options is PresenceOptions ? path : path[1..])
        {
            value = value!.GetType().GetProperty(name).ShouldNotBeNull(key).GetValue(value);
        }

        return value switch
        {
            TimeSpan time => time.ToString("c"),
            bool yes => yes ? "true" : "false",
            Enum token => $"{token}".ToLowerInvariant(),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
    }

    private static string[] Lines(string document) => Repository.Read(document).Split('\n', StringSplitOptions.TrimEntries);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("`Limits:([A-Za-z]+)`")]
    private static partial Regex LimitName();

    [GeneratedRegex(@"\]\(((?!https?:)[^)\s]+)\)")]
    private static partial Regex Link();
}
