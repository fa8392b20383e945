using System.Net;
using System.Net.Sockets;
using System.Text;
using Presence.Specs.Journeys;

namespace Presence.Specs.Limits;

/// <summary>The limits of the real service, as its clients meet them.</summary>
public sealed class HostLimitsSpecs : IAsyncLifetime
{
    private const string Key = "a-key-that-is-long-enough";
    private static readonly (string, string) ApiKey = ("X-Api-Key", Key);

    private JourneyServer _server = null!;
    private Api _api = null!;

    public async Task InitializeAsync()
    {
        _server = await JourneyServer.Start(
            $"Presence:Authentication:ApiKey={Key}",
            "Presence:Limits:HandshakeTimeout=00:00:01",
            "Presence:Limits:HeaderBytes=2048",
            "Presence:Limits:HeaderCount=20",
            "Presence:Limits:BodyBytes=2048",
            "Presence:Limits:ChangesBurst=3",
            "Presence:Limits:TypingBurst=3",
            "Presence:Limits:TargetsPerHour=5",
            "Presence:Limits:RequestsPerSecond=1",
            "Presence:Limits:RequestsBurst=10",
            "Presence:Limits:ImportLineBytes=100",
            "Presence:Limits:ImportLines=3",
            "Presence:Limits:OutboxBytes=8192"
        );
        _api = _server.Api();
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Changes_by_socket_and_by_HTTP_count_together_and_tell_when_one_may_again()
    {
        await using var ann = await _server.Connect("ann");
        await ann.Choose("""{"custom_status":"1"}""");
        await ann.Choose("""{"custom_status":"2"}""");
        (await _api.Post("/", """{"custom_status":"3"}""", "ann")).Status.ShouldBe(HttpStatusCode.OK);

        var (status, retryAfter, body) = await Post("/", """{"custom_status":"4"}""", "ann");
        var error = await ann.Choose("""{"custom_status":"4"}""");

        (status, retryAfter).ShouldBe((HttpStatusCode.TooManyRequests, "1"));
        body.ShouldContain("\"code\":\"rate_limited\"");
        body.ShouldContain("\"retry_after\":1");
        error.GetProperty("code").GetString().ShouldBe("rate_limited");
        error.GetProperty("retry_after").GetDouble().ShouldBeInRange(0.001, 1);
    }

    [Fact]
    public async Task A_rule_counts_as_a_change_and_over_the_rate_the_answer_tells_when_one_may_again()
    {
        for (var i = 0; i < 3; i++)
        {
            (await _api.Put("/privacy", Rule(i), "max")).Status.ShouldBe(HttpStatusCode.OK);
        }

        var refused = await _api.Put("/privacy", Rule(3), "max");

        (refused.Status, refused.Code).ShouldBe((HttpStatusCode.TooManyRequests, "rate_limited"));
        refused.Json.GetProperty("retry_after").GetInt32().ShouldBe(1);
        (await _api.Send("PUT", "/privacy", Rule(3), "max", headers: ApiKey)).Status.ShouldBe(HttpStatusCode.OK);

        static string Rule(int i) => $$"""{"online_status_visibility":"{{(i % 2 == 0 ? "nobody" : "everyone")}}"}""";
    }

    [Fact]
    public async Task A_service_with_its_key_changes_as_often_as_it_likes()
    {
        for (var i = 0; i < 15; i++)
        {
            var answer = await _api.Send("POST", "/", $$"""{"custom_status":"{{i}}"}""", "bob", headers: ApiKey);
            answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        }
    }

    [Fact]
    public async Task A_user_may_ask_so_often_and_no_more_and_a_service_is_not_counted()
    {
        var answers = new List<ApiAnswer>();
        // So many that some are over, however slowly they come.
        for (var i = 0; i < 200 && answers.All(answer => answer.Status == HttpStatusCode.OK); i++)
        {
            answers.Add(await _api.Get("/privacy", "cyd"));
        }

        answers.Count.ShouldBeGreaterThan(10, "the burst is allowed");
        answers[^1].Status.ShouldBe(HttpStatusCode.TooManyRequests);
        answers[^1].Code.ShouldBe("rate_limited");
        answers[^1].Json.GetProperty("retry_after").GetInt32().ShouldBe(1);
        (await _api.Get("/privacy", "dan")).Status.ShouldBe(HttpStatusCode.OK);
        for (var i = 0; i < 15; i++)
        {
            (await _api.Send("GET", "/privacy", null, "cyd", headers: ApiKey)).Status.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task To_ask_for_an_upgrade_makes_no_request_a_socket_and_a_socket_is_not_counted()
    {
        (string, string)[] upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket")];
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 200 && answers.All(status => status == HttpStatusCode.OK); i++)
        {
            answers.Add((await _api.Send("GET", "/privacy", null, "lea", headers: upgrade)).Status);
        }

        answers[^1].ShouldBe(HttpStatusCode.TooManyRequests);
        await using var lea = await _server.Connect("lea");
    }

    [Fact]
    public async Task A_viewer_may_read_so_many_different_users_an_hour_over_all_channels_and_no_more()
    {
        await using var eve = await _server.Connect("eve");
        await eve.Say("""{"type":"subscribe","payload":{"user_ids":["u1","u2"]}}""");
        (await eve.Next("subscribe_ack")).GetProperty("count").GetInt32().ShouldBe(2);
        (await _api.Get("/users/u3", "eve")).Status.ShouldBe(HttpStatusCode.OK);
        (await _api.Post("/bulk", """{"user_ids":["u4","u5","u1"]}""", "eve")).Status.ShouldBe(HttpStatusCode.OK);

        var read = await _api.Get("/u6", "eve");
        (read.Status, read.Code).ShouldBe((HttpStatusCode.TooManyRequests, "rate_limited"));
        read.Json.GetProperty("retry_after").GetInt32().ShouldBeInRange(3_000, 3_600);
        (await _api.Post("/bulk", """{"user_ids":["u1","u7"]}""", "eve")).Code.ShouldBe("rate_limited");
        await eve.Say("""{"type":"subscribe","payload":{"user_ids":["u8"]}}""");
        (await eve.Next("error")).GetProperty("code").GetString().ShouldBe("rate_limited");

        (await _api.Get("/u3", "eve")).Status.ShouldBe(HttpStatusCode.OK);
        (await _api.Get("/", "eve")).Status.ShouldBe(HttpStatusCode.OK);
        (await _api.Send("GET", "/u9", null, "eve", headers: ApiKey)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_viewer_may_ask_for_so_many_different_conversations_an_hour_over_all_channels_and_no_more()
    {
        await using var eve = await _server.Connect("eva");
        for (var i = 1; i <= 2; i++)
        {
            await eve.Say($$$"""{"type":"watch_conversation","payload":{"conversation_id":"c{{{i}}}"}}""");
            (await eve.Next("error")).GetProperty("code").GetString().ShouldBe("not_a_participant");
        }

        (await _api.Get("/typing/c3", "eva")).Code.ShouldBe("not_a_participant");
        (await _api.Post("/typing", """{"conversation_id":"c4","is_typing":true}""", "eva")).Code.ShouldBe("not_a_participant");
        (await _api.Get("/users/u5", "eva")).Status.ShouldBe(HttpStatusCode.OK);

        var read = await _api.Get("/typing/c6", "eva");
        (read.Status, read.Code).ShouldBe((HttpStatusCode.TooManyRequests, "rate_limited"));
        (await _api.Post("/typing", """{"conversation_id":"c7","is_typing":true}""", "eva")).Code.ShouldBe("rate_limited");
        await eve.Say("""{"type":"watch_conversation","payload":{"conversation_id":"c8"}}""");
        (await eve.Next("error")).GetProperty("code").GetString().ShouldBe("rate_limited");

        (await _api.Get("/typing/c3", "eva")).Code.ShouldBe("not_a_participant");
        (await _api.Send("GET", "/typing/c9", null, "eva", headers: ApiKey)).Status.ShouldNotBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Typing_by_HTTP_is_limited_too()
    {
        await _api.Send("PUT", "/conversations/room/participants", """{"participants":["fay"]}""", headers: ApiKey);
        for (var i = 0; i < 3; i++)
        {
            (await Type("fay")).Status.ShouldBe(HttpStatusCode.NoContent);
        }

        (await Type("fay")).Code.ShouldBe("rate_limited");
    }

    [Theory]
    [InlineData(1_500, 101)]
    [InlineData(2_100, 431)]
    public async Task Headers_may_be_so_large_and_no_larger(int bytes, int status) =>
        (await Upgrade($"X-Padding: {new string('x', bytes)}\r\n")).ShouldStartWith($"HTTP/1.1 {status} ");

    [Theory]
    [InlineData(14, 101)]
    [InlineData(15, 431)]
    public async Task Headers_may_be_so_many_and_no_more(int more, int status) =>
        (await Upgrade(string.Concat(Enumerable.Range(0, more).Select(i => $"X-{i}: x\r\n")))).ShouldStartWith($"HTTP/1.1 {status} ");

    [Theory]
    [InlineData(2_048, HttpStatusCode.BadRequest)]
    [InlineData(2_049, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_body_may_be_so_large_and_no_larger(int bytes, HttpStatusCode status) =>
        (await _api.Post("/", $$"""{"custom_status":"{{new string('x', bytes - 20)}}"}""", $"gil{bytes}")).Status.ShouldBe(status);

    [Fact]
    public async Task An_import_may_have_so_many_lines_of_such_a_length_and_no_more()
    {
        var padded = $$"""{"user_id":"a","contacts":[],"padding":"{{new string('x', 100)}}"}""";
        var lines = $"{{\"user_id\":\"a\",\"contacts\":[]}}\n{padded}\n{{\"user_id\":\"b\",\"contacts\":[]}}\n";

        var taken = await Import(lines);
        taken.Status.ShouldBe(HttpStatusCode.OK);
        taken.Json.GetProperty("users").GetInt32().ShouldBe(2);
        taken.Json.GetProperty("refused")[0].GetProperty("code").GetString().ShouldBe("too_large");

        var refused = await Import(lines + "{\"user_id\":\"c\",\"contacts\":[]}\n");
        (refused.Status, refused.Code).ShouldBe((HttpStatusCode.RequestEntityTooLarge, "too_large"));
        refused.Text.ShouldContain("up to and with line 3");
    }

    [Fact]
    public async Task A_connection_that_says_nothing_is_closed()
    {
        using var silent = await Connect();

        await IsClosed(silent);
    }

    [Fact]
    public async Task A_handshake_that_comes_byte_by_byte_is_closed()
    {
        using var slow = await Connect();
        var closed = IsClosed(slow);
        try
        {
            foreach (var letter in "GET /ws?user_id=hal HTTP/1.1\r\nHost: slow.example\r\n"u8.ToArray())
            {
                await slow.GetStream().WriteAsync(new[] { letter });
                if (await Task.WhenAny(closed, Task.Delay(TimeSpan.FromMilliseconds(200))) == closed)
                {
                    break;
                }
            }
        }
        catch (IOException)
        {
            // Closed while it was writing.
        }

        await closed;
    }

    [Fact]
    public async Task A_connection_that_asks_for_nothing_more_is_closed()
    {
        await using var own = new Scope(await JourneyServer.Start("Presence:Limits:KeepAliveTimeout=00:00:01"));
        using var idle = new TcpClient();
        await idle.ConnectAsync(own.Server.Address.Host, own.Server.Address.Port);
        await idle.GetStream().WriteAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());

        await IsClosed(idle);
    }

    [Fact]
    public async Task A_node_has_so_many_connections_and_no_more()
    {
        await using var own = new Scope(
            await JourneyServer.Start("Presence:Limits:SocketsPerNode=2", "Presence:Limits:ConnectionsPerNode=2")
        );
        await using var first = await own.Server.Connect("ann");
        await using var second = await own.Server.Connect("bob");
        using var third = new TcpClient();
        await third.ConnectAsync(own.Server.Address.Host, own.Server.Address.Port);

        await IsClosed(third);
        await first.IsUsable();
        await second.IsUsable();
    }

    [Fact]
    public async Task What_was_over_a_limit_is_counted_by_its_name()
    {
        using var http = new HttpClient { BaseAddress = _server.Address };
        for (var i = 0; i < 4; i++)
        {
            await _api.Post("/", $$"""{"custom_status":"{{i}}"}""", "ida");
        }

        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative));

        metrics
            .Split('\n')
            .ShouldContain(line =>
                line.StartsWith("presence_limited_total{", StringComparison.Ordinal)
                && line.Contains("limit=\"ChangesPerSecond\"", StringComparison.Ordinal)
            );
    }

    [Fact]
    public async Task The_first_frame_tells_the_limits_that_concern_a_client()
    {
        await using var ann = await _server.Connect("jan");

        var limits = ann.Ack.GetProperty("limits");
        limits.GetProperty("frames_per_second").GetInt32().ShouldBe(50);
        limits.GetProperty("changes_burst").GetInt32().ShouldBe(3);
        limits.GetProperty("targets_per_hour").GetInt32().ShouldBe(5);
    }

    private sealed record Scope(JourneyServer Server) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(Server.DisposeAsync());
    }

    private Task<ApiAnswer> Type(string user) => _api.Post("/typing", """{"conversation_id":"room","is_typing":true}""", user);

    private Task<ApiAnswer> Import(string lines) => _api.Send("POST", "/import", lines, mediaType: "application/x-ndjson", headers: ApiKey);

    private async Task<(HttpStatusCode Status, string? RetryAfter, string Body)> Post(string path, string body, string user)
    {
        using var http = new HttpClient { BaseAddress = _server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-User-ID", user);
        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, answer.Headers.RetryAfter?.ToString(), await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The first line of the answer to an upgrade with six headers and these.</summary>
    private async Task<string> Upgrade(string headers)
    {
        using var tcp = await Connect();
        var request =
            "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-User-ID: {JourneyServer.NewName("kim")}\r\n{headers}\r\n";
        await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(tcp.GetStream());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await reader.ReadLineAsync(patience.Token) ?? "";
    }

    private async Task<TcpClient> Connect()
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(_server.Address.Host, _server.Address.Port);
        return tcp;
    }

    /// <summary>Waits for the server's end; a problem that it tells first is read over.</summary>
    private static async Task IsClosed(TcpClient tcp)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[1_024];
        try
        {
            while (await tcp.GetStream().ReadAsync(buffer, patience.Token) > 0) { }
        }
        catch (IOException)
        {
            // Reset is closed too.
        }
    }
}
