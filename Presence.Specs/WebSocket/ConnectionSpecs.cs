using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Time.Testing;
using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Actors.Nodes;
using Presence.Adapters.WebSocket.Connections;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Specs.WebSocket;

/// <summary>A connection under a clock that the spec turns.</summary>
public sealed class ConnectionSpecs : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FakeTransport _socket = new();
    private readonly FakeTimeProvider _time = new();
    private readonly TestProbe _hub;
    private readonly ClientConnection _connection;
    private readonly Task _running;

    public ConnectionSpecs()
        : base("akka.loglevel = WARNING\nakka.test.single-expect-default = 20s")
    {
        _hub = CreateTestProbe("hub");
        var request = new ConnectionRequest(new("ana"), new("phone"), DeviceInfo.Empty, SnapshotKind.None, Batches: false, Resume: null);
        _connection = new ClientConnection(
            request,
            _socket,
            new(
                _hub,
                new PresenceOptions(),
                _time,
                new(new byte[32]),
                new(),
                NodeStanding.Unwatched(new FakeTimeProvider()),
                new NodeCounters()
            )
        );
        _connection.Open();
        _hub.ExpectMsg<OpenConnection>();
        _running = _connection.RunAsync();
        _connection.Welcome(resumed: false);
        _connection.Flush();
    }

    [Fact]
    public async Task Heartbeats_that_change_nothing_are_told_to_the_hub_every_five_seconds()
    {
        _socket.Receive("""{"type":"heartbeat","payload":{"active":true}}""");
        (await _hub.ExpectMsgAsync<ClientAsks>()).Command.ShouldBe(new Heard(true));

        _time.Advance(TimeSpan.FromSeconds(4.9));
        _socket.Receive("""{"type":"heartbeat","payload":{"active":true}}""");
        _socket.Receive("""{"type":"watch_conversation","payload":{"conversation_id":"c"}}""");
        (await _hub.ExpectMsgAsync<ClientAsks>()).Command.ShouldBeOfType<WatchConversation>();

        _time.Advance(TimeSpan.FromSeconds(0.1));
        _socket.Receive("""{"type":"heartbeat","payload":{"active":true}}""");
        (await _hub.ExpectMsgAsync<ClientAsks>()).Command.ShouldBe(new Heard(true));
    }

    [Fact]
    public async Task A_close_that_a_stuck_client_holds_up_is_cut_off()
    {
        _socket.Stuck = true;
        _connection.Deliver("1", new SubscribedAnswer(1));
        _connection.Flush();

        _connection.Close(CloseReason.Replaced);
        _time.Advance(ClientConnection.ClosingTime - TimeSpan.FromMilliseconds(1));
        _socket.Aborted.Task.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));

        await _socket.Aborted.Task.WaitAsync(Patience);
        await _running.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_close_that_the_client_does_not_answer_is_cut_off()
    {
        _connection.Close(CloseReason.HeartbeatMissed);
        (await _socket.Closed.Task.WaitAsync(Patience)).ShouldBe(4408);

        _time.Advance(ClientConnection.ClosingTime);

        await _running.WaitAsync(Patience);
        _socket.Aborted.Task.IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task More_answers_than_may_wait_end_it_as_overloaded_once()
    {
        _socket.Stuck = true;
        for (var i = 0; i < 1500; i++)
        {
            _connection.Deliver($"{i}", new SubscribedAnswer(i));
            _connection.Flush();
        }

        (await _hub.ExpectMsgAsync<ConnectionEnded>()).ShouldBe(new(_connection.Id, CloseReason.Overloaded));
        _socket.Unstick();
        (await _socket.Closed.Task.WaitAsync(Patience)).ShouldBe(4503);
        _time.Advance(ClientConnection.ClosingTime);
        await _running.WaitAsync(Patience);
        await _hub.ExpectNoMsgAsync(TimeSpan.Zero);
    }
}
