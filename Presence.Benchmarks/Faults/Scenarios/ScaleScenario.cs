using Presence.Benchmarks.Faults.Crowds;

namespace Presence.Benchmarks.Faults.Scenarios;

/// <summary>One node, then two, three, two, one, under changes: entities move, and nobody loses or doubles anything, or waits for long.</summary>
internal static class ScaleScenario
{
    private static readonly TimeSpan DrainBound = TimeSpan.FromSeconds(25);

    public static async Task Run(FaultRun run)
    {
        var rounds = run.Arguments.Number("rounds", 1);
        var rest = run.Arguments.Seconds("rest", 3);
        await run.Begin(nodes: 3, new CrowdSize(Users: 600, Contacts: 4, Rate: 100), heartbeat: 10, started: 1);
        var joining = run.Fleet.Nodes.Skip(1).ToArray();
        await using (new Load(run.Crowd, run.Rate))
        {
            for (var round = 0; round < rounds; round++)
            {
                foreach (var node in joining)
                {
                    run.Tell($"{node} joins");
                    await node.Start();
                    await Task.Delay(rest);
                }

                foreach (var node in joining.Reverse())
                {
                    run.Tell($"SIGTERM to {node} with {run.Crowd.On(node).Count()} sockets");
                    var (code, took) = await node.Terminate(DrainBound + TimeSpan.FromSeconds(20));
                    run.Findings.Hold(
                        code == 0 && took <= DrainBound,
                        $"round {round + 1}: {node} ended with {code} after {took.TotalSeconds:F1} s"
                    );
                    await Task.Delay(rest);
                }
            }
        }

        await run.Finish();
        var (p99, longest) = (run.Board.Acknowledged.Share(0.99), run.Board.Acknowledged.Longest);
        run.Findings.Hold(p99 <= 1_000, $"the p99 of acknowledgements is {p99:N0} ms, over 1 s");
        run.Findings.Hold(longest <= 5_000, $"an acknowledgement took {longest:N0} ms, over 5 s");
    }
}
