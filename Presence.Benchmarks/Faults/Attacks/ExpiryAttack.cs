using System.Diagnostics;
using System.Security.Cryptography;

namespace Presence.Benchmarks.Faults.Attacks;

/// <summary>Large events that nobody came for, all expired: they must go, and nobody's change may be refused meanwhile.</summary>
internal static class ExpiryAttack
{
    private const int EventsAUser = 100;

    public static async Task Run(FaultRun run)
    {
        foreach (var postgreSql in OneNode.Stores(run.Arguments))
        {
            await Run(run, postgreSql);
        }
    }

    private static async Task Run(FaultRun run, bool postgreSql)
    {
        var (events, bytes) = (run.Arguments.Number("events", 10_000), run.Arguments.Number("bytes", 64_000));
        var (bound, limit) = (run.Arguments.Seconds("bound", 120), run.Arguments.Seconds("limit", 180));
        await using var node = run.Own(await OneNode.Start(run.Folder, postgreSql));
        await node.Restart(() => Fill(node, events, bytes));
        var clock = Stopwatch.StartNew();
        using var bystanders = await Bystanders.Come(node.Service, [node.Node.Web], run.Arguments.Number("others", 100));
        run.Tell($"{node.Name}: {events:N0} events of {bytes:N0} bytes have expired");
        var left = long.MaxValue;
        var gone = Gone();
        var stretch = await bystanders.ChangeUntil(gone, run.Arguments.Number("rate", 30));
        stretch.Tell(run.Findings, node.Name);
        run.Findings.Row($"{node.Name}: expired events left", $"{left:N0} after {(await gone).TotalSeconds:F0} s");
        run.Findings.Hold(
            left == 0 && await gone <= bound,
            $"{node.Name}: {left} expired events were left after {(await gone).TotalSeconds:F0} s"
        );

        async Task<TimeSpan> Gone()
        {
            while (left > 0 && clock.Elapsed < limit)
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
                left = await node.Sql("select count(*) from events where event_type = 'expired'");
            }

            return clock.Elapsed;
        }
    }

    /// <summary>Written beside the service, as they would stand there a day later.</summary>
    private static async Task Fill(OneNode node, int events, int bytes)
    {
        // What can be compressed PostgreSQL would compress.
        var payload = $$"""{"fill":"{{Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes * 3 / 4))}}"}""";
        var numbers = node.IsPostgreSql
            ? $"generate_series(1, {events}) as numbers(n)"
            : $"(with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < {events}) select n from numbers)";
        await node.Sql(
            $"""
            insert into events (user_id, event_id, event_type, payload, sent_at, expires_at, durable)
            select 'absent-' || (n / {EventsAUser}), 'event-' || n, 'expired', @text, 1, 2, 1 from {numbers}
            """,
            payload
        );
    }
}
