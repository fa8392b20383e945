using System.Globalization;
using Presence.Benchmarks.Faults.Crowds;

namespace Presence.Benchmarks.Faults.Scenarios;

/// <summary>A process that stands still, and wakes: SIGSTOP, then SIGCONT. Some clients of it mind no silence and go on sending to it all the while, and it is asked for users the moment that it wakes: nothing of what it took itself to be may count.</summary>
internal static class StopScenario
{
    private const int Stubborn = 30;

    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(5);

    public static async Task Run(FaultRun run)
    {
        var pauses = run.Arguments.Number("pauses", 2);
        var (shortest, longest) = (run.Arguments.Number("shortest", 5), run.Arguments.Number("longest", 15));
        await run.Begin(nodes: 3, new CrowdSize(Users: 600, Contacts: 20, Rate: 50));
        await using (new Load(run.Crowd, run.Rate))
        {
            for (var pause = 0; pause < pauses; pause++)
            {
                // Both ends are tried first: a pause that the others wait out, and one after which the node was replaced.
                var seconds = pause switch
                {
                    0 => longest,
                    1 => shortest,
                    _ => run.Random.Next(shortest, longest + 1),
                };
                await Pause(run, pause, TimeSpan.FromSeconds(seconds));
            }
        }

        await run.Finish();
    }

    private static async Task Pause(FaultRun run, int pause, TimeSpan length)
    {
        var node = run.Fleet.Nodes[run.Random.Next(run.Fleet.Nodes.Count)];
        var stubborn = run.Crowd.On(node).Take(Stubborn).ToArray();
        Array.ForEach(stubborn, person => person.IsStubborn = true);
        var before = stubborn.Sum(person => person.Choices.AllAcknowledged.Count);
        await using var others = new Prober(run.Crowd, run.Arguments.Number("probes", 20), () => run.Fleet.Sound);
        var ended = node.EndedByItself;
        run.Tell($"SIGSTOP to {node} with {run.Crowd.On(node).Count()} sockets for {length.TotalSeconds:F0} s");
        run.Crowd.IsAbout(node);
        node.Pause();
        await Send(stubborn, length);
        await using var woken = new Prober(run.Crowd, 50, () => [node]);
        await Task.Delay(TimeSpan.FromMilliseconds(200));
        node.Continue();
        await Send(stubborn, Watched);
        Array.ForEach(stubborn, person => person.IsStubborn = false);
        await run.EndsOrGoesOn(node, ended);
        var took = await run.Settled($"after pause {pause + 1}");
        run.Findings.Row(
            string.Create(
                CultureInfo.InvariantCulture,
                $"pause {pause + 1}, {node}, {length.TotalSeconds:F0} s: longest gap elsewhere; all true after"
            ),
            $"{others.LongestGap.TotalSeconds:F1} s; {took?.TotalSeconds:F1} s"
        );
        run.Findings.Row(
            "  its sockets' changes acknowledged, of those sent into it",
            $"{stubborn.Sum(person => person.Choices.AllAcknowledged.Count) - before:N0}"
        );
        run.Findings.Row("  what it answered when it woke", woken.Answers);
    }

    private static async Task Send(IReadOnlyCollection<Person> people, TimeSpan length)
    {
        var until = DateTime.UtcNow + length;
        while (DateTime.UtcNow < until)
        {
            foreach (var person in people)
            {
                person.Choose();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }
    }
}
