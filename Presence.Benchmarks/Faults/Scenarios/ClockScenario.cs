using System.Diagnostics;
using System.Globalization;
using Presence.Benchmarks.Faults.Crowds;
using Presence.Benchmarks.Faults.Nodes;

namespace Presence.Benchmarks.Faults.Scenarios;

/// <summary>The clock of a node is set while it runs, forward and back, by seconds and by an hour. Nothing stops for as long as the step, and nothing is missed.</summary>
internal static class ClockScenario
{
    private const string Room = "room";

    private static readonly int[] Steps = [10, -10, 3_600, -3_600];

    private static readonly TimeSpan TypingTtl = TimeSpan.FromSeconds(4);

    /// <summary>Before it all who are there have the truth, whatever the clock does.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    /// <summary>For what is done at once, or at its time, and for the machine that all share.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(3);

    /// <summary>Longer than a node may stand still without its peers having to vouch for it.</summary>
    private static readonly TimeSpan PauseLength = TimeSpan.FromSeconds(3);

    public static async Task Run(FaultRun run)
    {
        var step = run.Arguments.Number("step", 0);
        await run.Begin(
            nodes: 3,
            new CrowdSize(Users: 40, Contacts: 10, Rate: 0),
            clocks: true,
            more: [$"Presence__TypingTtl={TypingTtl:c}"]
        );
        using var backend = new Backend(run.Fleet);
        var ears = new Ears(run.Crowd, TypingTtl);
        await backend.Converse(Room, Enumerable.Range(0, run.Crowd.People.Count));
        foreach (var (number, seconds) in (step != 0 ? [step] : Steps).Index())
        {
            await Set(run, run.Fleet.Nodes[number % run.Fleet.Nodes.Count], TimeSpan.FromSeconds(seconds), backend, ears);
            if (step == 0 && number % 2 == 1)
            {
                run.Tell("the clocks are set right");
                foreach (var node in run.Fleet.Nodes)
                {
                    node.Clock.Set(TimeSpan.Zero);
                }
            }
        }

        await run.Finish();
    }

    private static async Task Set(FaultRun run, Node node, TimeSpan step, Backend backend, Ears ears)
    {
        var crowd = run.Crowd;
        // Of ten: two are gone for so long that their entities are too, three have lost their connections, the others are there.
        int[] absent = [.. crowd.Expected.Where(user => user % 10 < 2)];
        int[] viewers = [.. crowd.Expected.Where(user => user % 10 is >= 2 and < 5)];
        var there = crowd.Expected.Except(absent).Except(viewers).Select(user => crowd.People[user]).ToArray();
        await crowd.Leave(absent, Goodbye.Clean);
        await Task.Delay(run.Arguments.Seconds("idle", 45));
        await run.Settled("while some are away");
        // They choose no text: an activity is stored with the text that stands, which would count as chosen again.
        var actors = there.Where(person => person.User % 10 == 5).ToArray();
        var choosing = there.Except(actors).ToArray();
        await All(run, choosing, "before the step");
        // Of several nodes only the one whose users they are can notice that their end has come, and which that is nobody tells.
        var acting = step > TimeSpan.Zero && run.Fleet.Nodes.Count == 1 ? actors : [];
        foreach (var person in acting)
        {
            await backend.Act(person.User, "presenting", (int)(step.TotalSeconds * 0.8));
        }

        await crowd.Leave(viewers, Goodbye.Reset);
        var typing = there.Where(person => person.User % 10 == 6).ToArray();
        Type(typing);
        var heard = await Crowd.Until(() => Hear(there, typing, ears) && acting.All(person => Acts(there, person, crowd, ears)), AtOnce);
        run.Findings.Hold(heard, "before the step a typing or an activity was not shown");

        run.Tell($"the clock of {node} is set by {step.TotalSeconds:+0;-0} s");
        node.Clock.Set(node.Clock.Offset + step);
        var how = string.Create(CultureInfo.InvariantCulture, $"after {step.TotalSeconds:+0;-0} s on {node}");
        var clock = Stopwatch.StartNew();
        var ended = await Crowd.Until(() => !acting.Any(person => Acts(there, person, crowd, ears)), AtOnce);
        run.Findings.Hold(ended, $"{how}: an activity whose end had come was still shown after {AtOnce.TotalSeconds} s");
        var acknowledged = await All(run, choosing, how);
        await EventArrives(run, there, backend, ears, how);
        var silent = await Crowd.Until(() => !Hear(there, typing, ears), TypingTtl + AtOnce - clock.Elapsed);
        run.Findings.Hold(silent, $"{how}: a typing from before had not ended after {(TypingTtl + AtOnce).TotalSeconds} s");
        await TypingEnds(run, there, typing, ears, how);

        await crowd.Connect(absent, Soon);
        await crowd.Connect(viewers, Soon);
        var settled = await run.Settled(how, (int)Soon.TotalSeconds, isEnd: true);
        var woken = await Wake(run, node, choosing, how);
        run.Findings.Row(
            $"{how}: acknowledged; all true; acknowledged after a pause",
            $"{After(acknowledged)}; {After(settled?.TotalSeconds)}; {After(woken)}"
        );
    }

    private static string After(double? seconds) =>
        seconds is { } took ? string.Create(CultureInfo.InvariantCulture, $"after {took:F1} s") : "not in time";

    /// <summary>All of them change; after how many seconds that is acknowledged.</summary>
    private static async Task<double?> All(FaultRun run, IReadOnlyCollection<Person> people, string how)
    {
        var refused = Refused(run);
        var clock = Stopwatch.StartNew();
        foreach (var person in people)
        {
            person.Choose();
        }

        var acknowledged = await Crowd.Until(() => !people.Any(person => person.Choices.IsOpen), AtOnce);
        run.Findings.Hold(
            acknowledged,
            $"{how}: {people.Count(person => person.Choices.IsOpen)} of {people.Count} changes were not acknowledged within {AtOnce.TotalSeconds} s"
        );
        run.Findings.Hold(Refused(run) == refused, $"{how}: {Refused(run) - refused} changes were refused");
        return acknowledged ? clock.Elapsed.TotalSeconds : null;
    }

    private static int Refused(FaultRun run) => run.Board.RefusedAfter.Values.Sum(refused => refused.Count);

    private static async Task EventArrives(FaultRun run, Person[] there, Backend backend, Ears ears, string how)
    {
        var id = await backend.Notify(there.Select(person => person.User), ttl: 0);
        await Crowd.Until(() => there.All(person => ears.HasHeard(person.User, id)), AtOnce);
        var deaf = there.Count(person => !ears.HasHeard(person.User, id));
        run.Findings.Hold(deaf == 0, $"{how}: an event had not arrived at {deaf} of {there.Length} sockets after {AtOnce.TotalSeconds} s");
    }

    private static async Task TypingEnds(FaultRun run, Person[] there, Person[] typing, Ears ears, string how)
    {
        Type(typing);
        var begun = await Crowd.Until(() => Hear(there, typing, ears), AtOnce);
        run.Findings.Hold(begun, $"{how}: nobody was told that somebody types");
        var ended = await Crowd.Until(() => !Hear(there, typing, ears), TypingTtl + AtOnce);
        run.Findings.Hold(ended, $"{how}: a typing had not ended after {(TypingTtl + AtOnce).TotalSeconds} s");
    }

    private static async Task<double?> Wake(FaultRun run, Node node, Person[] choosing, string how)
    {
        var ended = node.EndedByItself;
        run.Crowd.IsAbout(node);
        node.Pause();
        await Task.Delay(PauseLength);
        node.Continue();
        await Task.Delay(TimeSpan.FromSeconds(1));
        run.Findings.Hold(node.EndedByItself == ended, $"{how}: {node} ended after a pause");
        var acknowledged = await All(run, choosing, $"{how}, and a pause");
        await run.Settled($"{how}, and a pause", (int)Soon.TotalSeconds);
        node.IsFaulty = false;
        return acknowledged;
    }

    private static void Type(IEnumerable<Person> typing)
    {
        foreach (var person in typing)
        {
            person.Send($$$"""{"type":"typing","payload":{"conversation_id":"{{{Room}}}","is_typing":true}}""");
        }
    }

    /// <summary>Whether anybody hears any of them type.</summary>
    private static bool Hear(Person[] there, Person[] typing, Ears ears) =>
        typing.Any(typist => there.Any(listener => ears.HearsTyping(listener.User, typist.User)));

    private static bool Acts(Person[] there, Person person, Crowd crowd, Ears ears) =>
        there.Any(watcher => crowd.Ring.SlotOf(watcher.User, person.User) >= 0 && ears.Activity(watcher.User, person.User) is not null);
}
