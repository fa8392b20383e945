using Presence.Actors.Hub;
using Presence.Core.Errors;

namespace Presence.Specs.WebSocket;

/// <summary>The channel over real sockets.</summary>
public sealed class EndpointSpecs : SocketSpec
{
    [Fact]
    public async Task The_first_frame_tells_who_is_connected_and_how_to_stay_so()
    {
        var (client, server) = await ConnectAsync();
        using var _ = client;
        server.Welcome();
        server.Flush();

        var ack = await client.ReceiveJsonAsync();

        ack.GetProperty("type").GetString().ShouldBe("connection_ack");
        var payload = ack.GetProperty("payload");
        payload.GetProperty("status").GetString().ShouldBe("connected");
        payload.GetProperty("client_id").GetString().ShouldBe(server.Id.ToString());
        payload.GetProperty("user_id").GetString().ShouldBe("ana");
        payload.GetProperty("device_id").GetString().ShouldBe("phone");
        payload.GetProperty("heartbeat_interval").GetDouble().ShouldBe(30);
        payload.GetProperty("heartbeat_timeout").GetDouble().ShouldBe(90);
        payload.GetProperty("resumed").GetBoolean().ShouldBeFalse();
        payload.GetProperty("limits").GetProperty("message_bytes").GetInt32().ShouldBe(65536);
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
        asked.Command.ShouldBeOfType<Subscribe>().Users.Select(user => user.Value).ShouldBe(["bea", "carl"]);
        server.Deliver("7", new SubscribedAnswer(2));
        server.Flush();

        (await client.ReceiveJsonAsync()).GetRawText().ShouldBe("""{"type":"subscribe_ack","id":"7","payload":{"count":2}}""");
    }

    [Fact]
    public async Task A_text_that_is_no_utf_8_closes_with_1007() =>
        await ExpectCloseAsync(RawSocket.Encode(RawFrame.Text, [(byte)'"', 0xC3, 0x28, (byte)'"']), CloseReason.BadUtf8);

    [Fact]
    public async Task A_binary_frame_closes_with_1003() =>
        await ExpectCloseAsync(RawSocket.Encode(RawFrame.Binary, [1, 2, 3]), CloseReason.Binary);

    [Fact]
    public async Task A_message_over_the_limit_closes_with_1009() =>
        await ExpectCloseAsync(RawSocket.Encode(RawFrame.Text, new byte[65537]), CloseReason.TooLarge);

    [Fact]
    public async Task A_frame_that_is_not_masked_closes_with_1002() =>
        await ExpectCloseAsync([0x81, 7, .. "{\"a\":1}"u8], CloseReason.ProtocolError);

    private async Task ExpectCloseAsync(byte[] sent, CloseReason reason)
    {
        var (client, server) = await WelcomedAsync();
        using var _ = client;

        await client.SendBytesAsync(sent);

        (await client.ReceiveCloseAsync()).ShouldBe(reason.Code);
        await client.SendAsync(RawFrame.Close, [(byte)(reason.Code >> 8), (byte)reason.Code]);
        (await Hub.ExpectMsgAsync<ConnectionEnded>()).ShouldBe(new ConnectionEnded(server.Id, reason));
    }
}
