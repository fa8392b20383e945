using System.Text.RegularExpressions;
using Presence.Specs.Support;

namespace Presence.Specs.Documents;

/// <summary>What SECURITY.md says is so: a defence that no spec shows is a hope.</summary>
public sealed partial class SecurityPageSpecs
{
    private static readonly string[] Lines = Repository.Read("SECURITY.md").Split('\n');

    [Fact]
    public void Every_spec_that_is_named_exists()
    {
        var specs = typeof(SecurityPageSpecs)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Select(method => (Name: $"{type.Name}.{method.Name}", method)))
            .Where(spec => spec.method.GetCustomAttributes(typeof(FactAttribute), inherit: true).Length > 0)
            .Select(spec => spec.Name)
            .ToHashSet(StringComparer.Ordinal);
        var named = Lines.SelectMany(line => Spec().Matches(line)).Select(match => match.Groups[1].Value).ToList();

        named.ShouldNotBeEmpty();
        named.Where(name => !specs.Contains(name)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_threat_has_its_defence_and_a_spec_that_shows_it_and_all_six_kinds_are_there()
    {
        var rows = Lines
            .SkipWhile(line => line != "## Threats")
            .TakeWhile(line => line != "## Limits")
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| | ", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1])
            .ToList();

        foreach (var row in rows)
        {
            row.Length.ShouldBe(4, string.Join(" | ", row));
            row[1].ShouldNotBeEmpty();
            row[2].ShouldNotBeEmpty();
            Spec().IsMatch(row[3]).ShouldBeTrue(row[1]);
        }

        rows.Select(row => row[0]).Distinct(StringComparer.Ordinal).ShouldBe(["S", "T", "R", "I", "D", "E"]);
    }

    [Fact]
    public void Every_setting_that_is_named_exists() =>
        Lines.SelectMany(OperatorFiles.SettingsIn).Where(key => !OperatorFiles.IsSetting(key)).ShouldBeEmpty();

    [GeneratedRegex("`([A-Za-z]+(?:Specs|Properties)\\.[A-Za-z0-9_]+)`")]
    private static partial Regex Spec();
}
