using Presence.Specs.Identity;
using Presence.Specs.Journeys;

namespace Presence.Specs.Edge;

/// <summary>nginx and HAProxy before a server that takes tokens, with what is in <c>deploy/</c>: tokens come through, and no secret comes into a log.</summary>
public sealed class TokenGatewaySpecs : IAsyncLifetime
{
    private const string Page = "https://chat.example";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Uri Nobody = new("http://127.0.0.1:1");

    private readonly Issuer _issuer = new();
    private JourneyServer _server = null!;

    public async Task InitializeAsync() =>
        _server = await JourneyServer.Start([$"Presence:Authentication:AllowedOrigins:0={Page}", .. Issuer.Settings]);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [SkippableTheory]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    public async Task Tokens_and_tickets_come_through_and_headers_say_nothing(string by)
    {
        await using var gateway = await Before(by, _server.Address, "presence-jwt");
        var token = _issuer.Token("alice");

        var read = new Attempt("a read", [$"Authorization: Bearer {token}"]);
        (await RawHttp.Send(gateway.Address, read.Bytes("chat.example", []))).ShouldContain("\"user_id\":\"alice\"");
        RawHttp.StatusOf(await Ask(gateway, new("a name", ["X-User-ID: alice", "X-Api-Key: any"]))).ShouldBe(401);
        RawHttp
            .StatusOf(await Ask(gateway, new("an operator", [$"Authorization: Bearer {token}"], "/presence/metrics")))
            .ShouldBeOneOf(400, 404);

        var ticket = await Ticket(gateway, token);
        var page = new Attempt("a page", [$"Origin: {Page}"], $"/ws?ticket={ticket}&device_id=tab", Upgrades: true);
        var answer = await Ask(gateway, page);
        RawHttp.StatusOf(answer).ShouldBe(101);
        answer.ShouldContain("\"user_id\":\"alice\"");
    }

    [SkippableTheory]
    [InlineData("nginx", "presence-jwt")]
    [InlineData("haproxy", "presence-jwt")]
    [InlineData("nginx", "presence")]
    public async Task The_path_is_logged_and_the_query_is_not_whether_it_goes_well_or_not(string by, string example)
    {
        await using var well = await Before(by, _server.Address, example);
        await using var ill = await Before(by, Nobody, example);
        string[] alice = [$"Cookie: {Gateway.Session}", "Referer: https://chat.example/?ticket=t-secret"];

        foreach (var gateway in new[] { well, ill })
        {
            await RawHttp.Send(
                gateway.Address,
                new Attempt("a socket", [], "/ws?ticket=t-secret&resume=r-secret", Upgrades: true).Bytes("chat.example", alice)
            );
            await RawHttp.Send(
                gateway.Address,
                new Attempt("a stream", [], "/presence/events?ticket=t-secret").Bytes("chat.example", alice)
            );
            await Logged(gateway, "/ws ");
            await Logged(gateway, "/presence/events ");
            gateway.Log.ShouldNotContain("secret");
        }
    }

    private static async Task<Gateway> Before(string by, Uri server, string example)
    {
        var missing = Gateway.Missing(by);
        Skip.If(missing is not null, missing);
        return await Gateway.Start(by, server, GatewayFixture.Secret, example);
    }

    private static Task<string> Ask(Gateway gateway, Attempt attempt) => RawHttp.Send(gateway.Address, attempt.Bytes("chat.example", []));

    private static async Task<string> Ticket(Gateway gateway, string token)
    {
        var ask = new Attempt("a ticket", [$"Authorization: Bearer {token}", "Content-Length: 0"], "/tickets", "POST");
        var answer = await Ask(gateway, ask);
        RawHttp.StatusOf(answer).ShouldBe(201, answer);
        return answer.Split("\"ticket\":\"")[1].Split('"')[0];
    }

    private static async Task Logged(Gateway gateway, string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!gateway.Log.Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(50, patience.Token);
        }
    }
}
