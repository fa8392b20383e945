using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Presence.Benchmarks.Faults;
using Presence.Benchmarks.Faults.Nodes;

namespace Presence.Benchmarks.Privacy;

/// <summary>How soon a block takes effect everywhere: nodes over a throw-away PostgreSQL, the blocked on each of them over a socket and a stream, and all of them asking by HTTP. From the call to the last that was told.</summary>
internal static class BlockRun
{
    private const string Ann = "ann";

    /// <summary>Measures; the exit code. Arguments, all optional: <c>blocks=200 nodes=2</c></summary>
    public static async Task<int> Run(string[] args)
    {
        var arguments = new FaultArguments(args);
        var (blocks, nodes) = (arguments.Number("blocks", 200), arguments.Number("nodes", 2));
        var folder = Directory.CreateTempSubdirectory("presence-blocks-");
        await using var fleet = await Fleet.Make(
            new(
                nodes,
                TimeSpan.FromMinutes(10),
                TimeSpan.FromSeconds(10),
                Namespaces: false,
                (nodes / 2) + 1,
                ApiKey: null,
                ChangesBurst: 1_000_000
            ),
            folder.FullName
        );
        await fleet.Start(nodes);
        var clients = fleet.Nodes.Select(node => new HttpClient { BaseAddress = node.Address }).ToList();
        var oracle = new Oracle();
        using var ann = new ViewerSocket(oracle, Ann, "phone", "web");
        await ann.Connect(fleet.Nodes[0].Web, "");
        var watchers = new List<Viewer>();
        foreach (var (node, http) in fleet.Nodes.Zip(clients))
        {
            watchers.AddRange(await Watchers(oracle, node.Web, http, watchers.Count));
        }

        var blocked = string.Join(',', watchers.Select(watcher => $"\"{watcher.User}\""));
        var (lags, late) = (new List<double>(), 0);
        for (var i = 0; i < blocks; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            await Put(clients[i % nodes], $$"""{"blocked":[{{blocked}}]}""");
            late += await Sees(clients, watchers) ? 1 : 0;
            lags.Add(await All(watchers, "offline", begun));
            await Put(clients[i % nodes], "{}");
            await All(watchers, "online", Stopwatch.GetTimestamp());
        }

        lags.Sort();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{blocks} blocks of {watchers.Count} watchers on {nodes} nodes: p50 {lags[lags.Count / 2]:0.0} ms  p99 {lags[lags.Count * 99 / 100]:0.0} ms  longest {lags[^1]:0.0} ms; answers by HTTP after the block that still showed something: {late}"
            )
        );
        watchers.OfType<IDisposable>().ToList().ForEach(watcher => watcher.Dispose());
        clients.ForEach(client => client.Dispose());
        return lags[^1] < 1_000 && late == 0 ? 0 : 1;
    }

    private static async Task<IReadOnlyList<Viewer>> Watchers(Oracle oracle, IPEndPoint server, HttpClient http, int number)
    {
        var (watches, listens) = ($"w{number}", $"w{number + 1}");
        foreach (var user in new[] { watches, listens })
        {
            using var made = await http.PutAsync(new Uri($"/users/{Ann}/contacts/{user}", UriKind.Relative), null);
            made.EnsureSuccessStatusCode();
        }

        var socket = new ViewerSocket(oracle, watches, "phone", "web");
        await socket.Connect(server, "?snapshot=full");
        var stream = new ViewerStream(oracle, listens, http);
        await stream.Connect();
        return [socket, stream];
    }

    /// <summary>Whether anybody is still shown anything on any node.</summary>
    private static async Task<bool> Sees(IReadOnlyList<HttpClient> clients, IReadOnlyList<Viewer> watchers)
    {
        foreach (var http in clients)
        {
            foreach (var watcher in watchers)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"/users/{Ann}");
                request.Headers.Add("X-User-ID", watcher.User);
                using var response = await http.SendAsync(request);
                if (!(await response.Content.ReadAsStringAsync()).Contains("\"version\":0", StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>In milliseconds, until the last of them knows.</summary>
    private static async Task<double> All(IReadOnlyList<Viewer> watchers, string status, long begun)
    {
        while (watchers.Any(watcher => watcher.Held(Ann)?.Status != status) && Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(30))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1));
        }

        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }

    private static async Task Put(HttpClient http, string rule)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/privacy")
        {
            Content = new StringContent(rule, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-User-ID", Ann);
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }
}
