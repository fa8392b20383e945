using System.Globalization;
using Presence.Benchmarks.Faults.Crowds;

namespace Presence.Benchmarks.Faults.Scenarios;

/// <summary>kill -9 of each node in turn, under changes. Some of those on it go for good in the same moment, so that both their entity and their socket may be gone: they are offline for everybody in time all the same.</summary>
internal static class KillScenario
{
    private const int GoForGood = 20;

    public static async Task Run(FaultRun run)
    {
        var rounds = run.Arguments.Number("rounds", 1);
        var nodes = run.Arguments.Number("kills", 2);
        var bound = run.Arguments.Seconds("gap", 20);
        await run.Begin(nodes: 3, new CrowdSize(Users: 2_000, Contacts: 20, Rate: 50));
        await using var prober = new Prober(run.Crowd, run.Arguments.Number("probes", 20), () => run.Fleet.Sound);
        await using (new Load(run.Crowd, run.Rate))
        {
            for (var kill = 0; kill < rounds * nodes; kill++)
            {
                await Kill(run, kill, prober, bound);
            }
        }

        await run.Finish();
        run.Findings.Row("reads during it", prober.Answers);
    }

    private static async Task Kill(FaultRun run, int kill, Prober prober, TimeSpan bound)
    {
        await Task.Delay(TimeSpan.FromSeconds(1 + run.Random.NextDouble()));
        prober.Restart();
        var node = run.Fleet.Nodes[kill % run.Fleet.Nodes.Count];
        var leavers = run.Crowd.On(node).Take(run.Arguments.Number("leavers", GoForGood)).Select(person => person.User).ToArray();
        run.Tell($"kill -9 of {node} with {run.Crowd.On(node).Count()} sockets; {leavers.Length} of them don't come back");
        run.Crowd.IsAbout(node);
        await run.Crowd.Leave(leavers, Goodbye.HalfOpen);
        await node.Kill();
        await Task.Delay(TimeSpan.FromSeconds(run.Arguments.Number("restart", 3)));
        await node.Start();
        run.Tell($"{node} is back");
        // The leavers are to be offline for everybody after the heartbeat timeout and the grace, at the latest.
        var limit = run.Fleet.Settings.HeartbeatTimeout + run.Fleet.Settings.Grace;
        var took = await run.Settled($"after kill {kill + 1}", (int)limit.TotalSeconds + 15);
        run.Findings.Hold(
            prober.LongestGap <= bound,
            $"a user could not be read for {prober.LongestGap.TotalSeconds:F1} s after kill {kill + 1}"
        );
        run.Findings.Row(
            string.Create(CultureInfo.InvariantCulture, $"kill {kill + 1}, {node}: longest gap of reads; all true after"),
            $"{prober.LongestGap.TotalSeconds:F1} s; {took?.TotalSeconds:F1} s"
        );
    }
}
