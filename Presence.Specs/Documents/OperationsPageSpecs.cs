using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Presence.Actors;
using Presence.Host.Clustering;
using Presence.Specs.Support;

namespace Presence.Specs.Documents;

/// <summary>What the operators' page says is so.</summary>
public sealed partial class OperationsPageSpecs
{
    private static readonly string[] Lines = OperatorFiles.Lines(OperatorFiles.Page);

    public static TheoryData<string> Files => [.. OperatorFiles.All];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_setting_that_is_named_exists(string file)
    {
        foreach (var name in OperatorFiles.SettingsIn(Repository.Read(file)))
        {
            // Prose may speak of a list as a whole; what is set is a value.
            var isProse = !name.Contains("__", StringComparison.Ordinal);
            (OperatorFiles.IsSetting(name) || (isProse && OperatorFiles.IsSetting(name + ":0"))).ShouldBeTrue($"{file} names {name}");
        }
    }

    [Theory]
    [InlineData("Presence:Cluster:Port", true)]
    [InlineData("Presence:Cluster:SeedNodes:0", true)]
    [InlineData("Presence:Cluster:Tls:Key", true)]
    [InlineData("Presence:Limits:Devices", true)]
    [InlineData("Presence:Cluster:SeedNodes", false)]
    [InlineData("Presence:Cluster:Tls", false)]
    [InlineData("Presence:Cluster:Ports", false)]
    [InlineData("Presence:Cluster:Port:0", false)]
    public void A_setting_is_told_from_what_is_none(string key, bool isOne) => OperatorFiles.IsSetting(key).ShouldBe(isOne);

    [Fact]
    public void Every_metric_of_a_node_is_told_with_a_threshold_and_nothing_else_is()
    {
        var told = Section("## Metrics")
            .Where(line => line.StartsWith("| `presence_", StringComparison.Ordinal))
            .SelectMany(row => Metric().Matches(row.Split('|')[1]))
            .Select(match => match.Groups[1].Value);

        told.ShouldBe(Exported(), ignoreOrder: true);
    }

    /// <summary>Where each is read after the thing that it counts was done.</summary>
    private static readonly Dictionary<string, string> Read = new(StringComparer.Ordinal)
    {
        ["presence_connections"] = Journey,
        ["presence_users_online"] = Journey,
        ["presence_devices"] = Journey,
        ["presence_conversations"] = Journey,
        ["presence_connects_total"] = Journey,
        ["presence_disconnects_total"] = Journey,
        ["presence_pushes_total"] = Journey,
        ["presence_push_duration_seconds"] = Journey,
        ["presence_handshakes_refused_total"] = Journey,
        ["presence_limited_total"] = Journey,
        ["presence_events_dropped_total"] = Journey,
        ["presence_hub_queue_age_seconds"] = Journey,
        ["presence_writes_failing"] = Journey,
        ["presence_build_info"] = Journey,
        ["presence_resubscriptions_total"] = "CountedFaultsSpecs.An_entity_that_ends_is_asked_anew_and_how_long_it_took_is_measured",
        ["presence_handover_duration_seconds"] = "CountedFaultsSpecs.An_entity_that_ends_is_asked_anew_and_how_long_it_took_is_measured",
        ["presence_profile_recoveries_total"] = "CountedFaultsSpecs.A_profile_whose_row_is_behind_its_journal_is_counted",
        ["presence_writes_unavailable_total"] = "CountedFaultsSpecs.A_choice_that_is_answered_unavailable_is_counted",
        ["presence_dead_letters_total"] = "CountedFaultsSpecs.A_message_that_reaches_nobody_is_counted",
        ["presence_connection_faults_total"] = "CountedFaultsSpecs.A_fault_of_our_own_in_a_connection_is_counted_and_a_lost_one_is_not",
        ["presence_epochs_refused_total"] = "HubNodeSpecs.What_an_entity_of_a_smaller_epoch_tells_is_refused_and_counted",
        ["presence_messages_oversized_total"] = "CountedFaultsSpecs.A_message_that_is_too_large_to_be_sent_is_counted",
    };

    private const string Journey = "MetricsJourneySpecs.Each_is_there_after_what_it_counts_was_done";

    [Fact]
    public void Every_metric_is_read_by_a_spec_after_what_it_counts_was_done()
    {
        Read.Keys.ShouldBe(Exported(), ignoreOrder: true);
        var specs = typeof(OperationsPageSpecs)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Select(method => $"{type.Name}.{method.Name}"));
        Read.Values.Except(specs).ShouldBeEmpty();
    }

    [Fact]
    public void Every_metric_that_is_named_anywhere_exists()
    {
        var exported = Exported();
        foreach (var name in Lines.SelectMany(line => Metric().Matches(line)).Select(match => match.Groups[1].Value))
        {
            exported.ShouldContain(name);
        }
    }

    [Fact]
    public void Every_log_line_that_is_told_is_one_of_the_programs()
    {
        var sources = string.Join(
            '\n',
            new[] { "Presence.Actors", "Presence.Adapters.Http", "Presence.Adapters.Sql", "Presence.Adapters.WebSocket", "Presence.Host" }
                .SelectMany(project =>
                    Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.cs", SearchOption.AllDirectories)
                )
                .Select(File.ReadAllText)
        );
        var told = Section("## Log lines")
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1])
            .ToList();

        told.ShouldNotBeEmpty();
        foreach (var line in told)
        {
            sources.ShouldContain(line, Case.Sensitive);
        }
    }

    [Fact]
    public void Every_table_of_the_store_is_told_with_what_is_lost_with_it()
    {
        var made = Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "Presence.Adapters.Sql/Migrations/PostgreSql"), "*.sql")
            .SelectMany(file => CreateTable().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value)
            .Append("schemaversions");
        var told = Section("## Backup and restore")
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(row => Code().Matches(row.Split('|')[1]))
            .Select(match => match.Groups[1].Value);

        told.ShouldBe(made, ignoreOrder: true);
    }

    [Fact]
    public void The_exit_code_of_a_node_that_is_given_up_is_told()
    {
        Section("## Starting and stopping")
            .ShouldContain(line =>
                line.StartsWith($"| {NodeFate.GivenUpExitCode} | the cluster has given it up", StringComparison.Ordinal)
            );
        Repository.Read("deploy/systemd/presence.service").ShouldContain($"{NodeFate.GivenUpExitCode}: was given up by the cluster");
    }

    [Fact]
    public void Every_heading_that_is_pointed_to_is_there()
    {
        var headings = Lines
            .Where(line => line.StartsWith("## ", StringComparison.Ordinal))
            .Select(line => line[3..].ToLowerInvariant().Replace(' ', '-'))
            .ToList();

        foreach (var anchor in Lines.SelectMany(line => Anchor().Matches(line)).Select(match => match.Groups[1].Value))
        {
            headings.ShouldContain(anchor);
        }
    }

    /// <summary>As Prometheus is given them: the unit of a time, and what a counter is, become part of the name.</summary>
    internal static List<string> Exported()
    {
        // Other specs make such meters too, at the same time.
        var names = new ConcurrentBag<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == NodeCounters.MeterName)
            {
                names.Add(
                    instrument.Name.Replace('.', '_')
                        + (instrument.Unit == "s" ? "_seconds" : "")
                        + (instrument is Counter<long> ? "_total" : "")
                );
            }
        };
        using var counters = new NodeCounters();
        listener.Start();
        return [.. names.Distinct(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Section(string heading) =>
        Lines.SkipWhile(line => line != heading).Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));

    [GeneratedRegex("`(presence_[a-z_]+)`")]
    private static partial Regex Metric();

    [GeneratedRegex("create table ([a-z_]+)")]
    private static partial Regex CreateTable();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\(#([^)]+)\)")]
    private static partial Regex Anchor();
}
