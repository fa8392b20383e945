using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Time.Testing;
using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Actors.Nodes;
using Presence.Adapters.WebSocket.Connections;
using Presence.Adapters.WebSocket.Limits;
using Presence.Core.Events;
using Presence.Core.Users;
using Presence.Specs.WebSocket;

namespace Presence.Specs.Limits;

/// <summary>How many frames a client may send over its socket.</summary>
public sealed class FrameRateSpecs : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly LimitOptions Default = new();

    private readonly FakeTransport _socket = new();
    private readonly FakeTimeProvider _time = new();
    private readonly TestProbe _hub;

    public FrameRateSpecs()
        : base("akka.loglevel = WARNING\nakka.test.single-expect-default = 20s") => _hub = CreateTestProbe("hub");

    [Fact]
    public void A_hundred_at_once_and_then_fifty_a_second()
    {
        var rate = new FrameRate();
        Allowed(ref rate, 150, at: 1).ShouldBe(100);

        rate.Take(null, Default, At(1)).ShouldBe(new OverRate(TimeSpan.FromSeconds(0.02), nameof(LimitOptions.FramesPerSecond), false));
        Allowed(ref rate, 150, at: 2).ShouldBe(50);
    }

    [Fact]
    public void A_minutes_worth_and_then_1200_a_minute()
    {
        var rate = new FrameRate();
        var allowed = Enumerable.Range(1, 60).Sum(second => Allowed(ref rate, 50, second));
        // Within that minute as many were allowed again as in any other.
        allowed.ShouldBe(1_200 + (59 * 20));

        rate.Take(null, Default, At(60))!.Value.Limit.ShouldBe(nameof(LimitOptions.FramesPerMinute));
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(200, 100)]
    [InlineData(201, 50)]
    [InlineData(1_000, 20)]
    public void A_frame_that_subscribes_counts_as_one_for_each_200_users(int users, int frames)
    {
        var rate = new FrameRate();
        var subscribe = new Subscribe([.. Enumerable.Range(0, users).Select(user => new UserId($"u{user}"))]);

        Enumerable.Range(0, 150).Count(_ => rate.Take(subscribe, Default, At(1)) is null).ShouldBe(frames);
    }

    [Fact]
    public void Acknowledgements_of_events_that_came_at_once_may_come_at_once()
    {
        var rate = new FrameRate();

        Enumerable.Range(0, 300).Count(_ => rate.Take(new AckEvent(new EventId("e")), Default, At(1)) is null).ShouldBe(300);
    }

    [Fact]
    public async Task A_frame_over_the_rate_is_answered_and_not_done_and_the_socket_stays_usable()
    {
        var running = Open(new() { FramesBurst = 2 });
        Subscribe("1");
        Subscribe("2");
        Subscribe("3");
        await _hub.ExpectMsgAsync<ClientAsks>();
        await _hub.ExpectMsgAsync<ClientAsks>();
        var error = await Said("rate_limited");
        error.ShouldContain("\"id\":\"3\"");
        error.ShouldContain("\"retry_after\":0.02");

        _time.Advance(TimeSpan.FromSeconds(0.02));
        Subscribe("4");

        (await _hub.ExpectMsgAsync<ClientAsks>()).FrameId.ShouldBe("4");
        running.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_client_that_goes_on_regardless_is_closed_with_4429()
    {
        _ = Open(new() { FramesBurst = 1, RefusedFrames = 3 });
        for (var i = 0; i < 5; i++)
        {
            _socket.Receive("""{"type":"ping"}""");
        }

        (await _socket.Closed.Task.WaitAsync(Patience)).ShouldBe(4429);
        _socket.Sent.Count(frame => frame.Contains("rate_limited", StringComparison.Ordinal)).ShouldBe(4);
    }

    [Fact]
    public async Task As_many_refused_as_may_be_do_not_close()
    {
        _ = Open(new() { FramesBurst = 1, RefusedFrames = 3 });
        for (var i = 0; i < 4; i++)
        {
            _socket.Receive("""{"type":"ping"}""");
        }

        await AwaitAssertAsync(
            () => _socket.Sent.Count(frame => frame.Contains("rate_limited", StringComparison.Ordinal)).ShouldBe(3),
            Patience
        );
        _time.Advance(TimeSpan.FromSeconds(0.02));
        _socket.Receive("""{"type":"ping","id":"still here"}""");
        await Said("still here");
        _socket.Closed.Task.IsCompleted.ShouldBeFalse();
    }

    private Task Open(LimitOptions limits)
    {
        var connection = new ClientConnection(
            new(new("ana"), new("phone"), DeviceInfo.Empty, SnapshotKind.None, Batches: false, Resume: null),
            _socket,
            new(
                _hub,
                new PresenceOptions { Limits = limits },
                _time,
                new(new byte[32]),
                new(),
                NodeStanding.Unwatched(new FakeTimeProvider()),
                new NodeCounters()
            )
        );
        connection.Open();
        _hub.ExpectMsg<OpenConnection>();
        var running = connection.RunAsync();
        connection.Welcome(resumed: false);
        connection.Flush();
        return running;
    }

    private void Subscribe(string id) => _socket.Receive($$"""{"type":"subscribe","id":"{{id}}","payload":{"user_ids":["bea"]} }""");

    private async Task<string> Said(string text)
    {
        await AwaitConditionAsync(
            () => Task.FromResult(_socket.Sent.ToArray().Any(frame => frame.Contains(text, StringComparison.Ordinal))),
            Patience
        );
        return _socket.Sent.First(frame => frame.Contains(text, StringComparison.Ordinal));
    }

    private static int Allowed(ref FrameRate rate, int frames, int at)
    {
        var allowed = 0;
        for (var i = 0; i < frames; i++)
        {
            allowed += rate.Take(null, Default, At(at)) is null ? 1 : 0;
        }

        return allowed;
    }

    private static long At(double seconds) => TimeSpan.FromSeconds(seconds).Ticks;
}
