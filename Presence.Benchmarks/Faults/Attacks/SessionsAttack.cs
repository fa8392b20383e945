using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Presence.Benchmarks.Faults.Attacks;

/// <summary>One user with as many devices and subscriptions as the limits allow, who changes one subscription a second on each: nobody else may be refused anything for it.</summary>
internal static class SessionsAttack
{
    /// <summary>As many ids of 100 letters as fit into a message.</summary>
    private const int IdsAMessage = 500;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static async Task Run(FaultRun run)
    {
        foreach (var postgreSql in OneNode.Stores(run.Arguments))
        {
            await Run(run, postgreSql);
        }
    }

    private static async Task Run(FaultRun run, bool postgreSql)
    {
        var (devices, subscriptions) = (run.Arguments.Number("devices", 50), run.Arguments.Number("subscriptions", 10_000));
        var (others, rate) = (run.Arguments.Number("others", 100), run.Arguments.Number("rate", 50));
        var (length, after) = (run.Arguments.Seconds("seconds", 60), run.Arguments.Seconds("after", 30));
        await using var node = run.Own(await OneNode.Start(run.Folder, postgreSql));
        using var bystanders = await Bystanders.Come(node.Service, [node.Node.Web], others);
        await bystanders.ChangeFor(TimeSpan.FromSeconds(5), rate);
        var before = await bystanders.ChangeFor(TimeSpan.FromSeconds(10), rate);
        var memory = node.Memory;

        var greedy = Enumerable
            .Range(0, devices)
            .Select(device => new LeanClient(node.Node.Web, "greedy", string.Create(CultureInfo.InvariantCulture, $"device-{device}")))
            .ToArray();
        run.Tell($"{node.Name}: {devices} devices of one user subscribe to {subscriptions:N0} users each");
        var clock = Stopwatch.StartNew();
        var refused = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var subscribing = Parallel.ForEachAsync(
            greedy,
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (client, cancellation) => await Subscribe(client, subscriptions, refused, cancellation)
        );
        var meanwhile = await bystanders.ChangeUntil(subscribing, rate);
        await subscribing;
        run.Tell($"{node.Name}: subscribed after {clock.Elapsed.TotalSeconds:F1} s; each changes one a second");
        using var over = new CancellationTokenSource();
        var toggling = Toggle(greedy, subscriptions, over.Token);
        var highest = Highest(node, over.Token);
        var during = await bystanders.ChangeFor(length, rate);
        await over.CancelAsync();
        await toggling;
        var peak = await highest;
        Array.ForEach(greedy, client => client.Dispose());
        await Task.Delay(after);

        before.Tell(run.Findings, $"{node.Name}, before");
        meanwhile.Tell(run.Findings, $"{node.Name}, while it subscribes");
        during.Tell(run.Findings, $"{node.Name}, under attack");
        run.Findings.Row(
            $"{node.Name}: the attacker's subscribing refused",
            refused.IsEmpty ? "never" : string.Join(", ", refused.Select(code => $"{code.Key}: {code.Value}"))
        );
        run.Findings.Row(
            $"{node.Name}: MiB before, most, {after.TotalSeconds:F0} s after it left",
            $"{memory:N0}, {peak:N0}, {node.Memory:N0}"
        );
    }

    private static async Task Subscribe(
        LeanClient client,
        int subscriptions,
        ConcurrentDictionary<string, int> refused,
        CancellationToken cancellation
    )
    {
        await client.ConnectAtLast("?snapshot=none", refused, cancellation);
        foreach (var some in Enumerable.Range(0, subscriptions).Chunk(IdsAMessage))
        {
            var answer = await client.Ask("subscribe", $$"""{"user_ids":[{{string.Join(',', some.Select(user => $"\"{Id(user)}\""))}}]}""");
            if (answer.Code is { } code)
            {
                refused.AddOrUpdate(code, 1, (_, count) => count + 1);
            }
        }
    }

    private static async Task Toggle(IReadOnlyList<LeanClient> clients, int subscriptions, CancellationToken over)
    {
        var clock = Stopwatch.StartNew();
        for (var second = 0; !over.IsCancellationRequested; second++)
        {
            var (type, user) = (second % 2 == 0 ? "unsubscribe" : "subscribe", second / 2 % subscriptions);
            await Task.WhenAll(
                clients.Select(client => client.Send($$$"""{"type":"{{{type}}}","payload":{"user_ids":["{{{Id(user)}}}"]}}"""))
            );
            var due = (Second * (second + 1)) - clock.Elapsed;
            await Task.Delay(due > TimeSpan.Zero ? due : TimeSpan.Zero, CancellationToken.None);
        }
    }

    private static async Task<long> Highest(OneNode node, CancellationToken over)
    {
        var highest = 0L;
        while (!over.IsCancellationRequested)
        {
            highest = Math.Max(highest, node.Memory);
            await Task.Delay(TimeSpan.FromMilliseconds(500), CancellationToken.None);
        }

        return highest;
    }

    private static string Id(int user) => string.Create(CultureInfo.InvariantCulture, $"{user:D5}-{new string('x', 94)}");
}
