using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Presence.Actors.Hub;
using Presence.Core.Errors;

namespace Presence.Specs.WebSocket;

/// <summary>How a socket opens, and what goes over it while all is well.</summary>
public sealed class EndpointSpecs : SocketSpec
{
    [Theory]
    [InlineData("/ws")]
    [InlineData("/presence/ws")]
    [InlineData("/api/v1/presence/ws")]
    public async Task A_standard_client_opens_a_socket_under_each_prefix(string path)
    {
        using var client = new ClientWebSocket();
        await client.ConnectAsync(
            new Uri($"ws://{Server.Authority}{path}?user_id=ana&device_id=phone&snapshot=full"),
            CancellationToken.None
        );
        var server = (await Hub.ExpectMsgAsync<OpenConnection>()).Connection;

        server.User.ShouldBe(new("ana"));
        server.Device.ShouldBe(new("phone"));
        server.Snapshot.ShouldBe(SnapshotKind.Full);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);
        client.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
        (await Hub.ExpectMsgAsync<ConnectionEnded>()).ShouldBe(new(server.Id, CloseReason.Normal));
    }

    [Theory]
    [InlineData("/ws?user_id=ana", HttpStatusCode.BadRequest, "upgrade_required")]
    [InlineData("/ws", HttpStatusCode.Unauthorized, "unauthenticated")]
    public async Task A_request_that_asks_for_no_socket_is_told_so(string path, HttpStatusCode status, string code)
    {
        using var http = new HttpClient { BaseAddress = Server };

        using var answer = await http.GetAsync(path);

        answer.StatusCode.ShouldBe(status);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync());
        problem.GetProperty("type").GetString().ShouldBe("about:blank");
        problem.GetProperty("status").GetInt32().ShouldBe((int)status);
        problem.GetProperty("code").GetString().ShouldBe(code);
        problem.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
        problem.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("/ws", "HTTP/1.1 401 ")]
    [InlineData("/ws?user_id=ana&snapshot=some", "HTTP/1.1 400 ")]
    [InlineData("/ws?user_id=ana&snapshot=", "HTTP/1.1 400 ")]
    public async Task An_upgrade_is_refused_before_it_is_made(string path, string status)
    {
        var refused = await Should.ThrowAsync<InvalidOperationException>(() => RawSocket.ConnectAsync(Server, path));

        refused.Message.ShouldStartWith(status);
    }

    [Fact]
    public async Task Compression_is_not_agreed_to()
    {
        var (client, _) = await ConnectAsync(headers: ("Sec-WebSocket-Extensions", "permessage-deflate"));

        client.Handshake.ShouldNotContain("Sec-WebSocket-Extensions");
        client.Dispose();
    }

    [Fact]
    public async Task The_subprotocol_of_the_service_is_agreed_to_and_no_other()
    {
        var (client, _) = await ConnectAsync(headers: ("Sec-WebSocket-Protocol", "presence.v1, bearer.abc"));
        client.Handshake.ShouldContain("Sec-WebSocket-Protocol: presence.v1\r\n");
        client.Dispose();
        await Hub.ExpectMsgAsync<ConnectionEnded>();

        (client, _) = await ConnectAsync(headers: ("Sec-WebSocket-Protocol", "chat"));
        client.Handshake.ShouldNotContain("Sec-WebSocket-Protocol");
        client.Dispose();
    }

    [Fact]
    public async Task The_first_frame_tells_who_is_connected_and_how_to_stay_so()
    {
        var (client, server) = await ConnectAsync();
        using var _ = client;
        server.Welcome(resumed: false);
        server.Flush();

        var ack = await client.ReceiveJsonAsync();

        ack.GetProperty("type").GetString().ShouldBe("connection_ack");
        var payload = ack.GetProperty("payload");
        payload.GetProperty("client_id").GetString().ShouldBe(server.Id.ToString());
        payload.GetProperty("user_id").GetString().ShouldBe("ana");
        payload.GetProperty("device_id").GetString().ShouldBe("phone");
        payload.GetProperty("resume_token").GetString()!.Length.ShouldBeGreaterThanOrEqualTo(22);
        payload.GetProperty("resumed").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task A_device_that_names_itself_not_gets_an_id_of_its_own_each_time()
    {
        var (first, one) = await ConnectAsync("user_id=ana");
        var (second, other) = await ConnectAsync("user_id=ana");

        one.Device.ShouldNotBe(other.Device);
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public async Task A_token_to_resume_by_is_taken_and_nothing_is_resumed()
    {
        var (client, server) = await ConnectAsync("user_id=ana&device_id=phone&resume=abc&cursor=def");
        using var _ = client;
        server.Welcome(resumed: false);
        server.Flush();

        (await client.ReceiveJsonAsync()).GetProperty("payload").GetProperty("resumed").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task A_command_reaches_the_hub_and_its_answer_the_client()
    {
        var (client, server) = await WelcomedAsync();
        using var _ = client;

        await client.SendAsync("""{"type":"subscribe","id":"7","payload":{"user_ids":["bea","carl"]}}""");
        var asked = await Hub.ExpectMsgAsync<ClientAsks>();
        asked.Connection.ShouldBe(server.Id);
        asked.FrameId.ShouldBe("7");
        asked.Command.ShouldBeOfType<Subscribe>().Users.ShouldBe([new("bea"), new("carl")]);
        server.Deliver("7", new SubscribedAnswer(2));
        server.Flush();

        (await client.ReceiveJsonAsync()).GetRawText().ShouldBe("""{"type":"subscribe_ack","id":"7","payload":{"count":2}}""");
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("&active=true", true)]
    [InlineData("&active=false", false)]
    public async Task A_client_may_say_with_the_handshake_whether_the_person_is_active(string query, bool? active)
    {
        var (client, server) = await ConnectAsync("user_id=ana&device_id=phone" + query);
        using var _ = client;

        server.Active.ShouldBe(active);
    }

    [Fact]
    public async Task What_a_hasty_client_sends_is_answered_after_the_ack_and_the_first_snapshot()
    {
        var (client, server) = await ConnectAsync();
        using var _ = client;
        await client.SendAsync("""{"type":"ping","id":"p"}""");
        await client.SendAsync("not json");

        server.Welcome(resumed: false);
        server.Flush();
        server.DeliverSnapshot([], default, self: null);
        server.Flush();

        var types = new List<string?>();
        for (var i = 0; i < 4; i++)
        {
            types.Add((await client.ReceiveJsonAsync()).GetProperty("type").GetString());
        }

        types.ShouldBe(["connection_ack", "presence_snapshot", "pong", "error"]);
    }

    [Fact]
    public async Task A_message_in_many_fragments_with_a_ping_between_is_one_message()
    {
        var (client, _) = await WelcomedAsync();
        using var __ = client;

        await client.SendAsync(RawFrame.Text, """{"type":"""u8.ToArray(), final: false);
        await client.SendAsync(RawFrame.Ping, "still here"u8.ToArray());
        await client.SendAsync(RawFrame.Continuation, """ "ping","""u8.ToArray(), final: false);
        await client.SendAsync(RawFrame.Continuation, [], final: false);
        await client.SendAsync(RawFrame.Continuation, """ "id":"f"}"""u8.ToArray());

        var pong = await client.ReceiveAsync();
        pong.Opcode.ShouldBe(RawFrame.Pong);
        Encoding.UTF8.GetString(pong.Payload).ShouldBe("still here");
        (await client.ReceiveJsonAsync()).GetProperty("id").GetString().ShouldBe("f");
    }

    [Fact]
    public async Task A_client_that_asked_for_batches_gets_what_was_flushed_together_in_one()
    {
        var (client, server) = await WelcomedAsync("user_id=ana&device_id=phone&snapshot=none&batch=1");
        using var _ = client;

        server.DeliverPresence(new("bea"), "{\"n\":1}"u8.ToArray());
        server.DeliverPresence(new("carl"), "{\"n\":2}"u8.ToArray());
        server.DeliverPresence(new("bea"), "{\"n\":3}"u8.ToArray());
        server.Flush();

        (await client.ReceiveJsonAsync()).GetRawText().ShouldBe("""{"type":"batch","payload":{"events":[{"n":3},{"n":2}]}}""");
    }

    [Fact]
    public async Task A_token_on_a_living_socket_is_refused_as_unavailable_and_an_event_ack_needs_no_answer()
    {
        var (client, _) = await WelcomedAsync();
        using var __ = client;

        await client.SendAsync("""{"type":"event_ack","id":"e","payload":{"id":"1"}}""");
        (await Hub.ExpectMsgAsync<ClientAsks>()).Command.ShouldBe(new AckEvent(new("1")));
        await client.SendAsync("""{"type":"authenticate","id":"a","payload":{"token":"t"}}""");

        var answer = await client.ReceiveJsonAsync();
        answer.GetProperty("id").GetString().ShouldBe("a");
        answer.GetProperty("payload").GetProperty("code").GetString().ShouldBe(ErrorCodes.Unavailable);
    }
}
