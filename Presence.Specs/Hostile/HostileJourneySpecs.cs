using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Presence.Specs.Journeys;
using Xunit.Abstractions;
using static Presence.Specs.Journeys.JourneyServer;

namespace Presence.Specs.Hostile;

/// <summary>All that anybody could think of sending, beside people who have done nothing.</summary>
public sealed class HostileJourneySpecs(ITestOutputHelper output)
{
    private const int Healthy = 20;

    [Fact]
    public void There_are_several_hundred_cases_and_no_two_of_the_same_name()
    {
        var names = SocketCases
            .All.Concat(FrameCases.All)
            .Select(row => row.ToString())
            .Concat(HandshakeCases.All.Select(row => $"handshake: {row}"))
            .Concat(HttpCases.All.Select(row => $"HTTP: {row}"))
            .ToList();

        names.Count.ShouldBeGreaterThan(300);
        names.ShouldBeUnique();
    }

    [Fact]
    public async Task Every_hostile_case_has_its_reaction_and_nobody_else_is_dropped_nor_anything_logged()
    {
        using var log = new RecordedLog();
        await using var server = await StartLogging(log);
        var healthy = await Task.WhenAll(Enumerable.Range(0, Healthy).Select(_ => HealthyClient.Connect(server)));
        // A server that has just started is slower than any hostile case makes it.
        await Task.WhenAll(healthy.Select(client => client.Ping(100)));
        healthy.ToList().ForEach(client => client.TakeLatencies());
        await Task.WhenAll(healthy.Select(client => client.Ping(100)));
        var before = healthy.SelectMany(client => client.TakeLatencies()).ToList();
        using var over = new CancellationTokenSource();
        var pinging = Task.WhenAll(healthy.Select(client => client.PingUntil(over.Token)));

        List<(string Name, Func<Task> Check)> cases =
        [
            .. SocketCases.All.Concat(FrameCases.All).Select(row => (row.ToString(), (Func<Task>)(() => row.Check(server)))),
            .. HandshakeCases.All.Concat(HttpCases.All).Select(row => (row.Name, (Func<Task>)(() => row.Check(server.Address)))),
        ];
        var failures = await ManyCases.FailuresOf(cases);

        await over.CancelAsync();
        await pinging;
        var during = healthy.SelectMany(client => client.TakeLatencies()).ToList();
        output.WriteLine(
            $"{cases.Count} cases; p99 of {before.Count} pings before: {P99(before)} ms, of {during.Count} during: {P99(during)} ms"
        );
        failures.ShouldBeEmpty(string.Join("\n\n", failures));
        var faults = log.Take();
        faults.ShouldBeEmpty(string.Join("\n\n", faults));
        foreach (var client in healthy)
        {
            client.IsClosed.ShouldBeFalse();
            await client.DisposeAsync();
        }
    }

    private static async Task<JourneyServer> StartLogging(RecordedLog log)
    {
        var server = await Start(
            "Logging:LogLevel:Default=Warning",
            "Logging:LogLevel:Akka=Warning",
            "Logging:Console:LogLevel:Default=None"
        );
        var loggers = server.Services.GetRequiredService<ILoggerFactory>();
        loggers.AddProvider(log);
        // A log that hears nothing would find nothing.
        loggers.CreateLogger("Microsoft.AspNetCore.Server.Kestrel").Log(LogLevel.Error, "heard");
        log.Take().Count.ShouldBe(1);
        return server;
    }

    private static string P99(List<TimeSpan> latencies) =>
        latencies.Order().ElementAt((int)(latencies.Count * 0.99)).TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>One who only wants to stay online.</summary>
    private sealed class HealthyClient(JourneyClient client) : IAsyncDisposable
    {
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

        private readonly List<TimeSpan> _latencies = [];

        public bool IsClosed => client.IsClosed;

        public static async Task<HealthyClient> Connect(JourneyServer server) => new(await server.Connect(NewName("healthy")));

        public async Task Ping(int times)
        {
            for (var i = 0; i < times; i++)
            {
                await Ping();
                await Task.Delay(Pause, CancellationToken.None);
            }
        }

        public async Task PingUntil(CancellationToken over)
        {
            while (!over.IsCancellationRequested)
            {
                await Ping();
                await Task.Delay(Pause, CancellationToken.None);
            }
        }

        public List<TimeSpan> TakeLatencies()
        {
            List<TimeSpan> taken = [.. _latencies];
            _latencies.Clear();
            return taken;
        }

        public ValueTask DisposeAsync() => client.DisposeAsync();

        private async Task Ping()
        {
            var begun = Stopwatch.GetTimestamp();
            await client.IsUsable();
            _latencies.Add(Stopwatch.GetElapsedTime(begun));
        }
    }
}
