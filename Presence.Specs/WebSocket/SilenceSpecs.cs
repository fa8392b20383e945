using System.Text;
using Microsoft.Extensions.Time.Testing;
using Presence.Actors.Hub;
using Presence.Actors.Nodes;
using Presence.Adapters.WebSocket.Connections;
using Presence.Core.Errors;

namespace Presence.Specs.WebSocket;

/// <summary>What waits for a socket while its node may not speak.</summary>
public sealed class SilenceSpecs
{
    private readonly FakeTransport _socket = new();
    private readonly FakeTimeProvider _pulse = new();
    private readonly NodeStanding _standing;
    private readonly Outbox _outbox;
    private int _overloads;

    public SilenceSpecs()
    {
        _standing = NodeStanding.Unwatched(_pulse);
        _outbox = new(
            _socket,
            new(10, 262_144, TimeSpan.FromSeconds(15), Batches: false),
            TimeProvider.System,
            _standing,
            _ => _overloads++
        );
    }

    [Fact]
    public void Nothing_goes_out_until_the_node_is_vouched_for_and_then_all_of_it_in_order()
    {
        Pause();
        _outbox.Add("1"u8.ToArray());
        _outbox.Flush();
        _outbox.Push(new("ana"), "old"u8.ToArray());
        _outbox.Push(new("ana"), "new"u8.ToArray());
        _outbox.Flush();
        _socket.Sent.ShouldBeEmpty();

        Vouch();
        _outbox.Flush();

        _socket.Sent.ShouldBe(["1", "new"]);
    }

    [Fact]
    public void What_waited_for_a_slow_reader_waits_on()
    {
        _socket.Stuck = true;
        _outbox.Add("1"u8.ToArray());
        _outbox.Add("2"u8.ToArray());
        _outbox.Flush();
        Pause();

        _socket.Unstick();
        _socket.Sent.ShouldBe(["1"]);

        Vouch();
        _outbox.Flush();
        _socket.Sent.ShouldBe(["1", "2"]);
    }

    [Fact]
    public async Task A_socket_that_ends_meanwhile_is_closed_without_what_waits()
    {
        Pause();
        _outbox.Add("not to be believed"u8.ToArray());
        _outbox.Flush();

        _outbox.Complete(CloseReason.Restart);

        await _outbox.Finished.WaitAsync(TimeSpan.FromSeconds(20));
        (await _socket.Closed.Task).ShouldBe(1012);
        _socket.Sent.ShouldBeEmpty();
    }

    [Fact]
    public void No_more_waits_than_may()
    {
        Pause();
        for (var i = 0; i < 10; i++)
        {
            _outbox.Add(Encoding.UTF8.GetBytes($"{i}"));
        }

        _overloads.ShouldBe(0);
        _outbox.Add("one too many"u8.ToArray());
        _overloads.ShouldBe(1);
    }

    private void Pause() => _pulse.Advance(NodeStanding.LongestBeat * 2);

    private void Vouch()
    {
        _standing.TakePulse();
        _standing.Vouched(_standing.LastPause);
    }
}

/// <summary>The same over a real socket: what a connection answers by itself is held back too.</summary>
public sealed class SilentSocketSpecs : SocketSpec
{
    [Fact]
    public async Task A_heartbeat_is_answered_once_the_node_is_vouched_for()
    {
        var (client, server) = await WelcomedAsync();
        using var _ = client;
        Pulse.Advance(NodeStanding.LongestBeat * 2);
        await client.SendAsync("""{"type":"heartbeat","id":"7","payload":{"active":false}}""");
        await Hub.ExpectMsgAsync<ClientAsks>();

        Standing.TakePulse();
        Standing.Vouched(Standing.LastPause);
        server.Flush();

        (await client.ReceiveJsonAsync()).GetProperty("id").GetString().ShouldBe("7");
    }

    [Fact]
    public async Task A_client_of_a_node_that_was_shut_out_hears_the_close_alone()
    {
        var (client, server) = await WelcomedAsync();
        using var _ = client;
        Standing.ShutOut();
        await client.SendAsync("""{"type":"heartbeat","id":"7","payload":{"active":false}}""");
        await Hub.ExpectMsgAsync<ClientAsks>();
        server.DeliverPresence(new("bea"), "{}"u8.ToArray());

        server.Sever(CloseReason.Restart);

        (await client.ReceiveAsync()).CloseCode.ShouldBe(1012);
    }
}
