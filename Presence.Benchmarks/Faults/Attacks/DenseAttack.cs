using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Presence.Benchmarks.Faults.Crowds;
using Presence.Benchmarks.Smoke;

namespace Presence.Benchmarks.Faults.Attacks;

/// <summary>Users who are all each other's contacts, on a service that has just started and knows none of them: first one connects alone, then, after another start, all.</summary>
internal static class DenseAttack
{
    private const int ConnectsAtOnce = 200;

    public static async Task Run(FaultRun run)
    {
        var users = run.Arguments.Number("users", 2_000);
        var (alone, all) = (run.Arguments.Seconds("alone", 2), run.Arguments.Seconds("all", 20));
        var limit = run.Arguments.Seconds("limit", 90);
        var node = run.Own(await OneNode.Start(run.Folder, run.Arguments.Number("postgresql", 0) == 1));
        await Import(run, node, users);
        await node.Restart();
        await Alone(run, node, users, alone, limit);
        await node.Restart();
        await All(run, node, users, all, limit);
    }

    private static async Task Import(FaultRun run, OneNode node, int users)
    {
        var clock = Stopwatch.StartNew();
        using var content = new Lines(users);
        using var response = await node.Service.PostAsync(new Uri("/import", UriKind.Relative), content);
        var answer = await response.Content.ReadAsStringAsync();
        run.Findings.Hold(answer.Contains($"\"users\":{users}", StringComparison.Ordinal), $"the import answered {answer}");
        run.Findings.Row("imported, pairs", $"{users * (users - 1) / 2:N0} in {clock.Elapsed.TotalSeconds:F1} s");
    }

    private static async Task Alone(FaultRun run, OneNode node, int users, TimeSpan bound, TimeSpan limit)
    {
        var tally = new Tally(users, 0);
        using var client = new LeanClient(node.Node.Web, ContactRing.Id(0)) { Frame = tally.Take };
        var refusals = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        using var over = new CancellationTokenSource(limit);
        var clock = Stopwatch.StartNew();
        await Connect(client, tally, "?snapshot=full", refusals, over.Token);
        var (snapshot, unknown) = (clock.Elapsed, tally.Unknown);
        var isWhole = await Crowd.Until(() => tally.Named == users - 1 && tally.Unknown == 0, limit - clock.Elapsed);
        run.Findings.Row(
            "one alone: snapshot after; records of it, unknown among them",
            $"{snapshot.TotalSeconds:F2} s; {tally.Named:N0}, {unknown:N0}"
        );
        run.Findings.Row("  all records known after; closes by code", $"{Told(isWhole, clock.Elapsed)}; {Told(refusals)}");
        run.Findings.Row("  still unknown", $"{tally.Unknown:N0}");
        run.Findings.Hold(
            isWhole && clock.Elapsed <= bound,
            $"one alone had {tally.Named - tally.Unknown} of {users - 1} records after {clock.Elapsed.TotalSeconds:F1} s"
        );
    }

    private static async Task All(FaultRun run, OneNode node, int users, TimeSpan bound, TimeSpan limit)
    {
        var tallies = Enumerable.Range(0, users).Select(user => new Tally(users, user)).ToArray();
        var clients = tallies.Select((tally, user) => new LeanClient(node.Node.Web, ContactRing.Id(user)) { Frame = tally.Take }).ToArray();
        var refusals = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var before = node.Node.Usage.CpuSeconds;
        using var over = new CancellationTokenSource(limit);
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, users),
            new ParallelOptions { MaxDegreeOfParallelism = ConnectsAtOnce },
            async (user, _) => await Connect(clients[user], tallies[user], "", refusals, over.Token)
        );
        bool IsWhole(int user) => clients[user].IsReady && tallies[user].Unknown == 0;
        var all = await Crowd.Until(() => Enumerable.Range(0, users).All(IsWhole), limit - clock.Elapsed);
        var elapsed = clock.Elapsed;
        var whole = Enumerable.Range(0, users).Count(IsWhole);
        var known = await Crowd.Until(() => tallies.All(tally => tally.Online == users - 1), limit - clock.Elapsed);
        run.Findings.Row("all at once: each with its whole snapshot after", $"{Told(all, elapsed)}, {whole:N0} of {users:N0}");
        run.Findings.Row("  each knows all others to be online after", Told(known, clock.Elapsed));
        run.Findings.Row("  closes by code", Told(refusals));
        run.Findings.Row("  server processor time; resident memory", $"{node.Node.Usage.CpuSeconds - before:F1} s; {node.Memory:N0} MiB");
        run.Findings.Hold(
            all && elapsed <= bound,
            $"{whole} of {users} had their whole snapshots after {elapsed.TotalSeconds:F1} s, closes: {Told(refusals)}"
        );
        run.Findings.Hold(known, $"{tallies.Count(tally => tally.Online < users - 1)} were not told of all who are online");
        Array.ForEach(clients, client => client.Dispose());
    }

    /// <summary>Connects until it succeeds, or the time is over.</summary>
    private static async Task Connect(
        LeanClient client,
        Tally tally,
        string query,
        ConcurrentDictionary<string, int> refusals,
        CancellationToken over
    )
    {
        try
        {
            while (await client.Connect(query, over) is { } reason)
            {
                refusals.AddOrUpdate(reason, 1, (_, count) => count + 1);
                await Task.Delay(TimeSpan.FromMilliseconds(300 + Random.Shared.Next(700)), over);
                tally.Clear();
            }
        }
        catch (OperationCanceledException)
        {
            // What is missing is counted.
        }
    }

    private static string Told(bool happened, TimeSpan after) =>
        string.Create(CultureInfo.InvariantCulture, $"{(happened ? "" : "not within ")}{after.TotalSeconds:F2} s");

    private static string Told(ConcurrentDictionary<string, int> refusals) =>
        refusals.IsEmpty
            ? "none"
            : string.Join(
                ", ",
                refusals.Select(refusal => string.Create(CultureInfo.InvariantCulture, $"{refusal.Key}: {refusal.Value:N0}"))
            );

    /// <summary>Everybody's list, everybody else in it, written as it is sent.</summary>
    private sealed class Lines : HttpContent
    {
        private readonly byte[] _ids;
        private readonly int _users;

        public Lines(int users)
        {
            _users = users;
            _ids = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, users).Select(user => $"\"{ContactRing.Id(user)}\",")));
            Headers.ContentType = new("application/x-ndjson");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var length = _ids.Length / _users;
            for (var user = 0; user < _users; user++)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes($$"""{"user_id":"{{ContactRing.Id(user)}}","contacts":["""));
                // Without the last comma.
                var rest = (user == _users - 1 ? user : _users) * length;
                await stream.WriteAsync(_ids.AsMemory(0, user == _users - 1 ? rest - 1 : user * length));
                await stream.WriteAsync(_ids.AsMemory(Math.Min((user + 1) * length, _ids.Length - 1)..^1));
                await stream.WriteAsync("]}\n"u8.ToArray());
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
