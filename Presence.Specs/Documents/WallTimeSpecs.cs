using System.Text.RegularExpressions;
using Presence.Specs.Support;

namespace Presence.Specs.Documents;

/// <summary>Every use of the wall clock is in the list of docs/failure-modes.md, with why it may.</summary>
public sealed partial class WallTimeSpecs
{
    private static readonly string[] Folders =
    [
        "Presence.Core",
        "Presence.Actors",
        "Presence.Adapters.Http",
        "Presence.Adapters.Sql",
        "Presence.Adapters.WebSocket",
        "Presence.Host",
    ];

    [GeneratedRegex(@"\bWall\b(?!\s*\()|\bScheduler\.Now\b|GetUtcNow|UtcNow|DateTime(Offset)?\.Now")]
    private static partial Regex Use();

    [GeneratedRegex(@"^\| `(?<file>[^`]+\.cs)` \| (?<uses>\d+) \| (?<why>.+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [Fact]
    public void Each_use_of_the_wall_clock_is_listed_with_why_it_may()
    {
        var found = Folders
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Select(file => (Name: file, Uses: Lines(Repository.Read(file)).Sum(line => Use().Count(line))))
            .Where(file => file.Uses > 0)
            .Select(file => $"| `{file.Name}` | {file.Uses} |")
            .Order(StringComparer.Ordinal);
        var listed = Row()
            .Matches(Repository.Read("docs/failure-modes.md"))
            .Select(row => $"| `{row.Groups["file"].Value}` | {row.Groups["uses"].Value} |")
            .Order(StringComparer.Ordinal);

        listed.ShouldBe(
            found,
            "what is counted in time goes by NodeClock.Elapsed, the order of things by NodeClock.Shared (docs/adr/0019)"
        );
    }

    /// <summary>Without comments.</summary>
    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n').Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal));
}
