using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Presence.Actors;
using Presence.Benchmarks;
using Presence.Host;
using Presence.Specs.WebSocket;

namespace Presence.Specs.Journeys;

/// <summary>What the service writes on its standard output, and what <c>--help</c> and <c>--version</c> answer.</summary>
public sealed partial class LogJourneySpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_line_has_its_time_in_utc_and_at_debug_connections_are_told()
    {
        await using var host = await HostProcess.Start(_folder.Database, "Logging__LogLevel__Presence=Debug");
        await using (await JourneyClient.Connect(host.Address, "alice", "phone", "", "/ws")) { }

        await RawSocket
            .ConnectAsync(host.Address, "/ws?user_id=bob", ("Origin", "https://evil.example"))
            .ShouldThrowAsync<InvalidOperationException>();

        await Says(host, "of alice, device phone, is open");
        await Says(host, "of alice, device phone, is over: ");
        await Says(host, "A handshake was refused: origin, from 127.0.0.1, origin https://evil.example");
        host.Output.Where(line => line.Contains("Presence.", StringComparison.Ordinal)).ShouldAllBe(line => Time().IsMatch(line));
    }

    [Fact]
    public async Task Lines_are_json_where_that_is_asked_for()
    {
        await using var host = await HostProcess.Start(
            _folder.Database,
            "Logging__Console__FormatterName=json",
            "Logging__LogLevel__Presence=Debug"
        );
        await using (await JourneyClient.Connect(host.Address, "alice", "phone", "", "/ws")) { }

        var line = await Says(host, "is open");
        var json = JsonElement.Parse(line);
        json.GetProperty("Category").GetString().ShouldBe(typeof(Adapters.WebSocket.Connections.ConnectionLog).FullName);
        json.GetProperty("State").GetProperty("User").GetString().ShouldBe("alice");
        Time().IsMatch(json.GetProperty("Timestamp").GetString()!).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_is_refused_over_and_over_is_told_in_few_lines()
    {
        await using var host = await HostProcess.Start(_folder.Database);
        for (var i = 0; i < 40; i++)
        {
            await RawSocket.ConnectAsync(host.Address, "/ws?user_id=no%20id").ShouldThrowAsync<InvalidOperationException>();
        }

        await Says(host, "A handshake was refused: invalid_id");
        host.Output.Count(line => line.Contains("A handshake was refused", StringComparison.Ordinal)).ShouldBeInRange(1, 10);
    }

    [Fact]
    public async Task A_level_that_there_is_not_is_one_line()
    {
        await using var host = HostProcess.Launch(_folder.Database, "Logging__LogLevel__Default=Verbose");

        (await host.Exit(Patience)).ShouldBe(1);
        host.Errors.ShouldHaveSingleItem().ShouldContain("Logging:LogLevel:Default is Verbose: write one of Trace, Debug");
        host.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_port_in_use_is_one_line_and_nothing_else()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        await using var host = HostProcess.Launch(_folder.Database, $"ASPNETCORE_URLS=http://{other.LocalEndpoint}");

        (await host.Exit(Patience)).ShouldBe(1);
        host.Errors.ShouldHaveSingleItem().ShouldContain("address already in use");
        host.Output.ShouldNotContain(line => line.Contains("Exception", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_only_asks_is_answered_and_nothing_is_started()
    {
        CommandLine.AnswerTo(["--help"]).ShouldNotBeNull().ShouldContain("--version");
        CommandLine.AnswerTo(["--Urls=http://127.0.0.1:0", "-h"]).ShouldNotBeNull();
        CommandLine.AnswerTo(["--version"])!.Trim().ShouldBe(NodeCounters.Version);
        CommandLine.AnswerTo(["--schema"]).ShouldNotBeNull().ShouldContain("create table");
        CommandLine.AnswerTo([]).ShouldBeNull();
        CommandLine.AnswerTo(["--Urls=http://127.0.0.1:0"]).ShouldBeNull();
        (await PresenceServer.Run(["--version"])).ShouldBe(0);
    }

    private static async Task<string> Says(HostProcess host, string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        string? line;
        while ((line = host.Output.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal))) is null)
        {
            await Task.Delay(50, patience.Token);
        }

        return line;
    }

    [GeneratedRegex(@"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ ")]
    private static partial Regex Time();
}
