using Presence.Benchmarks.Faults.Crowds;
using Presence.Benchmarks.Faults.Nodes;

namespace Presence.Benchmarks.Faults.Scenarios;

/// <summary>A running cluster of an earlier build is replaced by this one, node by node, under changes; and by the earlier one again. Nobody notices but those who have to reconnect.</summary>
internal static class UpgradeScenario
{
    private static readonly TimeSpan DrainBound = TimeSpan.FromSeconds(25);

    public static async Task Run(FaultRun run)
    {
        var (name, earlier) = await EarlierBuild.Make(run.Arguments.Text("from"));
        run.Tell($"the earlier build is {name}");
        await run.Begin(nodes: 3, new CrowdSize(Users: 600, Contacts: 10, Rate: 50), heartbeat: 10, build: earlier);
        await using var prober = new Prober(run.Crowd, run.Arguments.Number("probes", 20), () => run.Fleet.Sound);
        await using (new Load(run.Crowd, run.Rate))
        {
            await Replace(run, prober, HostProcess.ThisBuild, $"from {name}");
            run.Findings.Row("refused on the way there, median / p99 / longest from wanting it", $"{run.Board.RefusedFor}");
            if (run.Arguments.Number("rollback", 1) == 1)
            {
                await Replace(run, prober, earlier, $"back to {name}");
            }
        }

        await run.Finish();
        run.Findings.Row("refused on both ways", $"{run.Board.RefusedFor}");
        run.Findings.Row("reads during it", prober.Answers);
        var longest = run.Board.Acknowledged.Longest;
        run.Findings.Hold(longest <= 5_000, $"a change was acknowledged only {longest:N0} ms after it was wanted, over 5 s");
    }

    private static async Task Replace(FaultRun run, Prober prober, string build, string how)
    {
        foreach (var node in run.Fleet.Nodes)
        {
            prober.Restart();
            run.Tell($"SIGTERM to {node}, {how}");
            var (code, took) = await node.Terminate(DrainBound + TimeSpan.FromSeconds(20));
            run.Findings.Hold(code == 0 && took <= DrainBound, $"{how}: {node} ended with {code} after {took.TotalSeconds:F1} s");
            node.Build = build;
            await node.Start();
            await run.Settled($"after {node}, {how}");
            run.Findings.Row(
                $"{how}, {node}: exit after; longest gap of reads",
                $"{code} {took.TotalSeconds:F1} s; {prober.LongestGap.TotalSeconds:F1} s"
            );
        }
    }
}
