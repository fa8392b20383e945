using System.Net;
using Microsoft.Data.Sqlite;
using Presence.Specs.Identity;
using Presence.Specs.WebSocket;
using static Presence.Specs.Identity.Issuer;

namespace Presence.Specs.Journeys;

/// <summary>A server that takes tokens, and another over the same times in <c>trusted_headers</c> mode.</summary>
public sealed class JwtServers : IAsyncLifetime
{
    /// <summary>Of the pages that may use the servers.</summary>
    public const string Page = "https://app.example.com";

    private static readonly string[] Common =
    [
        "Presence:OfflineGrace=00:00:01",
        $"Presence:Authentication:AllowedOrigins:0={Page}",
        "Presence:Authentication:TokenGrace=00:00:01",
    ];

    public JourneyServer Jwt { get; private set; } = null!;

    public JourneyServer Trusted { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Jwt = await JourneyServer.Start([.. Common, .. Issuer.Settings]);
        Trusted = await JourneyServer.Start(Common);
    }

    public async Task DisposeAsync()
    {
        await Jwt.DisposeAsync();
        await Trusted.DisposeAsync();
    }
}

/// <summary>How clients come in by tokens and tickets, and how that ends.</summary>
public sealed class JwtJourneySpecs(JwtServers servers) : IClassFixture<JwtServers>, IDisposable
{
    private readonly JourneyServer _server = servers.Jwt;
    private readonly Api _api = servers.Jwt.Api();
    private readonly Issuer _issuer = new();
    private readonly string _alice = JourneyServer.NewName("alice");
    private readonly string _bob = JourneyServer.NewName("bob");

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task A_token_says_who_calls_and_headers_say_nothing()
    {
        var own = await Send("GET", "/", _issuer.Token(_alice), ("X-User-ID", _bob), ("X-Api-Key", "anything"));
        own.Status.ShouldBe(HttpStatusCode.OK, own.Text);
        own.Json.GetProperty("user_id").GetString().ShouldBe(_alice);

        ShouldBeUnauthenticated(await _api.Get("/", _bob));
        ShouldBeUnauthenticated(await _api.Get($"/users/{_alice}"));
        (await Send("GET", "/stats", _issuer.Token(_alice))).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_token_in_the_address_is_none()
    {
        var token = _issuer.Token(_alice);

        ShouldBeUnauthenticated(await _api.Get($"/?access_token={token}"));
        ShouldBeUnauthenticated(await _api.Get($"/events?access_token={token}"));
        await UpgradeIsRefused($"/ws?access_token={token}", "401");
        await UpgradeIsRefused($"/ws?user_id={_alice}", "401");
    }

    [Fact]
    public async Task A_refusal_names_the_scheme_and_the_reason()
    {
        using var http = new HttpClient { BaseAddress = _server.Address };
        using var without = await http.GetAsync("/");
        without.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");

        http.DefaultRequestHeaders.Add("Authorization", "Bearer " + _issuer.Token(_alice, ("exp", In(-60))));
        using var expired = await http.GetAsync("/");
        expired.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        expired.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
        (await expired.Content.ReadAsStringAsync()).ShouldContain("the token has expired");
    }

    [Fact]
    public async Task Two_tokens_are_none()
    {
        using var http = new HttpClient { BaseAddress = _server.Address };
        http.DefaultRequestHeaders.TryAddWithoutValidation(
            "Authorization",
            ["Bearer " + _issuer.Token(_alice), "Bearer " + _issuer.Token(_bob)]
        );
        using var answer = await http.GetAsync("/");
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_backend_reads_as_the_owner_or_by_the_eyes_of_who_it_names_and_alone_writes_directories()
    {
        var service = _issuer.Service();
        (await Send("PUT", $"/users/{_alice}/contacts/{_bob}", service)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await Send("PUT", $"/users/{_alice}/contacts/{_bob}", _issuer.Token(_alice))).Status.ShouldBe(HttpStatusCode.Forbidden);
        await using var alice = await Open(_alice);
        await alice.Choose("""{"online_status":"invisible"}""");

        (await Send("GET", $"/users/{_alice}", service)).Json.GetProperty("online_status").GetString().ShouldBe("invisible");
        (await Send("GET", $"/users/{_alice}", service, ("X-User-ID", _bob)))
            .Json.GetProperty("online_status")
            .GetString()
            .ShouldBe("offline");
        (await Send("GET", $"/users/{_alice}", service, ("X-User-ID", "no id"))).Code.ShouldBe("invalid_id");
        ShouldBeUnauthenticated(await Send("GET", "/", service));
    }

    [Fact]
    public async Task Scopes_hold_over_http_and_over_the_socket()
    {
        var reads = _issuer.Token(_alice, ("scope", "presence.read"));
        var writes = _issuer.Token(_alice, ("scope", "presence.write"));

        (await Send("GET", "/", reads)).Status.ShouldBe(HttpStatusCode.OK);
        (await Send("POST", "/bulk", reads, body: $$"""{"user_ids":["{{_bob}}"]}""")).Status.ShouldBe(HttpStatusCode.OK);
        var refused = await Send("POST", "/", reads, body: """{"online_status":"busy"}""");
        (refused.Status, refused.Code).ShouldBe((HttpStatusCode.Forbidden, "forbidden"));
        (await Send("PUT", "/privacy", reads, body: "{}")).Code.ShouldBe("forbidden");
        (await Send("POST", "/heartbeat", reads, ("X-Device-ID", "phone"))).Code.ShouldBe("forbidden");
        (await Send("POST", "/", writes, body: """{"online_status":"busy"}""")).Status.ShouldBe(HttpStatusCode.OK);
        (await Send("GET", "/", writes)).Code.ShouldBe("forbidden");
        await UpgradeIsRefused("/ws", "403", Bearer(writes));

        await using var alice = await JourneyClient.Open(_server.Address, "/ws", Bearer(reads));
        (await alice.Choose("""{"online_status":"away"}""")).GetProperty("code").GetString().ShouldBe("forbidden");
        await alice.IsUsable();
    }

    [Fact]
    public async Task A_socket_opens_by_header_or_by_subprotocol()
    {
        await using (var alice = await Open(_alice, "/ws?device_id=phone"))
        {
            alice.Ack.GetProperty("user_id").GetString().ShouldBe(_alice);
            alice.Ack.GetProperty("device_id").GetString().ShouldBe("phone");
        }

        using var socket = await RawSocket.ConnectAsync(
            _server.Address,
            "/ws?device_id=page&device_platform=web",
            ("Sec-WebSocket-Protocol", $"presence.v1, bearer.{_issuer.Token(_alice)}"),
            ("Origin", JwtServers.Page)
        );
        socket.Handshake.ShouldContain("Sec-WebSocket-Protocol: presence.v1\r\n");
        socket.Handshake.ShouldNotContain("bearer.");
        (await socket.ReceiveJsonAsync()).GetProperty("payload").GetProperty("user_id").GetString().ShouldBe(_alice);
        await UpgradeIsRefused("/ws", "401", ("Sec-WebSocket-Protocol", $"bearer.{_issuer.Token(_alice)}"));
    }

    [Fact]
    public async Task A_ticket_opens_one_socket()
    {
        var ticket = await Ticket(_issuer.Token(_alice));

        await using var alice = await JourneyClient.Open(_server.Address, $"/ws?ticket={ticket}&device_id=page");
        alice.Ack.GetProperty("user_id").GetString().ShouldBe(_alice);
        alice.Ack.GetProperty("device_id").GetString().ShouldBe("page");

        await UpgradeIsRefused($"/ws?ticket={ticket}&device_id=page", "401");
        await UpgradeIsRefused("/ws?ticket=abc", "401");
        await UpgradeIsRefused($"/ws?ticket={new string('A', 43)}", "401");
        await UpgradeIsRefused($"/ws?ticket={ticket}", "401", Bearer(_issuer.Token(_alice)));
    }

    [Fact]
    public async Task Of_many_who_bring_a_ticket_at_once_one_gets_in()
    {
        var ticket = await Ticket(_issuer.Token(_alice));

        var opened = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Opens($"/ws?ticket={ticket}")));

        opened.Count(opens => opens).ShouldBe(1);
    }

    [Fact]
    public async Task A_ticket_that_a_device_asked_for_is_for_that_device()
    {
        var token = _issuer.Token(_alice);
        await UpgradeIsRefused($"/ws?ticket={await Ticket(token, "page")}&device_id=other", "401");

        await using (var same = await JourneyClient.Open(_server.Address, $"/ws?ticket={await Ticket(token, "page")}&device_id=page"))
        {
            same.Ack.GetProperty("device_id").GetString().ShouldBe("page");
        }

        await using var none = await JourneyClient.Open(_server.Address, $"/ws?ticket={await Ticket(token, "page")}");
        none.Ack.GetProperty("device_id").GetString().ShouldBe("page");
    }

    [Fact]
    public async Task A_ticket_is_its_users_and_what_it_opens_is_limited_as_the_token_was()
    {
        var reads = _issuer.Token(_alice, ("scope", "presence.read"));
        await UpgradeIsRefused($"/ws?ticket={await Ticket(reads)}&user_id={_bob}", "401");

        await using var alice = await JourneyClient.Open(_server.Address, $"/ws?ticket={await Ticket(reads)}");
        (await alice.Choose("""{"online_status":"away"}""")).GetProperty("code").GetString().ShouldBe("forbidden");
    }

    [Fact]
    public async Task A_ticket_opens_a_stream_too()
    {
        var ticket = await Ticket(_issuer.Token(_alice));

        await using var stream = await EventStreamClient.Open(_server.Address, $"/events?ticket={ticket}");
        stream.Ack.GetProperty("user_id").GetString().ShouldBe(_alice);

        ShouldBeUnauthenticated(await _api.Get($"/events?ticket={ticket}"));
    }

    [Fact]
    public async Task Tickets_serve_pages_in_trusted_headers_mode_too()
    {
        using var api = servers.Trusted.Api();
        var ticket = (await api.Post("/tickets", user: _alice)).Json.GetProperty("ticket").GetString();

        await using (var alice = await JourneyClient.Open(servers.Trusted.Address, $"/ws?ticket={ticket}", ("Origin", JwtServers.Page)))
        {
            alice.Ack.GetProperty("user_id").GetString().ShouldBe(_alice);
            await alice.Say("""{"type":"authenticate","id":"a","payload":{"token":"t"}}""");
            (await alice.Next("error")).GetProperty("code").GetString().ShouldBe("unavailable");
        }

        using var page = await RawSocket.ConnectAsync(servers.Trusted.Address, $"/ws?ticket={ticket}", ("Origin", JwtServers.Page));
        (await page.ReceiveCloseAsync()).ShouldBe(4401);
    }

    [Fact]
    public async Task A_page_whose_token_fails_is_told_over_the_socket_and_others_by_the_answer()
    {
        var expired = _issuer.Token(_alice, ("exp", In(-60)));
        var used = await Ticket(_issuer.Token(_alice));
        (await Opens($"/ws?ticket={used}")).ShouldBeTrue();

        foreach (var path in new[] { "/ws", $"/ws?ticket={used}", "/presence/ws?ticket=abc" })
        {
            using var page = await RawSocket.ConnectAsync(
                _server.Address,
                path,
                ("Origin", JwtServers.Page),
                ("Sec-WebSocket-Protocol", $"presence.v1, bearer.{expired}")
            );
            page.Handshake.ShouldContain("Sec-WebSocket-Protocol: presence.v1");
            var close = await page.ReceiveAsync();
            close.CloseCode.ShouldBe(4401);
            close.Payload.Length.ShouldBeInRange(5, 125);
            await UpgradeIsRefused(path, "401", ("Sec-WebSocket-Protocol", $"presence.v1, bearer.{expired}"));
        }

        await UpgradeIsRefused("/ws", "403", ("Origin", "https://evil.example.com"), Bearer(_issuer.Token(_alice)));
    }

    [Fact]
    public async Task A_page_that_was_turned_away_keeps_nothing_open()
    {
        using var page = await RawSocket.ConnectAsync(_server.Address, "/ws", ("Origin", JwtServers.Page));
        (await page.ReceiveCloseAsync()).ShouldBe(4401);

        // It answers nothing, and is cut off.
        await Should.ThrowAsync<IOException>(() => page.ReceiveAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_token_that_ends_is_told_of_and_then_the_socket_is_closed_and_its_client_comes_back_where_it_was()
    {
        await using var bob = await Open(_bob, "/ws?device_id=phone");
        string resume;
        await using (var alice = await Open(_alice, "/ws?device_id=phone", ("exp", In(3))))
        {
            resume = alice.Ack.GetProperty("resume_token").GetString()!;
            (await alice.Next("token_expiring")).GetProperty("expires_in").GetInt32().ShouldBeInRange(0, 3);
            (await alice.Closed).ShouldBe(4401);
        }

        await bob.IsUsable();
        await using var back = await Open(_alice, $"/ws?device_id=phone&resume={resume}&cursor=0.0.0");
        back.Ack.GetProperty("user_id").GetString().ShouldBe(_alice);
    }

    [Fact]
    public async Task A_stream_ends_with_its_token()
    {
        await using var stream = await EventStreamClient.Open(_server.Address, "/events", Bearer(_issuer.Token(_alice, ("exp", In(3)))));

        await stream.Next("token_expiring");
        (await stream.Next("close")).GetProperty("code").GetInt32().ShouldBe(4401);
        await stream.Ended();
    }

    [Fact]
    public async Task What_a_ticket_opened_ends_with_the_token_that_asked_for_it()
    {
        var ticket = await Ticket(_issuer.Token(_alice, ("exp", In(4))));
        await using var alice = await JourneyClient.Open(_server.Address, $"/ws?ticket={ticket}");

        (await alice.Closed).ShouldBe(4401);
    }

    [Fact]
    public async Task A_fresh_token_of_the_same_user_keeps_the_socket_and_no_other_does()
    {
        await using var alice = await Open(_alice, "/ws?device_id=phone", ("exp", In(5)));

        (await Authenticates(alice, _issuer.Token(_bob))).GetProperty("code").GetString().ShouldBe("forbidden");
        (await Authenticates(alice, _issuer.Service())).GetProperty("code").GetString().ShouldBe("forbidden");
        (await Authenticates(alice, "abc")).GetProperty("code").GetString().ShouldBe("unauthenticated");
        (await Authenticates(alice, _issuer.Token(_alice, ("exp", In(-60))))).GetProperty("code").GetString().ShouldBe("unauthenticated");
        (await Authenticates(alice, _issuer.Token(_alice, ("exp", In(65))))).GetProperty("expires_in").GetInt32().ShouldBeInRange(55, 65);

        // Past the end of the first one and its grace; at the last minute of the fresh one it is told again.
        var told = await alice.Until(frame => JourneyClient.TypeOf(frame) == "token_expiring" && ExpiresIn(frame) > 50);
        told.ShouldNotBeEmpty();
        alice.IsClosed.ShouldBeFalse();
        await alice.IsUsable();
    }

    [Fact]
    public async Task A_fresh_token_limits_from_then_on()
    {
        await using var alice = await Open(_alice);

        await Authenticates(alice, _issuer.Token(_alice, ("scope", "presence.read")));

        (await alice.Choose("""{"online_status":"away"}""")).GetProperty("code").GetString().ShouldBe("forbidden");
    }

    [Fact]
    public async Task A_token_that_is_revoked_closes_its_socket_and_opens_none_nor_do_its_tickets()
    {
        var old = _issuer.Token(_alice, ("jti", $"old-{_alice}"), ("iat", In(-30)));
        var ticket = await Ticket(old);
        await using var alice = await JourneyClient.Open(_server.Address, "/ws", Bearer(old));
        await using var bob = await Open(_bob);

        await Revoke($$"""{"jti":"old-{{_alice}}"}""");

        (await alice.Closed).ShouldBe(4401);
        ShouldBeUnauthenticated(await Send("GET", "/", old));
        await UpgradeIsRefused("/ws", "401", Bearer(old));
        await UpgradeIsRefused($"/ws?ticket={ticket}", "401");
        (await Send("GET", "/", _issuer.Token(_alice, ("iat", In(-30))))).Status.ShouldBe(HttpStatusCode.OK);
        await bob.IsUsable();
    }

    [Fact]
    public async Task A_user_whose_tokens_are_revoked_comes_back_by_one_that_is_issued_later()
    {
        var old = _issuer.Token(_alice, ("iat", In(-30)));
        await using var alice = await JourneyClient.Open(_server.Address, "/ws?device_id=phone", Bearer(old));

        await Revoke($$"""{"user_id":"{{_alice}}"}""");

        (await alice.Closed).ShouldBe(4401);
        ShouldBeUnauthenticated(await Send("GET", "/", old));
        ShouldBeUnauthenticated(await Send("GET", "/", _issuer.Token(_alice, ("iat", null))));
        (await Send("GET", "/", _issuer.Token(_alice, ("iat", In(2))))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_token_that_is_revoked_renews_nothing()
    {
        await using var alice = await Open(_alice);
        await Revoke($$"""{"jti":"stolen-{{_alice}}"}""");

        var answer = await Authenticates(alice, _issuer.Token(_alice, ("jti", $"stolen-{_alice}")));

        answer.GetProperty("code").GetString().ShouldBe("unauthenticated");
    }

    [Fact]
    public async Task Only_a_backend_revokes_and_a_socket_without_a_token_is_closed_too()
    {
        (await Send("POST", "/revocations", _issuer.Token(_alice), body: """{"jti":"x"}""")).Status.ShouldBe(HttpStatusCode.Forbidden);

        await using var alice = await servers.Trusted.Connect(_alice);
        using var api = servers.Trusted.Api();
        (await api.Post("/revocations", $$"""{"user_id":"{{_alice}}","device_id":"phone"}""")).Status.ShouldBe(HttpStatusCode.OK);
        (await alice.Closed).ShouldBe(4401);
        await using var again = await servers.Trusted.Connect(_alice);
        await again.IsUsable();
    }

    [Fact]
    public async Task A_ticket_made_before_its_user_was_revoked_opens_nothing_in_trusted_headers_mode_either()
    {
        using var api = servers.Trusted.Api();
        var ticket = (await api.Post("/tickets", user: _alice)).Json.GetProperty("ticket").GetString();

        (await api.Post("/revocations", $$"""{"user_id":"{{_alice}}"}""")).Status.ShouldBe(HttpStatusCode.OK);

        (await api.Get($"/events?ticket={ticket}")).Code.ShouldBe("unauthenticated");
    }

    [Fact]
    public async Task With_the_store_out_of_reach_a_ticket_is_neither_given_nor_taken_and_nothing_is_promised()
    {
        await using var server = await JourneyServer.Start([.. Settings, $"Presence:Authentication:AllowedOrigins:0={JwtServers.Page}"]);
        using var api = server.Api();
        var token = Bearer(_issuer.Token(_alice));
        var ticket = (await api.Send("POST", "/tickets", null, headers: token)).Json.GetProperty("ticket").GetString();
        await using var other = new SqliteConnection($"Data Source={server.Database};Pooling=false");
        await other.OpenAsync();
        await Execute(other, "begin immediate");

        (await api.Send("POST", "/tickets", null, headers: token)).Code.ShouldBe("unavailable");
        (await api.Get($"/events?ticket={ticket}")).Code.ShouldBe("unavailable");
        using (var page = await RawSocket.ConnectAsync(server.Address, $"/ws?ticket={ticket}", ("Origin", JwtServers.Page)))
        {
            (await page.ReceiveCloseAsync()).ShouldBe(1013);
        }

        await Execute(other, "rollback");
        await using var stream = await Eventually(() => EventStreamClient.Open(server.Address, $"/events?ticket={ticket}"));
        stream.Ack.GetProperty("user_id").GetString().ShouldBe(_alice);
    }

    [Fact]
    public async Task Revocations_outlive_a_restart()
    {
        using var folder = new TemporaryFolder();
        var storage = $"Presence:Storage:ConnectionString=Data Source={folder.Database}";
        var old = _issuer.Token(_alice, ("iat", In(-30)));
        await using (var first = await JourneyServer.Start([.. Settings, storage]))
        {
            using var api = first.Api();
            var revoked = await api.Send("POST", "/revocations", $$"""{"user_id":"{{_alice}}"}""", headers: Bearer(_issuer.Service()));
            revoked.Status.ShouldBe(HttpStatusCode.OK, revoked.Text);
        }

        await using var second = await JourneyServer.Start([.. Settings, storage]);
        using var again = second.Api();

        (await again.Send("GET", "/", null, headers: Bearer(old))).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await again.Send("GET", "/", null, headers: Bearer(_issuer.Token(_bob)))).Status.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>A file that was found locked is left alone for a moment; the ticket is as it was.</summary>
    private static async Task<EventStreamClient> Eventually(Func<Task<EventStreamClient>> open)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            try
            {
                return await open();
            }
            catch (HttpRequestException refused) when (refused.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                await Task.Delay(100, patience.Token);
            }
        }
    }

    private static async Task Execute(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private static int ExpiresIn(System.Text.Json.JsonElement frame) => frame.GetProperty("payload").GetProperty("expires_in").GetInt32();

    private static (string, string) Bearer(string token) => ("Authorization", $"Bearer {token}");

    private Task<JourneyClient> Open(string user, string path = "/ws", params (string, object?)[] claims) =>
        JourneyClient.Open(_server.Address, path, Bearer(_issuer.Token(user, claims)));

    private Task<ApiAnswer> Send(string method, string path, string token, params (string, string)[] headers) =>
        _api.Send(method, path, null, headers: [Bearer(token), .. headers]);

    private Task<ApiAnswer> Send(string method, string path, string token, string body) =>
        _api.Send(method, path, body, headers: [Bearer(token)]);

    private async Task<string> Ticket(string token, string? device = null)
    {
        var answer = await _api.Send("POST", "/tickets", null, device: device, headers: [Bearer(token)]);
        answer.Status.ShouldBe(HttpStatusCode.Created, answer.Text);
        answer.Json.GetProperty("expires_in").GetInt32().ShouldBe(30);
        return answer.Json.GetProperty("ticket").GetString()!;
    }

    private async Task Revoke(string body)
    {
        var answer = await Send("POST", "/revocations", _issuer.Service(), body: body);
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
    }

    /// <summary>The payload of the answer, which may be an error.</summary>
    private static async Task<System.Text.Json.JsonElement> Authenticates(JourneyClient client, string token)
    {
        var id = Guid.NewGuid().ToString("N");
        await client.Say($$$"""{"type":"authenticate","id":"{{{id}}}","payload":{"token":"{{{token}}}"}}""");
        var frames = await client.Until(frame => frame.TryGetProperty("id", out var answered) && answered.GetString() == id);
        return frames[^1].GetProperty("payload");
    }

    private async Task<bool> Opens(string path)
    {
        try
        {
            using var socket = await RawSocket.ConnectAsync(_server.Address, path);
            return true;
        }
        catch (InvalidOperationException refused) when (refused.Message.StartsWith("HTTP/1.1 401", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private async Task UpgradeIsRefused(string path, string status, params (string, string)[] headers)
    {
        var refused = await Should.ThrowAsync<InvalidOperationException>(() => RawSocket.ConnectAsync(_server.Address, path, headers));
        refused.Message.ShouldStartWith($"HTTP/1.1 {status} ");
    }

    private static void ShouldBeUnauthenticated(ApiAnswer answer) =>
        (answer.Status, answer.Code).ShouldBe((HttpStatusCode.Unauthorized, "unauthenticated"), answer.Text);
}
