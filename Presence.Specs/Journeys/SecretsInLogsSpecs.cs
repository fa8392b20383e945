using System.Net;
using Presence.Benchmarks;
using Presence.Specs.Identity;
using Presence.Specs.WebSocket;

namespace Presence.Specs.Journeys;

/// <summary>Tokens and tickets are in no line that the service writes.</summary>
public sealed class SecretsInLogsSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Issuer _issuer = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Information")]
    [InlineData("Trace")]
    public async Task Whatever_level_is_asked_for(string level)
    {
        string[] settings =
        [
            .. Issuer.Settings.Select(setting =>
                setting.Replace(":", "__", StringComparison.Ordinal).Replace("https__", "https:", StringComparison.Ordinal)
            ),
            $"Logging__LogLevel__Default={level}",
            .. level == "Trace" ? new[] { "Logging__LogLevel__Microsoft.AspNetCore=Trace", "Logging__LogLevel__Akka=Debug" } : [],
        ];
        await using var host = await HostProcess.Start(_folder.Database, settings);
        var good = _issuer.Token("alice", ("jti", "id-of-alices-token"));
        var bad = _issuer.Token("alice", ("exp", Issuer.In(-60)));

        var tickets = await Journey(host.Address, good, bad);

        var lines = host.Output.Concat(host.Errors).ToList();
        if (level == "Trace")
        {
            // Else nothing would be proven: requests are told, in words of the framework's.
            lines.ShouldContain(line => line.Contains("/ws", StringComparison.Ordinal));
        }

        foreach (var secret in tickets.Concat([good.Split('.')[2], bad.Split('.')[2], good.Split('.')[1], Issuer.Secret]))
        {
            lines.ShouldNotContain(line => line.Contains(secret, StringComparison.Ordinal));
        }
    }

    private static async Task<List<string>> Journey(Uri server, string good, string bad)
    {
        using var api = new Api(server);
        var bearer = ("Authorization", $"Bearer {good}");
        var tickets = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var answer = await api.Send("POST", "/tickets", null, headers: bearer);
            answer.Status.ShouldBe(HttpStatusCode.Created, answer.Text);
            tickets.Add(answer.Json.GetProperty("ticket").GetString()!);
        }

        await using (var alice = await JourneyClient.Open(server, $"/ws?ticket={tickets[0]}"))
        {
            await alice.Say($$$"""{"type":"authenticate","id":"1","payload":{"token":"{{{good}}}"}}""");
            await alice.Next("authenticate_ack");
            await alice.Say($$$"""{"type":"authenticate","id":"2","payload":{"token":"{{{bad}}}"}}""");
            await alice.Next("error");
        }

        await using (await EventStreamClient.Open(server, $"/events?ticket={tickets[1]}")) { }

        await Should.ThrowAsync<InvalidOperationException>(() => RawSocket.ConnectAsync(server, $"/ws?ticket={tickets[0]}"));
        await Should.ThrowAsync<InvalidOperationException>(() => RawSocket.ConnectAsync(server, $"/ws?access_token={good}"));
        await Should.ThrowAsync<InvalidOperationException>(() =>
            RawSocket.ConnectAsync(server, "/ws", ("Sec-WebSocket-Protocol", $"presence.v1, bearer.{bad}"))
        );
        // One that is used for what takes none, and one of a broken request.
        await api.Get($"/users/bob?ticket={tickets[2]}");
        (await api.Send("GET", "/", null, headers: ("Authorization", $"Bearer {bad}"))).Status.ShouldBe(HttpStatusCode.Unauthorized);
        return tickets;
    }
}
