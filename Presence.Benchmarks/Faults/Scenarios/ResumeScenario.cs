using System.Diagnostics;
using System.Globalization;
using Presence.Benchmarks.Faults.Nodes;

namespace Presence.Benchmarks.Faults.Scenarios;

/// <summary>Half of all lose their connections, their contacts change, the contacts' node stands still, and they come back to the other one meanwhile. Each change is in what they are shown then, or is pushed soon after the node is heard again.</summary>
internal static class ResumeScenario
{
    private const int Batches = 10;

    /// <summary>From when the node goes on: a little for it to be heard again, and for what waits to be asked and told.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private static readonly int[] Lengths = [600, 2_000, 3_000, 4_000, 6_000];

    public static async Task Run(FaultRun run)
    {
        var pauses = run.Arguments.Number("pauses", 2);
        var length = run.Arguments.Number("ms", 0);
        await run.Begin(nodes: 2, new CrowdSize(Users: 60, Contacts: 10, Rate: 0));
        foreach (var milliseconds in length > 0 ? [length] : Lengths)
        {
            var (lost, before) = (0, run.Board.Sessions);
            for (var pause = 0; pause < pauses; pause++)
            {
                // The second first: the older of two may go on by itself, and so its pauses are the milder ones.
                var node = run.Fleet.Nodes[(pause + 1) % run.Fleet.Nodes.Count];
                var isTold = await Comeback.AllAreTold(run, back => Pause(run, node, TimeSpan.FromMilliseconds(milliseconds), back), Soon);
                node.IsFaulty = false;
                run.Crowd.RoutedTo = () => run.Fleet.Up;
                lost += isTold ? 0 : 1;
            }

            var (resumed, fresh) = run.Board.Sessions;
            run.Findings.Row(
                string.Create(CultureInfo.InvariantCulture, $"{pauses} pauses of {milliseconds:N0} ms: some lost a change in"),
                $"{lost}; {resumed - before.Resumed:N0} sessions resumed, {fresh - before.Fresh:N0} begun anew"
            );
        }

        await run.Finish();
    }

    /// <summary>They come back one after the other, over all of the pause: how long the node has been silent decides what the other one takes it for.</summary>
    private static async Task Pause(FaultRun run, Node node, TimeSpan length, IReadOnlyList<int> back)
    {
        run.Tell(string.Create(CultureInfo.InvariantCulture, $"SIGSTOP to {node} for {length.TotalSeconds:F1} s"));
        run.Crowd.IsAbout(node);
        run.Crowd.RoutedTo = () => run.Fleet.Sound;
        node.Pause();
        var clock = Stopwatch.StartNew();
        for (var batch = 0; batch < Batches; batch++)
        {
            await run.Crowd.Connect(back.Where((_, number) => number % Batches == batch), TimeSpan.Zero);
            var rest = (length * (batch + 1) / Batches) - clock.Elapsed;
            await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
        }

        node.Continue();
    }
}
