using System.Diagnostics;
using System.Globalization;
using Presence.Benchmarks.Faults.Attacks;
using Presence.Benchmarks.Faults.Nodes;
using Presence.Benchmarks.Faults.Scenarios;

namespace Presence.Benchmarks.Faults;

/// <summary>How a scenario went.</summary>
/// <param name="Passed">No word was broken.</param>
/// <param name="SkipReason">Why it was not tried; null where it was.</param>
/// <param name="Report">The table, the words, and where the evidence is.</param>
internal sealed record Outcome(bool Passed, string? SkipReason, string Report);

/// <summary>The fault suite: real server processes, faults by a script with a seed, and clients that keep every frame and check the words that must stay true.</summary>
internal static class FaultSuite
{
    /// <summary>All scenarios, with what they do.</summary>
    public static readonly IReadOnlyDictionary<string, (string Does, Func<FaultRun, Task> Run)> Scenarios = new Dictionary<
        string,
        (string, Func<FaultRun, Task>)
    >(StringComparer.Ordinal)
    {
        ["kill"] = ("kill -9 of nodes in turn", KillScenario.Run),
        ["roll"] = ("a rolling restart by SIGTERM", RollScenario.Run),
        ["stop"] = ("nodes that stand still, and wake", StopScenario.Run),
        ["partition"] = ("a node that the others can't hear, or that can't hear them", PartitionScenario.Run),
        ["scale"] = ("one node, three, one, under changes", ScaleScenario.Run),
        ["database"] = ("PostgreSQL that ends, and that stands still", DatabaseScenario.Run),
        ["drop"] = ("everybody's connection breaks at once", DropScenario.Run),
        ["churn"] = ("people who come and go", ChurnScenario.Run),
        ["attack-dense"] = ("two thousand users who are all each other's contacts", DenseAttack.Run),
        ["attack-backlog"] = ("6,000 large events that wait for the users of one gateway", BacklogAttack.Run),
        ["attack-sessions"] = ("one user with fifty devices and ten thousand subscriptions on each", SessionsAttack.Run),
        ["attack-journal"] = ("users who have changed a million times, and one with a huge privacy rule", JournalAttack.Run),
        ["attack-expiry"] = ("ten thousand large events that have expired", ExpiryAttack.Run),
        ["attack-typing"] = ("a conversation of five thousand who all type, and users who ask for random ones", TypingAttack.Run),
        ["resume"] = ("clients that come back while a node stands still", ResumeScenario.Run),
        ["skew"] = ("a node with a wrong clock", SkewScenario.Run),
        ["clock"] = ("a node whose clock is set while it runs", ClockScenario.Run),
        ["upgrade"] = ("a rolling upgrade from an earlier build, and back", UpgradeScenario.Run),
        ["soak"] = ("everything at once, for an hour", SoakScenario.Run),
    };

    /// <summary>Runs those that are named, or all; the exit code.</summary>
    public static async Task<int> Run(string[] args)
    {
        var names = args.Where(arg => !arg.Contains('=', StringComparison.Ordinal)).ToArray();
        if (names.FirstOrDefault(name => !Scenarios.ContainsKey(name)) is { } unknown)
        {
            await Console.Error.WriteLineAsync($"'{unknown}' is no scenario: write any of");
            foreach (var (name, (does, _)) in Scenarios)
            {
                await Console.Error.WriteLineAsync($"  {name, -16} {does}");
            }

            return 2;
        }

        var failed = new List<string>();
        foreach (var name in names.Length > 0 ? names : [.. Scenarios.Keys])
        {
            var outcome = await Run(name, args.Where(arg => arg.Contains('=', StringComparison.Ordinal)), Console.WriteLine);
            Console.Write(outcome.Report);
            if (!outcome.Passed)
            {
                failed.Add(name);
            }
        }

        Console.WriteLine(failed.Count == 0 ? "faults passed" : $"faults failed: {string.Join(", ", failed)}");
        return failed.Count == 0 ? 0 : 1;
    }

    /// <summary>Runs one.</summary>
    /// <param name="scenario">Its name.</param>
    /// <param name="given">What it is told, as <c>name=value</c>.</param>
    /// <param name="tell">Told what happens, as it happens.</param>
    public static async Task<Outcome> Run(string scenario, IEnumerable<string> given, Action<string> tell)
    {
        var arguments = new FaultArguments(given);
        var seed = arguments.Number("seed", Random.Shared.Next());
        tell($"{scenario}: {Scenarios[scenario].Does}, SEED={seed}");
        var clock = Stopwatch.StartNew();
        var run = new FaultRun(arguments, seed, tell);
        using var interrupted = Interruption.Then(() => run.DisposeAsync());
        try
        {
            await Scenarios[scenario].Run(run);
            foreach (var unknown in arguments.Unknown)
            {
                run.Findings.Hold(false, $"{unknown} is nothing that this scenario knows");
            }
        }
        catch (SkippedException skipped)
        {
            await run.DisposeAsync();
            run.Evidence();
            return new Outcome(true, skipped.Message, $"SKIPPED: {scenario}, {skipped.Message}\n");
        }
        catch (Exception failed) when (failed is InvalidOperationException or TimeoutException or HttpRequestException)
        {
            run.Findings.Hold(false, failed.Message);
        }

        await run.DisposeAsync();
        var passed = run.Findings.AllHold;
        var report = run.Findings.Report();
        var evidence = run.Evidence() is { } folder ? $"  every frame and the nodes' output: {folder}\n" : "";
        return new Outcome(
            passed,
            null,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{report}{evidence}{scenario} {(passed ? "passed" : "FAILED")} after {clock.Elapsed.TotalSeconds:F0} s, SEED={seed}\n"
            )
        );
    }
}
