using System.Globalization;
using Presence.Benchmarks.Faults.Crowds;

namespace Presence.Benchmarks.Faults.Scenarios;

/// <summary>The network between a node and the others breaks, in both directions or in one, and heals. Clients and PostgreSQL reach all nodes meanwhile.</summary>
internal static class PartitionScenario
{
    public static async Task Run(FaultRun run)
    {
        var partitions = run.Arguments.Number("partitions", 3);
        var (shortest, longest) = (run.Arguments.Number("shortest", 5), run.Arguments.Number("longest", 20));
        await run.Begin(nodes: 3, new CrowdSize(Users: 300, Contacts: 10, Rate: 30), cuts: true);
        await using (new Load(run.Crowd, run.Rate))
        {
            for (var partition = 0; partition < partitions; partition++)
            {
                var length = partition == 0 ? longest : run.Random.Next(shortest, longest + 1);
                await Partition(run, partition, TimeSpan.FromSeconds(length));
            }
        }

        await run.Finish();
    }

    private static async Task Partition(FaultRun run, int partition, TimeSpan length)
    {
        var node = run.Fleet.Nodes[run.Random.Next(run.Fleet.Nodes.Count)];
        var (hears, isHeard, how) = (partition % 3) switch
        {
            0 => (false, false, "neither hears the others nor is heard"),
            1 => (false, true, "is heard, and hears nothing"),
            _ => (true, false, "hears the others, and is not heard"),
        };
        var ended = node.EndedByItself;
        run.Tell($"{node} {how}, for {length.TotalSeconds:F0} s");
        run.Crowd.IsAbout(node);
        await using var majority = new Prober(run.Crowd, run.Arguments.Number("probes", 20), () => run.Fleet.Sound);
        await using var minority = new Prober(run.Crowd, 10, () => [node]);
        await run.Fleet.Isolate(node, hears, isHeard);
        await Task.Delay(length);
        await run.Fleet.Heal(node, hears, isHeard);
        run.Tell("healed");
        await run.EndsOrGoesOn(node, ended);
        var took = await run.Settled($"after partition {partition + 1}");
        run.Findings.Row(
            string.Create(
                CultureInfo.InvariantCulture,
                $"partition {partition + 1}, {length.TotalSeconds:F0} s: longest gap elsewhere; all true after"
            ),
            $"{majority.LongestGap.TotalSeconds:F1} s; {took?.TotalSeconds:F1} s"
        );
        run.Findings.Row($"  {node}, which {how}, answered", minority.Answers);
        run.Findings.Row("  the others answered", majority.Answers);
    }
}
