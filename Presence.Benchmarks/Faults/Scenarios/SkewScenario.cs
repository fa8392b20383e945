using Presence.Benchmarks.Faults.Crowds;

namespace Presence.Benchmarks.Faults.Scenarios;

/// <summary>A node that was started with a wrong clock, behind the other's or ahead of it: people change, lose their connections, and come back to the other node.</summary>
internal static class SkewScenario
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DrainBound = TimeSpan.FromSeconds(25);

    private static readonly int[] Skews = [-3, 3, -10, 10, -3_600, 3_600];

    public static async Task Run(FaultRun run)
    {
        var times = run.Arguments.Number("times", 3);
        var skew = run.Arguments.Number("skew", 0);
        await run.Begin(nodes: 2, new CrowdSize(Users: 60, Contacts: 10, Rate: 20), clocks: true);
        var (right, wrong) = (run.Fleet.Nodes[0], run.Fleet.Nodes[1]);
        foreach (var seconds in skew != 0 ? [skew] : Skews)
        {
            run.Tell($"{wrong} starts again, with a clock {Math.Abs(seconds)} s {(seconds < 0 ? "behind" : "ahead")}");
            await wrong.Terminate(DrainBound);
            wrong.Clock.Set(TimeSpan.FromSeconds(seconds));
            await wrong.Start();
            await run.Settled("with the wrong clock");
            await using (new Load(run.Crowd, run.Rate))
            {
                await Task.Delay(TimeSpan.FromSeconds(3));
            }

            await run.Settled("after changes", isEnd: true);
            var lost = 0;
            for (var time = 0; time < times; time++)
            {
                // Some lost their connections to it, some to the other one.
                run.Crowd.RoutedTo = () => [right];
                lost += await Comeback.AllAreTold(run, back => run.Crowd.Connect(back, Soon), Soon) ? 0 : 1;
                run.Crowd.RoutedTo = () => run.Fleet.Up;
            }

            run.Findings.Row($"{seconds:+#,0;-#,0} s: of {times} times, some lost a change in", $"{lost}");
        }

        await run.Finish();
    }
}
