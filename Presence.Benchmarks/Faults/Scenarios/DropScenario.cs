using System.Diagnostics;
using Presence.Benchmarks.Faults.Crowds;
using Presence.Benchmarks.Faults.Nodes;

namespace Presence.Benchmarks.Faults.Scenarios;

/// <summary>Everybody loses the connection at once, as when a load balancer falls over, and comes back. That costs no journal a reading.</summary>
internal static class DropScenario
{
    private const string Recoveries = "presence_profile_recoveries_total";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public static async Task Run(FaultRun run)
    {
        var drops = run.Arguments.Number("drops", 1);
        await run.Begin(nodes: 3, new CrowdSize(Users: 2_000, Contacts: 10, Rate: 100), heartbeat: 20);
        await Changes(run);
        for (var drop = 0; drop < drops; drop++)
        {
            var before = await run.Fleet.Metric(Recoveries);
            run.Tell($"all {run.Crowd.People.Count:N0} lose their connections");
            var clock = Stopwatch.StartNew();
            run.Crowd.BreaksAreMeant = true;
            foreach (var person in run.Crowd.People)
            {
                person.Break();
            }

            // A reset connection is not noticed before its reading ends.
            await Crowd.Until(() => !run.Crowd.People.Any(person => person.IsReady), TimeSpan.FromSeconds(1));
            await run.Settled($"after drop {drop + 1}");
            run.Crowd.BreaksAreMeant = false;
            run.Findings.Hold(clock.Elapsed <= Bound, $"drop {drop + 1}: all was right only after {clock.Elapsed.TotalSeconds:F1} s");
            var recoveries = await run.Fleet.Metric(Recoveries) - before;
            run.Findings.Hold(recoveries == 0, $"drop {drop + 1} cost {recoveries} readings of journals");
            run.Findings.Row(
                $"drop {drop + 1}: all back and right after; journals read",
                $"{clock.Elapsed.TotalSeconds:F1} s; {recoveries}"
            );
            await Changes(run);
        }

        await run.Finish();
    }

    private static async Task Changes(FaultRun run)
    {
        await using (new Load(run.Crowd, run.Rate))
        {
            await Task.Delay(run.Arguments.Seconds("changes", 3));
        }

        await run.Settled("after the changes");
    }
}
