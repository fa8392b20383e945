using Presence.Benchmarks.Faults.Crowds;
using Presence.Benchmarks.Faults.Nodes;

namespace Presence.Benchmarks.Faults.Scenarios;

/// <summary>People come and go, with a goodbye, with a reset, and without a word, before the eyes of others who stay. In the end nothing is left of them.</summary>
internal static class ChurnScenario
{
    private const int AtOnce = 50;

    public static async Task Run(FaultRun run)
    {
        var rounds = run.Arguments.Number("visits", 2_000) / AtOnce;
        await run.Begin(nodes: 3, new CrowdSize(Users: 600, Contacts: 20, Rate: 20));
        run.Crowd.BreaksAreMeant = true;
        // Every other one comes and goes, so that each is watched by those who stay.
        var visitors = run.Crowd.People.Where(person => person.User % 2 == 0).Select(person => person.User).ToArray();
        // What is made once, and stays, is not to be taken for what leaks.
        await Visit(run, visitors, Math.Max(1, rounds / 5));
        await AllGone(run, visitors);
        var (memory, counts) = (run.Fleet.Memory(), await Counts(run));
        await using (new Load(run.Crowd, run.Rate))
        {
            await Visit(run, visitors, rounds);
        }

        await AllGone(run, visitors);
        var (after, countsAfter) = (run.Fleet.Memory(), await Counts(run));
        run.Findings.Row("visits", $"{rounds * AtOnce:N0}");
        run.Findings.Row("users online, devices, connections before and after", $"{counts}; {countsAfter}");
        run.Findings.Row("resident memory of the nodes before and after", $"{memory:N0} MiB; {after:N0} MiB");
        run.Findings.Hold(counts == countsAfter, $"of {counts} users, devices and connections there are {countsAfter}");
        // A short run is the compiler's and the collector's noise: only a long one tells.
        var share = run.Arguments.Number("memory", 25);
        run.Findings.Hold(
            after <= memory * (1 + (share / 100.0)),
            $"resident memory grew from {memory:N0} to {after:N0} MiB, over {share} %"
        );
        await run.Finish();
    }

    /// <summary>So many rounds of fifty who come and go.</summary>
    public static async Task Visit(FaultRun run, int[] visitors, int rounds)
    {
        await run.Crowd.Leave([.. visitors.Where(user => run.Crowd.People[user].Stays)], Goodbye.Clean);
        for (var round = 0; round < rounds; round++)
        {
            var coming = Enumerable.Range(0, AtOnce).Select(step => visitors[((round * AtOnce) + step) % visitors.Length]).ToArray();
            // A client of half an open connection is still there for the suite; that user's next visit is a new one.
            await run.Crowd.Forget(coming);
            var connected = await run.Crowd.Connect(coming, TimeSpan.FromSeconds(30));
            run.Findings.Hold(connected, $"{coming.Count(user => !run.Crowd.People[user].IsReady)} visitors could not connect");
            foreach (var goodbye in coming.GroupBy(_ => (Goodbye)run.Random.Next(3)))
            {
                await run.Crowd.Leave([.. goodbye], goodbye.Key);
            }
        }
    }

    private static async Task AllGone(FaultRun run, int[] visitors)
    {
        await run.Crowd.Leave([.. visitors.Where(user => run.Crowd.People[user].Stays)], Goodbye.Reset);
        var limit = run.Fleet.Settings.HeartbeatTimeout + run.Fleet.Settings.Grace;
        await run.Settled("after the visits", (int)limit.TotalSeconds + 10);
        await run.Crowd.Forget(visitors);
        var stay = run.Crowd.Expected.Count();
        await Crowd.Until(() => Counts(run).Result == (stay, stay, stay), TimeSpan.FromSeconds(10));
    }

    private static async Task<(long Users, long Devices, long Connections)> Counts(FaultRun run) =>
        (await run.Fleet.Count("users_online"), await run.Fleet.Count("devices"), await run.Fleet.Count("connections"));
}
