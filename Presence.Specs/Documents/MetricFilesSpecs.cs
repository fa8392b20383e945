using System.Text.Json;
using System.Text.RegularExpressions;
using Presence.Specs.Support;

namespace Presence.Specs.Documents;

/// <summary>The alert rules and the dashboard ask for what there is.</summary>
public sealed partial class MetricFilesSpecs
{
    private const string Alerts = "deploy/prometheus/alerts.yml";
    private const string Dashboard = "deploy/grafana/presence.json";

    [Theory]
    [InlineData(Alerts)]
    [InlineData(Dashboard)]
    public void Every_metric_that_a_file_names_is_exported(string file)
    {
        var exported = OperationsPageSpecs.Exported();

        var named = Metric()
            .Matches(Repository.Read(file))
            .Select(match => Part().Replace(match.Value, ""))
            .Distinct(StringComparer.Ordinal);

        named.ShouldNotBeEmpty();
        named.Except(exported).ShouldBeEmpty(file);
    }

    [Fact]
    public void Every_metric_of_the_page_is_in_the_dashboard_or_in_a_rule()
    {
        var shown = Repository.Read(Alerts) + Repository.Read(Dashboard);

        OperationsPageSpecs.Exported().Where(metric => !shown.Contains(metric, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_rule_says_for_whom_and_what()
    {
        var rules = Repository.Read(Alerts).Split("- alert: ")[1..];

        rules.Length.ShouldBeGreaterThan(10);
        foreach (var rule in rules)
        {
            rule.ShouldContain("expr: ");
            rule.ShouldContain("summary: ");
            (
                rule.Contains("severity: page", StringComparison.Ordinal) || rule.Contains("severity: ticket", StringComparison.Ordinal)
            ).ShouldBeTrue(rule);
        }
    }

    [Fact]
    public void The_dashboard_is_one()
    {
        var dashboard = JsonElement.Parse(Repository.Read(Dashboard));

        var panels = dashboard.GetProperty("panels").EnumerateArray().ToList();
        panels.Select(panel => panel.GetProperty("id").GetInt32()).ShouldBeUnique();
        panels.ShouldAllBe(panel => panel.GetProperty("targets").GetArrayLength() > 0);
    }

    [GeneratedRegex("presence_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Part();
}
