using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Presence.Actors;
using Presence.Specs.Support;

namespace Presence.Specs.Limits;

/// <summary>What docs/limits.md says of each limit is so.</summary>
public sealed partial class LimitsPageSpecs
{
    private static readonly IReadOnlyList<string[]> Rows =
    [
        .. Repository
            .Read("docs/limits.md")
            .Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries)),
    ];

    public static TheoryData<string> Names => [.. LimitOptions.All.Select(option => option.Name)];

    [Fact]
    public void Every_limit_is_told_and_nothing_else_is() =>
        Rows.Select(row => row[0].Trim('`')).ShouldBe(LimitOptions.All.Select(option => option.Name), ignoreOrder: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_default_is_the_one_that_is_told(string name)
    {
        var value = typeof(LimitOptions).GetProperty(name)!.GetValue(new LimitOptions());
        var told = Row(name)[1].Trim('`');

        told.ShouldBe(
            value is TimeSpan time ? time.ToString("c", CultureInfo.InvariantCulture) : $"{value}",
            "as it is written into the configuration"
        );
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_unit_what_happens_over_it_and_the_attack_are_told(string name)
    {
        var row = Row(name);

        row.Length.ShouldBe(6);
        row.ShouldAllBe(cell => cell.Length > 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_spec_that_shows_it_exists(string name)
    {
        var spec = SpecName().Match(Row(name)[5]);
        spec.Success.ShouldBeTrue(name);

        typeof(LimitsPageSpecs)
            .Assembly.GetTypes()
            .Where(type => type.Name == spec.Groups[1].Value)
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance))
            .Select(method => method.Name)
            .ShouldContain(spec.Groups[2].Value, name);
    }

    private static string[] Row(string name) => Rows.Single(row => row[0] == $"`{name}`");

    [GeneratedRegex(@"^`(\w+)\.(\w+)`$")]
    private static partial Regex SpecName();
}
