using System.Diagnostics;
using System.Globalization;
using Presence.Benchmarks.Faults.Crowds;
using Presence.Benchmarks.Faults.Nodes;

namespace Presence.Benchmarks.Faults.Scenarios;

/// <summary>Everything at once for a long time, among people who have a hundred contacts each: some come and go, some change, type, are sent events; clocks are set, nodes stand still. The words hold all along, and memory doesn't grow.</summary>
internal static class SoakScenario
{
    private static readonly TimeSpan TypingTtl = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SampledEach = TimeSpan.FromSeconds(5);

    private static readonly int[] Offsets = [10, 0, -10, 3_600, 0, -3_600];

    public static async Task Run(FaultRun run)
    {
        var length = run.Arguments.Seconds("length", 3_600);
        var noClocks = NodeClock.WhyNot();
        run.Tell(noClocks ?? "clocks are set too");
        await run.Begin(nodes: 3, new CrowdSize(Users: 240, Contacts: 100, Rate: 10), clocks: noClocks is null);
        var visitors = run.Crowd.People.Where(person => person.User % 2 == 0).Select(person => person.User).ToArray();
        using var backend = new Backend(run.Fleet);
        var ears = new Ears(run.Crowd, TypingTtl);
        var clock = Stopwatch.StartNew();
        var rounds = 0;
        await using var memory = new MemorySamples(run.Fleet, SampledEach);
        await using (new Load(run.Crowd, run.Rate))
        await using (var chatter = new Chatter(run.Crowd, backend, ears, [.. Enumerable.Range(0, 120).Select(number => (2 * number) + 1)]))
        {
            for (; clock.Elapsed < length; rounds++)
            {
                chatter.CalmSince = DateTime.UtcNow;
                await ChurnScenario.Visit(run, visitors, rounds: 2);
                await Task.Delay(Calm);
                chatter.CalmSince = null;
                await Disturb(run, rounds, noClocks is null);
                await ChurnScenario.Visit(run, visitors, rounds: 2);
                await run.Settled($"in round {rounds + 1}");
            }

            run.Findings.Row("rounds; events sent, not taken", $"{rounds:N0}; {chatter.Sent:N0}, {chatter.NotTaken:N0}");
        }

        await memory.Report(run.Findings, run.Arguments.Number("memory", 10));
        await run.Crowd.Connect(visitors.Where(user => !run.Crowd.People[user].Stays), TimeSpan.FromSeconds(30));
        await run.Finish();
    }

    private static async Task Disturb(FaultRun run, int round, bool clocks)
    {
        var node = run.Fleet.Nodes[run.Random.Next(run.Fleet.Nodes.Count)];
        if (clocks)
        {
            var offset = Offsets[round % Offsets.Length];
            run.Tell($"the clock of {node} is set to {offset:+0;-0;+0} s");
            node.Clock.Set(TimeSpan.FromSeconds(offset));
        }

        if (round % 3 == 2)
        {
            var length = TimeSpan.FromSeconds(2 + (3 * run.Random.NextDouble()));
            run.Tell(string.Create(CultureInfo.InvariantCulture, $"SIGSTOP to {node} for {length.TotalSeconds:F1} s"));
            var ended = node.EndedByItself;
            run.Crowd.IsAbout(node);
            node.Pause();
            await Task.Delay(length);
            node.Continue();
            await run.EndsOrGoesOn(node, ended);
        }
    }
}
