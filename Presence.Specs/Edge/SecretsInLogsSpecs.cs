using Presence.Benchmarks;
using Presence.Specs.Journeys;

namespace Presence.Specs.Edge;

/// <summary>What nobody is to read in a log is in none, also where the operator wants to read much.</summary>
public sealed class SecretsInLogsSpecs : IDisposable
{
    private const string Key = "canary-of-the-api-key";
    private const string Secret = "canary-of-the-gateways";
    private const string WrongKey = "canary-of-a-wrong-key";
    private const string Text = "canary-of-a-status-text";
    private const string Activity = "canary-of-an-activity";
    private const string Event = "canary-of-an-event";
    private const string Ticket = "canary-of-a-ticket";
    private const string Resume = "canary-of-a-resume-token";
    private const string Bearer = "canary-of-a-bearer-token";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_secret_and_no_text_of_a_person_is_logged_at_whatever_level()
    {
        await using var host = await HostProcess.Start(
            _folder.Database,
            $"Presence__Authentication__ApiKey={Key}",
            $"Presence__Authentication__ProxySecret={Secret}",
            "Logging__LogLevel__Default=Information",
            "Logging__LogLevel__Presence=Trace",
            "Logging__LogLevel__Akka=Debug",
            "Logging__LogLevel__Microsoft.AspNetCore=Information"
        );
        var issued = await Journey(host.Address);
        host.Terminate();
        (await host.Exit(TimeSpan.FromSeconds(60))).ShouldBe(0);
        var said = string.Join('\n', host.Output.Concat(host.Errors));

        // The log is there, and of what is looked for.
        said.ShouldContain("Presence.Audit");
        said.ShouldContain("Microsoft.AspNetCore.Routing.EndpointMiddleware");
        foreach (var secret in new[] { Key, Secret, WrongKey, Text, Activity, Event, Ticket, Resume, Bearer, issued })
        {
            said.ShouldNotContain(secret);
        }
    }

    /// <summary>Everything by which a secret or a text gets in; the resume token that came out.</summary>
    private static async Task<string> Journey(Uri server)
    {
        using var api = new Api(server);
        (string, string) gateway = ("X-Presence-Proxy-Secret", Secret);
        (string, string) service = ("X-Api-Key", Key);
        var status = $$"""{"online_status":"busy","custom_status":"{{Text}}","activity":"{{Activity}}"}""";

        await api.Send("POST", "/", status, "alice", headers: gateway);
        await api.Send("POST", "/", status[..^1], "alice", headers: gateway);
        await api.Send("POST", "/", status.Replace("busy", Text, StringComparison.Ordinal), "alice", headers: gateway);
        await api.Send("PUT", "/users/alice/contacts", """{"contacts":["bob"]}""", headers: service);
        await api.Send("POST", "/import", $$"""{"user_id":"{{Text}} {{Text}}"}""", mediaType: "application/x-ndjson", headers: service);
        await api.Send(
            "POST",
            "/events",
            $$"""{"event_type":"greeting","recipients":["alice"],"payload":{"text":"{{Event}}"},"ttl":60}""",
            headers: service
        );
        await api.Send("GET", "/stats", null, headers: ("X-Api-Key", WrongKey));
        await api.Send("GET", "/", null, "alice", headers: ("X-Presence-Proxy-Secret", WrongKey));
        await api.Send("GET", "/", null, null, null, "text/plain", ("Authorization", $"Bearer {Bearer}"));

        var query = $"/ws?device_id=a&resume={Resume}&cursor=1";
        var socket = new Attempt("a socket", ["X-User-ID: alice", $"X-Presence-Proxy-Secret: {Secret}"], query, Upgrades: true);
        var greeting = await RawHttp.Send(server, socket.Bytes("localhost", []));
        await RawHttp.Send(server, (socket with { Path = $"{query}&ticket={Ticket}" }).Bytes("localhost", []));
        await RawHttp.Send(server, (socket with { Lines = [$"Authorization: Bearer {Bearer}"] }).Bytes("localhost", []));
        var malformed = (socket with { Path = $"/events?ticket={Ticket} x", Upgrades = false }).Bytes("localhost", []);
        await RawHttp.Send(server, malformed);

        const string before = "\"resume_token\":\"";
        greeting.ShouldContain(before);
        return greeting.Split(before)[1].Split('"')[0];
    }
}
