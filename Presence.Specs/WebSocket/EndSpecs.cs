using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Core.Errors;

namespace Presence.Specs.WebSocket;

/// <summary>How a socket ends.</summary>
public sealed class EndSpecs : SocketSpec
{
    private static readonly byte[] LargeFrame = new byte[32 * 1024];

    protected override PresenceOptions Options { get; } = new() { Limits = new() { SlowReader = TimeSpan.FromSeconds(1) } };

    [Fact]
    public async Task What_was_delivered_arrives_before_the_close_and_the_hub_is_not_told_what_it_knows()
    {
        var (client, server) = await WelcomedAsync();
        using var _ = client;
        for (var i = 0; i < 100; i++)
        {
            server.Deliver($"{i}", new SubscribedAnswer(i));
        }

        server.Close(CloseReason.Replaced);
        server.Deliver("late", new SubscribedAnswer(0));
        server.Close(CloseReason.Forbidden);

        for (var i = 0; i < 100; i++)
        {
            (await client.ReceiveJsonAsync()).GetProperty("id").GetString().ShouldBe($"{i}");
        }

        (await client.ReceiveAsync()).CloseCode.ShouldBe(4409);
        await client.LeaveAsync(4409);
        await ShouldHearOfNextOnlyAsync();
    }

    [Fact]
    public async Task A_client_that_goes_on_sending_after_the_close_still_learns_the_code()
    {
        var (client, server) = await WelcomedAsync();
        using var _ = client;

        server.Close(CloseReason.Forbidden);
        for (var i = 0; i < 50; i++)
        {
            await client.SendAsync("""{"type":"subscribe","payload":{"user_ids":["bea"]}}""");
        }

        (await client.ReceiveCloseAsync()).ShouldBe(4403);
        await client.LeaveAsync(4403);
        await ShouldHearOfNextOnlyAsync();
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(4000)]
    public async Task A_client_that_says_goodbye_ends_normally_and_is_answered_with_its_own_code(int code)
    {
        var (client, server) = await WelcomedAsync();
        using var _ = client;

        await client.SendAsync(RawFrame.Close, [(byte)(code >> 8), (byte)code]);

        (await client.ReceiveAsync()).CloseCode.ShouldBe(code);
        (await Hub.ExpectMsgAsync<ConnectionEnded>()).ShouldBe(new(server.Id, CloseReason.Normal));
    }

    [Fact]
    public async Task A_close_frame_without_a_code_is_a_goodbye_too()
    {
        var (client, server) = await WelcomedAsync();
        using var _ = client;

        await client.SendAsync(RawFrame.Close, []);

        (await client.ReceiveAsync()).CloseCode.ShouldBe(1000);
        (await Hub.ExpectMsgAsync<ConnectionEnded>()).ShouldBe(new(server.Id, CloseReason.Normal));
    }

    [Fact]
    public async Task A_connection_that_breaks_is_lost()
    {
        var (client, server) = await WelcomedAsync();

        client.Reset();

        (await Hub.ExpectMsgAsync<ConnectionEnded>()).ShouldBe(new(server.Id, CloseReason.Lost));
    }

    [Fact]
    public async Task A_connection_that_ends_without_a_goodbye_is_lost()
    {
        var (client, server) = await WelcomedAsync();

        client.Dispose();

        (await Hub.ExpectMsgAsync<ConnectionEnded>()).ShouldBe(new(server.Id, CloseReason.Lost));
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_is_closed_as_slow_and_learns_why_if_it_comes_to()
    {
        var (client, server) = await WelcomedAsync();
        using var _ = client;
        // More than the buffers of both ends take.
        for (var i = 0; i < 600; i++)
        {
            server.DeliverPresence(new($"u{i}"), LargeFrame);
        }

        server.Flush();

        (await Hub.ExpectMsgAsync<ConnectionEnded>()).ShouldBe(new(server.Id, CloseReason.Overloaded));
        (await client.ReceiveCloseAsync()).ShouldBe(4503);
    }

    [Fact]
    public async Task A_server_that_stops_tells_every_client_when_to_come_back_and_closes_with_1012()
    {
        var (ana, one) = await WelcomedAsync();
        var (bea, other) = await WelcomedAsync("user_id=bea&device_id=web&snapshot=none");
        using var _ = ana;
        using var __ = bea;

        var stopping = StopServerAsync();

        foreach (var client in new[] { ana, bea })
        {
            var told = await client.ReceiveJsonAsync();
            told.GetProperty("type").GetString().ShouldBe("reconnect");
            told.GetProperty("payload").GetProperty("delay").GetDouble().ShouldBeInRange(0, 1);
            (await client.ReceiveAsync()).CloseCode.ShouldBe(1012);
        }

        await Task.WhenAll(ana.LeaveAsync(1012), bea.LeaveAsync(1012));
        await stopping.WaitAsync(TimeSpan.FromSeconds(20));
        ConnectionEnded[] ended = [await Hub.ExpectMsgAsync<ConnectionEnded>(), await Hub.ExpectMsgAsync<ConnectionEnded>()];
        ended.ShouldBe([new(one.Id, CloseReason.Restart), new(other.Id, CloseReason.Restart)], ignoreOrder: true);
    }

    [Fact]
    public async Task A_server_that_stops_does_not_wait_long_for_a_client_that_answers_nothing()
    {
        var (client, _) = await WelcomedAsync();
        using var __ = client;

        await StopServerAsync().WaitAsync(TimeSpan.FromSeconds(20));

        (await client.ReceiveJsonAsync()).GetProperty("type").GetString().ShouldBe("reconnect");
        (await client.ReceiveAsync()).CloseCode.ShouldBe(1012);
    }

    /// <summary>Nothing came from the socket before: the next that the hub hears is a new one.</summary>
    private async Task ShouldHearOfNextOnlyAsync()
    {
        var (next, _) = await ConnectAsync();
        next.Dispose();
    }
}
