using System.Diagnostics;
using Presence.Benchmarks.Faults.Crowds;
using Presence.Benchmarks.Faults.Nodes;

namespace Presence.Benchmarks.Faults.Scenarios;

/// <summary>PostgreSQL ends, and later stands still, under changes: they are refused in time, what is not stored goes on, and all is well soon after it is back.</summary>
internal static class DatabaseScenario
{
    private static readonly TimeSpan RefusalBound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RecoveryBound = TimeSpan.FromSeconds(10);

    /// <summary>For a machine that clients and servers share: the service's own limit is two seconds, to the answer's sending.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(500);

    public static async Task Run(FaultRun run)
    {
        var length = run.Arguments.Seconds("length", 15);
        await run.Begin(nodes: 3, new CrowdSize(Users: 400, Contacts: 10, Rate: 50));
        var server = run.Fleet.Server;
        await using (new Load(run.Crowd, run.Rate))
        {
            await Task.Delay(TimeSpan.FromSeconds(3));
            await Outage(run, "stopped", length, server.Crash, server.StartAgain);
            await Outage(run, "paused", length, server.Pause, server.Continue);
        }

        await run.Finish();
        if (run.Board.RefusedAfter.TryGetValue("unavailable", out var refused))
        {
            run.Findings.Hold(
                refused.Longest <= (RefusalBound + Slack).TotalMilliseconds,
                $"unavailable was said only after {refused.Longest:N0} ms"
            );
        }
        else
        {
            run.Findings.Hold(false, "no command was ever refused: the store was not out of reach");
        }

        run.Findings.Hold(
            run.Board.RefusedAfter.Keys.All(code => code == "unavailable"),
            $"refused by {string.Join(", ", run.Board.RefusedAfter.Keys)}, where only unavailable is true"
        );
    }

    private static async Task Outage(FaultRun run, string how, TimeSpan length, Func<Task> begin, Func<Task> end)
    {
        var memory = run.Fleet.Memory();
        run.Tell($"PostgreSQL is {how} for {length.TotalSeconds:F0} s");
        await begin();
        var clock = Stopwatch.StartNew();
        var acknowledged = run.Board.Acknowledged.Count;
        await Task.Delay(TimeSpan.FromSeconds(3));
        var goesOn = await IdlenessArrives(run);
        run.Findings.Hold(goesOn is not null, $"while PostgreSQL was {how} an idle person was not shown away within 5 s");
        if (length > clock.Elapsed)
        {
            await Task.Delay(length - clock.Elapsed);
        }

        var before = run.Board.Acknowledged.Count;
        await end();
        run.Tell("PostgreSQL is back");
        clock.Restart();
        var recovered = await Crowd.Until(() => run.Board.Acknowledged.Count - before > run.Rate, RecoveryBound);
        run.Findings.Hold(
            recovered,
            $"after PostgreSQL was {how}, changes were not acknowledged again within {RecoveryBound.TotalSeconds} s"
        );
        var recovery = clock.Elapsed;
        await run.Settled($"after it was {how}");
        run.Findings.Row($"{how}: a person's idleness shown to others after", $"{goesOn?.TotalMilliseconds:N0} ms");
        run.Findings.Row(
            $"{how}: acknowledged meanwhile; changes again after",
            $"{before - acknowledged:N0}; {recovery.TotalSeconds:F1} s"
        );
        run.Findings.Row($"{how}: resident memory before and after", $"{memory:N0} MiB; {run.Fleet.Memory():N0} MiB");
        var grown = run.Fleet.Memory() / memory;
        run.Findings.Hold(grown <= 1.3, $"resident memory grew {grown:F2} times while PostgreSQL was {how}");
    }

    /// <summary>Somebody becomes idle, which is stored nowhere, and active again; how long until the contacts saw the first.</summary>
    private static async Task<TimeSpan?> IdlenessArrives(FaultRun run)
    {
        var person = run.Crowd.People.First(person => person.IsReady);
        var watchers = run
            .Crowd.Ring.ContactsOf(person.User)
            .Select(user => run.Crowd.People[user])
            .Where(watcher => watcher.IsReady)
            .ToArray();
        var clock = Stopwatch.StartNew();
        person.Send("""{"type":"heartbeat","id":"h","payload":{"active":false}}""");
        var seen = await Crowd.Until(() => watchers.All(watcher => !SeesOnline(run, watcher, person.User)), TimeSpan.FromSeconds(5));
        var took = clock.Elapsed;
        person.Send("""{"type":"heartbeat","id":"h","payload":{"active":true}}""");
        return seen ? took : null;
    }

    private static bool SeesOnline(FaultRun run, Person watcher, int user) =>
        watcher.Sights[run.Crowd.Ring.SlotOf(watcher.User, user)].Online;
}
