using Presence.Actors.Hub;
using Presence.Core.Errors;

namespace Presence.Specs.WebSocket;

/// <summary>How a socket shows that its client lives.</summary>
public sealed class LivenessSpecs : SocketSpec
{
    [Fact]
    public async Task A_heartbeat_is_answered_by_the_socket_itself()
    {
        var (client, _) = await WelcomedAsync();
        using var __ = client;

        await client.SendAsync("""{"type":"heartbeat","id":"h1"}""");

        var ack = await client.ReceiveJsonAsync();
        ack.GetProperty("type").GetString().ShouldBe("heartbeat_ack");
        ack.GetProperty("id").GetString().ShouldBe("h1");
        ack.GetProperty("payload").GetProperty("server_time").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
        ack.GetProperty("payload").GetProperty("cursor").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Of_many_heartbeats_the_hub_is_told_the_first_and_each_change()
    {
        var (client, _) = await WelcomedAsync();
        using var __ = client;

        foreach (var active in new[] { "", "", "\"active\":true", "\"active\":false", "\"active\":false", "", "\"active\":true" })
        {
            await client.SendAsync($$$"""{"type":"heartbeat","payload":{{{{active}}}}}""");
        }

        await client.SendAsync("""{"type":"watch_conversation","payload":{"conversation_id":"c"}}""");

        var told = new List<IClientCommand>();
        do
        {
            told.Add((await Hub.ExpectMsgAsync<ClientAsks>()).Command);
        } while (told[^1] is Heard);

        told.SkipLast(1).ShouldBe([new Heard(null), new Heard(true), new Heard(false), new Heard(true)]);
    }

    [Theory]
    [InlineData(RawFrame.Ping)]
    [InlineData(RawFrame.Pong)]
    public async Task A_ping_or_pong_of_the_protocol_shows_that_the_client_lives(byte opcode)
    {
        var (client, server) = await WelcomedAsync();
        using var _ = client;
        var before = TimeProvider.System.GetTimestamp();
        server.LastHeard.ShouldBeLessThan(before);

        await client.SendAsync(opcode, []);

        await AwaitConditionAsync(() => Task.FromResult(server.LastHeard > before));
    }

    [Fact]
    public async Task A_part_of_a_message_shows_that_the_client_lives()
    {
        var (client, server) = await WelcomedAsync();
        using var _ = client;
        await client.SendAsync(RawFrame.Text, "{"u8.ToArray(), final: false);
        await AwaitConditionAsync(() => Task.FromResult(server.LastHeard > 0));
        var before = TimeProvider.System.GetTimestamp();

        await client.SendAsync(RawFrame.Continuation, " "u8.ToArray(), final: false);

        await AwaitConditionAsync(() => Task.FromResult(server.LastHeard > before));
    }

    [Fact]
    public async Task A_silent_client_is_not_heard_of_and_gets_no_pings()
    {
        var (client, server) = await WelcomedAsync();
        using var _ = client;
        var heard = server.LastHeard;

        server.Close(CloseReason.HeartbeatMissed);

        (await client.ReceiveAsync()).CloseCode.ShouldBe(4408);
        server.LastHeard.ShouldBe(heard);
    }
}
