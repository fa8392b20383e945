using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Presence.Benchmarks.Faults.Nodes;

namespace Presence.Benchmarks.Faults.Attacks;

/// <summary>A conversation of thousands who are all online and type, which may hold up nobody; then a few users who ask for one conversation after the other that doesn't exist, which may not fill the memory.</summary>
internal static class TypingAttack
{
    private const string Conversation = "all";

    public static async Task Run(FaultRun run)
    {
        var bystanders = run.Arguments.Number("others", 40);
        var node = run.Own(await OneNode.Start(run.Folder, run.Arguments.Number("postgresql", 0) == 1));
        using var others = await Bystanders.Come(node.Service, [node.Node.Web], bystanders);
        await Typing(run, node, others);
        await node.Restart();
        await Asking(run, node);
    }

    private static async Task Typing(FaultRun run, OneNode node, Bystanders others)
    {
        var (users, typings) = (run.Arguments.Number("users", 5_000), run.Arguments.Number("typings", 1_000));
        var (length, rate) = (run.Arguments.Seconds("seconds", 30), run.Arguments.Number("rate", 20));
        var bound = run.Arguments.Number("bound", 200);
        var names = Enumerable.Range(0, users).Select(user => string.Create(CultureInfo.InvariantCulture, $"typist-{user}")).ToArray();
        using var content = new StringContent(
            $$"""{"conversation_id":"{{Conversation}}","participants":[{{string.Join(',', names.Select(name => $"\"{name}\""))}}]}""",
            Encoding.UTF8,
            "application/x-ndjson"
        );
        using var response = await node.Service.PostAsync(new Uri("/import", UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
        var clients = names.Select(name => new LeanClient(node.Node.Web, name)).ToArray();
        await Parallel.ForEachAsync(
            clients,
            new ParallelOptions { MaxDegreeOfParallelism = 200 },
            async (client, cancellation) => await client.ConnectAtLast("?snapshot=none", null, cancellation)
        );
        await others.ChangeFor(TimeSpan.FromSeconds(5), rate);
        var before = await others.ChangeFor(TimeSpan.FromSeconds(10), rate);
        run.Tell($"{users:N0} users of one conversation type, {typings:N0} times a second");
        using var over = new CancellationTokenSource();
        var (typing, ages) = (Type(clients, typings, over.Token), Ages(node, over.Token));
        var during = await others.ChangeFor(length, rate);
        await over.CancelAsync();
        var sent = await typing;
        var seen = await ages;
        before.Tell(run.Findings, "before");
        during.Tell(run.Findings, "while they type");
        run.Findings.Row("typings sent", $"{sent:N0}");
        run.Findings.Row(
            "the hub's queue age, each 3 s",
            $"{string.Join(", ", seen.Chunk(15).Select(some => some.Max().ToString("N0", CultureInfo.InvariantCulture)))} ms"
        );
        run.Findings.Hold(seen.Max() <= bound, $"the hub's queue was {seen.Max():N0} ms old");
        Array.ForEach(clients, client => client.Dispose());
    }

    /// <summary>All of them in turn, again and again; how many.</summary>
    private static async Task<int> Type(LeanClient[] clients, int aSecond, CancellationToken over)
    {
        var (clock, sent) = (Stopwatch.StartNew(), 0);
        while (!over.IsCancellationRequested)
        {
            for (; sent < clock.Elapsed.TotalSeconds * aSecond; sent++)
            {
                await clients[sent % clients.Length]
                    .Send($$$"""{"type":"typing","payload":{"conversation_id":"{{{Conversation}}}","is_typing":true}}""");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), CancellationToken.None);
        }

        return sent;
    }

    /// <summary>How old the queue of the hub was, in ms, five times a second.</summary>
    private static async Task<List<double>> Ages(OneNode node, CancellationToken over)
    {
        var ages = new List<double>();
        while (!over.IsCancellationRequested)
        {
            ages.Add(await node.Node.Metric("presence_hub_queue_age_seconds") * 1_000);
            await Task.Delay(TimeSpan.FromMilliseconds(200), CancellationToken.None);
        }

        return ages;
    }

    private static async Task Asking(FaultRun run, OneNode node)
    {
        var (users, length) = (run.Arguments.Number("askers", 4), run.Arguments.Seconds("asking", 60));
        var grows = run.Arguments.Number("memory", 150);
        var answers = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        using var over = new CancellationTokenSource();
        var before = node.Memory;
        run.Tell($"{users} users ask for conversations that don't exist");
        var asking = Enumerable.Range(0, users).SelectMany(user => Ask(node, user, answers, over.Token)).ToArray();
        await Task.Delay(length);
        await over.CancelAsync();
        await Task.WhenAll(asking);
        var after = node.Memory;
        foreach (var (answer, count) in answers.OrderBy(answer => answer.Key, StringComparer.Ordinal))
        {
            run.Findings.Row($"asked for random conversations, {answer}", $"{count:N0}");
        }

        run.Findings.Row("resident memory before and after, MiB", $"{before:N0}, {after:N0}");
        run.Findings.Hold(after - before <= grows, $"asking for random conversations cost {after - before} MiB");
    }

    /// <summary>By HTTP as often as a user may, and on a socket likewise.</summary>
    private static IEnumerable<Task> Ask(OneNode node, int user, ConcurrentDictionary<string, int> answers, CancellationToken over)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"asker-{user}");
        for (var one = 0; one < 4; one++)
        {
            yield return Read();
        }

        yield return OnSocket();

        async Task Read()
        {
            // Without the service's key, with which there is no limit.
            using var http = new HttpClient { BaseAddress = node.Service.BaseAddress };
            while (!over.IsCancellationRequested)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/typing/{Guid.NewGuid()}", UriKind.Relative));
                request.Headers.Add("X-User-ID", name);
                using var response = await http.SendAsync(request, CancellationToken.None);
                Count($"GET: {(int)response.StatusCode}");
                await Task.Delay(
                    TimeSpan.FromMilliseconds(response.StatusCode == System.Net.HttpStatusCode.TooManyRequests ? 100 : 0),
                    CancellationToken.None
                );
            }
        }

        async Task OnSocket()
        {
            using var client = new LeanClient(node.Node.Web, name);
            await client.ConnectAtLast("?snapshot=none", null, CancellationToken.None);
            while (!over.IsCancellationRequested)
            {
                var (type, more) = Random.Shared.Next(2) == 0 ? ("typing", ",\"is_typing\":true") : ("watch_conversation", "");
                var answer = await client.Ask(type, $$"""{"conversation_id":"{{Guid.NewGuid()}}"{{more}}}""");
                Count($"{type}: {answer.Code ?? "done"}");
                await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
            }
        }

        void Count(string answer) => answers.AddOrUpdate(answer, 1, (_, count) => count + 1);
    }
}
