using System.Diagnostics;
using System.Globalization;
using Presence.Benchmarks.Faults;

namespace Presence.Benchmarks.Privacy;

/// <summary>How long an answer takes that tells nothing: of one nobody heard of, of one who is hidden and connected, of one who is hidden and not; and of one who may be seen, for comparison.</summary>
internal static class TimingRun
{
    private const int Hidden = 50;

    /// <summary>Measures; the exit code. Arguments, all optional: <c>reads=2000</c></summary>
    public static async Task<int> Run(string[] args)
    {
        var reads = new FaultArguments(args).Number("reads", 2_000);
        var folder = Directory.CreateTempSubdirectory("presence-timing-");
        try
        {
            await using var host = await HostProcess.Start(Path.Combine(folder.FullName, "presence.db"));
            using var http = new HttpClient { BaseAddress = host.Address };
            await Prepare(http, host.Address);
            var times = new Dictionary<string, List<double>>(StringComparer.Ordinal);
            for (var i = -200; i < reads; i++)
            {
                foreach (var (kind, user) in Kinds(i))
                {
                    var took = await Read(http, user);
                    if (i >= 0)
                    {
                        (times.TryGetValue(kind, out var list) ? list : times[kind] = []).Add(took);
                    }
                }
            }

            foreach (var (kind, list) in times)
            {
                list.Sort();
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{kind, -40} p10 {list[list.Count / 10]:0} us  p50 {list[list.Count / 2]:0} us  p90 {list[list.Count * 9 / 10]:0} us"
                    )
                );
            }

            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>By turns, so that the machine is alike to all.</summary>
    private static IEnumerable<(string Kind, string User)> Kinds(int i) =>
        [
            ("nobody heard of, never asked for", $"nobody-{i + 1_000}"),
            ("nobody heard of, asked for before", $"known-nobody-{(i + 1_000) % Hidden}"),
            ("hidden, connected", $"on-{(i + 1_000) % Hidden}"),
            ("hidden, not connected", $"off-{(i + 1_000) % Hidden}"),
            ("may be seen, connected", $"seen-{(i + 1_000) % Hidden}"),
        ];

    private static async Task<double> Read(HttpClient http, string user)
    {
        var begun = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/users/{user}");
        request.Headers.Add("X-User-ID", "eve");
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsStringAsync();
        return Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
    }

    private static async Task Prepare(HttpClient http, Uri server)
    {
        var oracle = new Oracle();
        for (var i = 0; i < Hidden; i++)
        {
            foreach (var kind in new[] { "on", "off", "seen" })
            {
                var user = $"{kind}-{i}";
                using var request = new HttpRequestMessage(HttpMethod.Put, "/privacy");
                request.Headers.Add("X-User-ID", user);
                request.Content = new StringContent(
                    kind == "seen" ? "{}" : """{"blocked":["eve"]}""",
                    System.Text.Encoding.UTF8,
                    "application/json"
                );
                using var response = await http.SendAsync(request);
                response.EnsureSuccessStatusCode();
                if (kind != "off")
                {
                    var socket = new ViewerSocket(oracle, user, "phone", "web");
                    await socket.Connect(new(System.Net.IPAddress.Loopback, server.Port), "?snapshot=full");
                }
            }
        }
    }
}
