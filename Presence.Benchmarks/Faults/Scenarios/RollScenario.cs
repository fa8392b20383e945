using System.Globalization;
using Presence.Benchmarks.Faults.Crowds;

namespace Presence.Benchmarks.Faults.Scenarios;

/// <summary>A rolling restart: SIGTERM to each node in turn, started again when it has gone. Nobody may notice but those who have to reconnect.</summary>
internal static class RollScenario
{
    private static readonly TimeSpan DrainBound = TimeSpan.FromSeconds(25);

    public static async Task Run(FaultRun run)
    {
        var rolls = run.Arguments.Number("rolls", 1);
        await run.Begin(nodes: 3, new CrowdSize(Users: 1_000, Contacts: 20, Rate: 50), heartbeat: 10);
        await using var prober = new Prober(run.Crowd, run.Arguments.Number("probes", 20), () => run.Fleet.Sound);
        await using (new Load(run.Crowd, run.Rate))
        {
            for (var roll = 0; roll < rolls; roll++)
            {
                foreach (var node in run.Fleet.Nodes)
                {
                    prober.Restart();
                    run.Tell($"SIGTERM to {node}");
                    var (code, took) = await node.Terminate(DrainBound + TimeSpan.FromSeconds(20));
                    run.Findings.Hold(code == 0, $"roll {roll + 1}: {node} ended with {code}");
                    run.Findings.Hold(took <= DrainBound, $"roll {roll + 1}: {node} took {took.TotalSeconds:F1} s to go");
                    await node.Start();
                    run.Findings.Row(
                        string.Create(CultureInfo.InvariantCulture, $"roll {roll + 1}, {node}: exit after; longest gap of reads"),
                        $"{code} {took.TotalSeconds:F1} s; {prober.LongestGap.TotalSeconds:F1} s"
                    );
                    await run.Settled($"after {node}");
                }
            }
        }

        await run.Finish();
        run.Findings.Row("reads during it", prober.Answers);
    }
}
