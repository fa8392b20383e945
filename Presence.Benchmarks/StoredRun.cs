using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Presence.Benchmarks.Faults;
using Presence.Benchmarks.Faults.Attacks;
using Presence.Benchmarks.Faults.Crowds;
using Presence.Benchmarks.Faults.Nodes;

namespace Presence.Benchmarks;

/// <summary>What a stored change costs the service's processor when its user has been quiet for long: connected, with a choice of long ago, and nothing of it in memory.</summary>
/// <remarks>Ends with 0 where no change was refused, and none cost more than <c>bound</c> µs.</remarks>
internal sealed class StoredRun(FaultArguments arguments)
{
    /// <summary>A round of warming up after which fewer methods than that were compiled was the last.</summary>
    private const int QuietJit = 40;

    private static readonly TimeSpan IdleLength = TimeSpan.FromSeconds(10);

    private const int MostRounds = 5;
    private const int WarmedARound = 1_000;

    /// <summary>Changes under way at a time, where no rate is asked for.</summary>
    private const int InFlight = 256;

    private bool _passed = true;

    /// <summary>Runs it: <c>changes=4000 watchers=50 bound=400</c>, over both stores, or with <c>postgresql=0</c> or <c>1</c> over one. 256 changes are under way at a time; with <c>rate=100</c> so many begin a second, and each pays alone for its transaction.</summary>
    public static async Task<int> Run(string[] args)
    {
        var run = new StoredRun(new FaultArguments(args));
        var folder = Directory.CreateTempSubdirectory("presence-stored-");
        try
        {
            foreach (var postgreSql in OneNode.Stores(run.Arguments))
            {
                await run.Run(folder.FullName, postgreSql);
            }
        }
        catch (SkippedException none)
        {
            Console.WriteLine($"SKIPPED: {none.Message}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        return run._passed ? 0 : 1;
    }

    private FaultArguments Arguments => arguments;

    private async Task Run(string folder, bool postgreSql)
    {
        var (changes, rate) = (arguments.Number("changes", 4_000), arguments.Number("rate", 0));
        var (watchers, bound) = (arguments.Number("watchers", 50), arguments.Number("bound", 400));
        await using var node = await OneNode.Start(folder, postgreSql);
        var (alone, watched, warm) = (Names("alone", changes), Names("watched", changes), Names("warm", MostRounds * WarmedARound));
        // A choice of long ago.
        await Parallel.ForEachAsync(
            alone.Concat(watched).Concat(warm),
            new ParallelOptions { MaxDegreeOfParallelism = 50 },
            async (name, cancellation) => await Choose(node, name, cancellation)
        );
        await node.Restart();
        var (quietAlone, quietWatched, warming) = (await Connect(node, alone), await Connect(node, watched), await Connect(node, warm));
        var watching = await Connect(node, Names("watcher", watchers));
        foreach (var some in watched.Chunk(1_000))
        {
            var ids = string.Join(',', some.Select(name => $"\"{name}\""));
            await Task.WhenAll(watching.Select(client => client.Ask("subscribe", $$"""{"user_ids":[{{ids}}]}""")));
        }

        await WarmUp(node, warming, rate);
        await Measure(node, $"{node.Name}, 0 watchers", quietAlone, rate, bound);
        await Measure(node, $"{node.Name}, {watchers} watchers", quietWatched, rate, bound);
        foreach (var client in quietAlone.Concat(quietWatched).Concat(warming).Concat(watching))
        {
            client.Dispose();
        }
    }

    private static async Task Choose(OneNode node, string name, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/", UriKind.Relative));
        request.Headers.Add("X-User-ID", name);
        request.Content = JsonContent.Create(new { custom_status = "long ago" });
        using var response = await node.Service.SendAsync(request, cancellation);
        response.EnsureSuccessStatusCode();
    }

    private static async Task WarmUp(OneNode node, LeanClient[] clients, int rate)
    {
        foreach (var some in clients.Chunk(WarmedARound))
        {
            var before = await node.Node.Metric("dotnet_jit_compiled_methods_total");
            await Change(some, rate);
            await Task.Delay(TimeSpan.FromSeconds(1));
            if (await node.Node.Metric("dotnet_jit_compiled_methods_total") - before < QuietJit)
            {
                return;
            }
        }
    }

    private async Task Measure(OneNode node, string what, LeanClient[] clients, int rate, int bound)
    {
        // What was changed to warm up is to be out of memory too.
        await Task.Delay(TimeSpan.FromSeconds(12));
        var start = node.Node.Usage.CpuSeconds;
        await Task.Delay(IdleLength);
        var idle = node.Node.Usage.CpuSeconds - start;
        start = node.Node.Usage.CpuSeconds;
        var clock = Stopwatch.StartNew();
        var (answers, refused) = await Change(clients, rate);
        // The projections follow.
        await Task.Delay(TimeSpan.FromSeconds(1));
        idle *= clock.Elapsed / IdleLength;
        var used = node.Node.Usage.CpuSeconds - start;
        var each = (used - idle) / clients.Length * 1e3;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"  {what, -24} {each:F3} ms of processor a change ({used:F2} s, idle {idle:F2} s); ack {answers}; {refused} refused"
            )
        );
        _passed &= refused == 0 && each * 1e3 <= bound;
    }

    /// <summary>Each of them once.</summary>
    private static async Task<(Delays Answers, int Refused)> Change(LeanClient[] clients, int rate)
    {
        var (answers, refused, clock) = (new Delays(), 0, Stopwatch.StartNew());
        if (rate == 0)
        {
            var few = new ParallelOptions { MaxDegreeOfParallelism = InFlight };
            await Parallel.ForEachAsync(clients, few, async (client, _) => await One(client));
            return (answers, refused);
        }

        var changes = new List<Task>();
        while (changes.Count < clients.Length)
        {
            while (changes.Count < clients.Length && changes.Count < clock.Elapsed.TotalSeconds * rate)
            {
                changes.Add(One(clients[changes.Count]));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2));
        }

        await Task.WhenAll(changes);
        return (answers, refused);

        async Task One(LeanClient client)
        {
            var answer = await client.Ask("presence_update", """{"custom_status":"now"}""");
            answers.Add(answer.Took);
            if (answer.Code is not null)
            {
                Interlocked.Increment(ref refused);
            }
        }
    }

    private static async Task<LeanClient[]> Connect(OneNode node, string[] names)
    {
        var clients = names.Select(name => new LeanClient(node.Node.Web, name)).ToArray();
        await Parallel.ForEachAsync(
            clients,
            new ParallelOptions { MaxDegreeOfParallelism = 100 },
            async (client, cancellation) => await client.ConnectAtLast("?snapshot=none", null, cancellation)
        );
        return clients;
    }

    private static string[] Names(string prefix, int count) =>
        [.. Enumerable.Range(0, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{number}"))];
}
