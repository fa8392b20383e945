using System.Text;
using Presence.Actors.Hub;
using Presence.Core.Errors;

namespace Presence.Specs.WebSocket;

/// <summary>What a broken or hostile client gets: its close code, and nobody else notices.</summary>
public sealed class BadInputSpecs : SocketSpec
{
    [Fact]
    public Task A_text_that_is_no_utf_8_closes_with_1007() =>
        ShouldCloseAsync(RawSocket.Encode(RawFrame.Text, [(byte)'"', 0xC3, 0x28, (byte)'"']), CloseReason.BadUtf8);

    [Fact]
    public Task A_character_that_is_cut_off_closes_with_1007() =>
        ShouldCloseAsync(RawSocket.Encode(RawFrame.Text, [(byte)'"', 0xE2, 0x82]), CloseReason.BadUtf8);

    [Fact]
    public Task A_binary_frame_closes_with_1003() => ShouldCloseAsync(RawSocket.Encode(RawFrame.Binary, [1, 2, 3]), CloseReason.Binary);

    [Fact]
    public Task An_empty_binary_frame_closes_with_1003() => ShouldCloseAsync(RawSocket.Encode(RawFrame.Binary, []), CloseReason.Binary);

    [Fact]
    public Task A_message_over_the_limit_closes_with_1009() =>
        ShouldCloseAsync(RawSocket.Encode(RawFrame.Text, Spaces(65537)), CloseReason.TooLarge);

    [Fact]
    public Task A_message_far_over_the_limit_closes_with_1009_though_most_of_it_is_never_taken() =>
        ShouldCloseAsync(RawSocket.Encode(RawFrame.Text, Spaces(900_000)), CloseReason.TooLarge);

    [Fact]
    public Task Fragments_that_come_to_more_than_the_limit_close_with_1009() =>
        ShouldCloseAsync(
            [
                .. RawSocket.Encode(RawFrame.Text, Spaces(30_000), final: false),
                .. RawSocket.Encode(RawFrame.Continuation, Spaces(30_000), final: false),
                .. RawSocket.Encode(RawFrame.Continuation, Spaces(5_537)),
            ],
            CloseReason.TooLarge
        );

    [Fact]
    public Task A_frame_that_is_not_masked_closes_with_1002() => ShouldCloseAsync([0x81, 7, .. "{\"a\":1}"u8], CloseReason.ProtocolError);

    [Fact]
    public Task A_reserved_opcode_closes_with_1002() => ShouldCloseAsync(RawSocket.Encode(3, [1]), CloseReason.ProtocolError);

    [Fact]
    public Task A_continuation_of_nothing_closes_with_1002() =>
        ShouldCloseAsync(RawSocket.Encode(RawFrame.Continuation, [1]), CloseReason.ProtocolError);

    [Fact]
    public async Task A_message_as_large_as_allowed_is_read()
    {
        var (client, _) = await WelcomedAsync();
        using var __ = client;
        var message = Spaces(65536);
        Encoding.ASCII.GetBytes("""{"type":"ping","id":"large"}""").CopyTo(message, 30_000);

        await client.SendAsync(RawFrame.Text, message);

        (await client.ReceiveJsonAsync()).GetProperty("id").GetString().ShouldBe("large");
    }

    [Fact]
    public async Task The_tenth_malformed_frame_is_answered_and_closes_with_4400()
    {
        var (client, server) = await WelcomedAsync();
        using var _ = client;

        for (var i = 1; i <= 10; i++)
        {
            await client.SendAsync(i % 2 == 0 ? "{" : "");
            var error = await client.ReceiveJsonAsync();
            error.GetProperty("type").GetString().ShouldBe("error");
            error.GetProperty("payload").GetProperty("code").GetString().ShouldBe(ErrorCodes.MalformedJson);
        }

        (await client.ReceiveAsync()).CloseCode.ShouldBe(4400);
        await client.LeaveAsync(4400);
        (await Hub.ExpectMsgAsync<ConnectionEnded>()).ShouldBe(new(server.Id, CloseReason.Malformed));
    }

    [Fact]
    public async Task Other_refusals_never_close_and_the_socket_stays_usable()
    {
        var (client, _) = await WelcomedAsync();
        using var __ = client;

        for (var i = 0; i < 30; i++)
        {
            await client.SendAsync("""{"type":"nonsense"}""");
            await client.SendAsync("""{"type":"typing","payload":{"conversation_id":7}}""");
            (await CodeAsync(client)).ShouldBe(ErrorCodes.UnknownType);
            (await CodeAsync(client)).ShouldBe(ErrorCodes.InvalidId);
        }

        await client.SendAsync("""{"type":"ping"}""");
        (await client.ReceiveJsonAsync()).GetProperty("type").GetString().ShouldBe("pong");
    }

    private async Task ShouldCloseAsync(byte[] sent, CloseReason reason)
    {
        var (healthy, _) = await WelcomedAsync("user_id=bea&device_id=web&snapshot=none");
        var (client, server) = await WelcomedAsync();
        using var __ = client;
        using var ___ = healthy;

        await client.SendBytesAsync(sent);

        (await client.ReceiveCloseAsync()).ShouldBe(reason.Code);
        await client.LeaveAsync(reason.Code);
        (await Hub.ExpectMsgAsync<ConnectionEnded>()).ShouldBe(new(server.Id, reason));
        await healthy.SendAsync("""{"type":"ping"}""");
        (await healthy.ReceiveJsonAsync()).GetProperty("type").GetString().ShouldBe("pong");
    }

    private static async Task<string?> CodeAsync(RawSocket client) =>
        (await client.ReceiveJsonAsync()).GetProperty("payload").GetProperty("code").GetString();

    private static byte[] Spaces(int count) => Encoding.ASCII.GetBytes(new string(' ', count));
}
