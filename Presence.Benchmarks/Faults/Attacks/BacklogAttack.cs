using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using Presence.Benchmarks.Faults.Crowds;
using Presence.Benchmarks.Faults.Nodes;

namespace Presence.Benchmarks.Faults.Attacks;

/// <summary>Users with large events waiting for them, who connect together through a node that is home to nobody: all that waits must come over the lines between the nodes, and nobody else may be slower for it.</summary>
internal static class BacklogAttack
{
    private const int Slower = 2;

    /// <summary>Users who have their backlogs before anything is measured: the compiler's work in a new process is not the backlogs'.</summary>
    private const int WarmUps = 6;

    /// <summary>For a machine that clients, nodes and database share.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(20);

    public static async Task Run(FaultRun run)
    {
        var (users, events) = (run.Arguments.Number("users", 60), run.Arguments.Number("events", 100));
        var (others, rate) = (run.Arguments.Number("others", 60), run.Arguments.Number("rate", 30));
        var limit = run.Arguments.Seconds("limit", 60);
        var fleet = run.Own(
            await Fleet.Make(
                new FleetSettings(3, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(10), false, 2, GatewaysOnly: 1),
                run.Folder
            )
        );
        // One after the other: on a machine of two cores, three at once find the store too slow to begin with.
        await fleet.Start(2);
        await fleet.Nodes[^1].Start();
        var gateway = fleet.Nodes[^1];
        using var service = new HttpClient { BaseAddress = gateway.Address };
        service.DefaultRequestHeaders.Add("X-Api-Key", Fleet.ApiKey);
        using var bystanders = await Bystanders.Come(service, [.. fleet.Nodes.Select(node => node.Web)], others);
        await Post(service, users + WarmUps, events, run.Arguments.Number("bytes", 32_000));
        using var over = new CancellationTokenSource();
        Recipient[] Recipients(int first, int count) =>
            [.. Enumerable.Range(first, count).Select(user => new Recipient(gateway.Web, user, events))];
        var early = Recipients(users, WarmUps);
        var all = new List<Task>(early.Select(recipient => recipient.Live(over.Token)));
        await Crowd.Until(() => early.All(recipient => recipient.Delivered == events), limit);
        await bystanders.ChangeFor(TimeSpan.FromSeconds(10), rate);
        var before = await bystanders.ChangeFor(TimeSpan.FromSeconds(10), rate);

        var resubscriptions = await fleet.Metric("presence_resubscriptions_total");
        var recipients = Recipients(0, users);
        run.Tell($"{users} users connect, for each of whom {events} events wait");
        var clock = Stopwatch.StartNew();
        all.AddRange(recipients.Select(recipient => recipient.Live(over.Token)));
        int Delivered() => recipients.Sum(recipient => recipient.Delivered);
        var delivery = Crowd.Until(() => Delivered() == users * events, limit);
        var newcomers = Newcomers(gateway.Web, delivery);
        var during = await bystanders.ChangeUntil(delivery, rate);
        var took = clock.Elapsed;
        var (arrived, turnedAway) = await newcomers;
        run.Findings.Row("events delivered", $"{Delivered():N0} of {users * events:N0} in {took.TotalSeconds:F1} s");
        run.Findings.Row("closes of the recipients", $"{recipients.Sum(recipient => recipient.Lost):N0}");
        run.Findings.Row(
            "entities asked anew (presence_resubscriptions_total)",
            $"{await fleet.Metric("presence_resubscriptions_total") - resubscriptions:N0}"
        );
        var oversized = fleet.Nodes.Sum(node => node.Said.Count(line => line.Contains("OversizedPayload", StringComparison.Ordinal)));
        run.Findings.Row("lines with OversizedPayload", $"{oversized:N0}");
        run.Findings.Row("nodes that ended by themselves", $"{fleet.Nodes.Sum(node => node.EndedByItself)}");
        run.Findings.Row("new users meanwhile, to snapshot; turned away", $"{arrived}; {turnedAway}");
        before.Tell(run.Findings, "before");
        during.Tell(run.Findings, "meanwhile");
        await over.CancelAsync();
        await Task.WhenAll(all);

        run.Findings.Hold(Delivered() == users * events, $"{Delivered()} of {users * events} events were delivered");
        run.Findings.Hold(oversized == 0, $"{oversized} messages were too large for the line");
        run.Findings.Hold(turnedAway == 0, $"{turnedAway} new users could not connect");
        HoldSlower(run.Findings, "ack", before.Acknowledged, during.Acknowledged);
        HoldSlower(run.Findings, "push", before.Pushed, during.Pushed);
    }

    private static void HoldSlower(Findings findings, string what, Delays before, Delays during)
    {
        foreach (var share in new[] { 0.5, 0.99 })
        {
            findings.Hold(
                during.Share(share) <= (before.Share(share) * Slower) + Slack.TotalMilliseconds,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"others' {what} took {during.Share(share):N0} ms (share {share}), {before.Share(share):N0} before"
                )
            );
        }
    }

    private static async Task Post(HttpClient service, int users, int events, int bytes)
    {
        var recipients = Enumerable.Range(0, users).Select(Name).ToArray();
        var fill = new string('x', bytes);
        for (var number = 0; number < events; number++)
        {
            using var response = await service.PostAsJsonAsync(
                new Uri("/events", UriKind.Relative),
                new Dictionary<string, object>
                {
                    ["event_type"] = "backlog",
                    ["recipients"] = recipients,
                    ["payload"] = new { n = number, fill },
                    ["ttl"] = 3_600,
                }
            );
            response.EnsureSuccessStatusCode();
        }
    }

    private static string Name(int user) => string.Create(CultureInfo.InvariantCulture, $"recipient-{user}");

    /// <summary>New users, two a second, until that is done: how long each needs, and how many don't get in within 5 s.</summary>
    private static async Task<(Delays Arrived, int TurnedAway)> Newcomers(IPEndPoint gateway, Task done)
    {
        var (arrived, turnedAway) = (new Delays(), 0);
        for (var number = 0; !done.IsCompleted; number++)
        {
            using var client = new LeanClient(gateway, string.Create(CultureInfo.InvariantCulture, $"newcomer-{number}"));
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            var clock = Stopwatch.StartNew();
            try
            {
                await client.ConnectAtLast("", null, limit.Token);
                arrived.Add(clock.Elapsed);
            }
            catch (OperationCanceledException)
            {
                turnedAway++;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }

        return (arrived, turnedAway);
    }

    /// <summary>Stays connected, acknowledges each event, and counts which it has.</summary>
    private sealed class Recipient
    {
        private readonly LeanClient _client;
        private readonly bool[] _had;

        public Recipient(IPEndPoint gateway, int user, int events)
        {
            _had = new bool[events];
            _client = new LeanClient(gateway, Name(user)) { Frame = Take };
        }

        public int Delivered => _had.Count(had => had);

        public int Lost { get; private set; }

        public async Task Live(CancellationToken over)
        {
            var closes = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
            try
            {
                while (true)
                {
                    await _client.ConnectAtLast("", closes, over);
                    while (_client.IsReady)
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(200), over);
                    }

                    Lost++;
                }
            }
            catch (OperationCanceledException)
            {
                Lost += closes.Values.Sum();
                _client.Dispose();
            }
        }

        private void Take(ReadOnlySpan<byte> frame)
        {
            var id = "\"payload\":{\"id\":\""u8;
            var number = "\"n\":"u8;
            if (!frame.Is("event"u8))
            {
                return;
            }

            var at = frame.IndexOf(number);
            if (at >= 0 && Utf8Parser.TryParse(frame[(at + number.Length)..], out int n, out _))
            {
                _had[n] = true;
            }

            at = frame.IndexOf(id);
            if (at >= 0)
            {
                var rest = frame[(at + id.Length)..];
                var own = Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)'"')]);
                _ = _client.Send($$$"""{"type":"event_ack","payload":{"id":"{{{own}}}"}}""");
            }
        }
    }
}
