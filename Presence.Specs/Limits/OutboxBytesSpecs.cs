using Microsoft.Extensions.Time.Testing;
using Presence.Actors;
using Presence.Actors.Nodes;
using Presence.Adapters.WebSocket.Connections;
using Presence.Core.Users;
using Presence.Specs.WebSocket;

namespace Presence.Specs.Limits;

/// <summary>How many bytes may wait for a client that does not read.</summary>
public sealed class OutboxBytesSpecs
{
    private readonly FakeTransport _socket = new() { Stuck = true };
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _overloads = [];
    private readonly TaskCompletionSource<string> _overloaded = new();

    [Fact]
    public void As_many_as_may_wait_are_no_overload_however_long_the_reader_takes_nothing()
    {
        var outbox = Stuck();
        _time.Advance(TimeSpan.FromSeconds(14));
        outbox.Add(new byte[400]);
        outbox.Push(new UserId("ana"), new byte[600]);

        _overloads.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_byte_more_is_once_the_reader_has_taken_nothing_for_a_second()
    {
        var outbox = Stuck();
        outbox.Add(new byte[1_000]);
        outbox.Push(new UserId("ana"), new byte[1]);
        _time.Advance(Outbox.Stall - TimeSpan.FromMilliseconds(1));
        outbox.Push(new UserId("ana"), new byte[1]);
        _overloads.ShouldBeEmpty("a second is not over");

        _time.Advance(TimeSpan.FromMilliseconds(1));

        (await _overloaded.Task.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBe(nameof(LimitOptions.OutboxBytes));
    }

    [Fact]
    public void A_byte_that_comes_after_that_second_is_noticed_at_once()
    {
        var outbox = Stuck();
        outbox.Add(new byte[1_000]);
        _time.Advance(TimeSpan.FromSeconds(5));
        _overloads.ShouldBeEmpty();

        outbox.Push(new UserId("ana"), new byte[1]);

        _overloads.ShouldContain(nameof(LimitOptions.OutboxBytes));
    }

    [Fact]
    public void A_push_that_takes_the_place_of_another_counts_in_its_place()
    {
        var outbox = Stuck();
        _time.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 10; i++)
        {
            outbox.Push(new UserId("ana"), new byte[600]);
        }

        _overloads.ShouldBeEmpty();
        outbox.Push(new UserId("bea"), new byte[401]);
        _overloads.Count.ShouldBe(1);
    }

    [Fact]
    public void A_snapshot_larger_than_that_is_none_for_a_client_that_reads()
    {
        var outbox = Stuck();
        for (var i = 0; i < 50; i++)
        {
            outbox.Add(new byte[500]);
        }

        for (var i = 0; i < 40; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.3));
            _socket.Take();
            outbox.Push(new UserId("ana"), new byte[10]);
        }

        _overloads.ShouldBeEmpty();
    }

    [Fact]
    public void Who_takes_a_frame_now_and_then_and_asks_for_more_meanwhile_is_too_slow_after_the_slow_readers_time()
    {
        var outbox = Stuck();
        outbox.Add(new byte[1_200]);
        outbox.Add(new byte[1_200]);
        Trickle(outbox, frames: 16);
        _overloads.ShouldBeEmpty("of 15 s, 13.5 are over since the first was taken");

        Trickle(outbox, frames: 2);

        _overloads.ShouldContain(nameof(LimitOptions.OutboxBytes));
    }

    [Fact]
    public void Who_catches_up_meanwhile_has_that_time_again()
    {
        var outbox = Stuck();
        outbox.Add(new byte[1_200]);
        outbox.Add(new byte[1_200]);
        Trickle(outbox, frames: 16);
        _socket.Take();
        _socket.Take();
        outbox.Add(new byte[1_200]);
        outbox.Add(new byte[1_200]);

        Trickle(outbox, frames: 16);

        _overloads.ShouldBeEmpty();
    }

    [Fact]
    public void What_was_taken_counts_no_more()
    {
        var outbox = Stuck();
        outbox.Add(new byte[1_000]);
        _socket.Take();
        _socket.Take();
        outbox.Add(new byte[900]);
        outbox.Flush();
        outbox.Add(new byte[900]);
        _time.Advance(TimeSpan.FromSeconds(2));

        outbox.Push(new UserId("ana"), new byte[100]);

        _overloads.ShouldBeEmpty();
    }

    /// <summary>A frame is taken every 0.9 s, and another one asked for.</summary>
    private void Trickle(Outbox outbox, int frames)
    {
        for (var i = 0; i < frames; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.9));
            _socket.Take();
            outbox.Add(new byte[1_200]);
            outbox.Flush();
        }
    }

    /// <summary>An outbox whose reader is stuck at the first frame. Made by the spec itself: what is awaited in a constructor goes on elsewhere.</summary>
    private Outbox Stuck()
    {
        var outbox = new Outbox(
            _socket,
            new(MaxFrames: 1_000, MaxBytes: 1_000, TimeSpan.FromSeconds(15), Batches: false),
            _time,
            NodeStanding.Unwatched(new FakeTimeProvider()),
            limit =>
            {
                _overloads.Add(limit);
                _overloaded.TrySetResult(limit);
            }
        );
        outbox.Add(new byte[10]);
        outbox.Flush();
        return outbox;
    }
}
