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
    private readonly Outbox _outbox;

    public OutboxBytesSpecs()
    {
        _outbox = new(
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
        _outbox.Add(new byte[10]);
        _outbox.Flush();
    }

    [Fact]
    public void As_many_as_may_wait_are_no_overload_however_long_the_reader_takes_nothing()
    {
        _time.Advance(TimeSpan.FromSeconds(14));
        _outbox.Add(new byte[400]);
        _outbox.Push(new UserId("ana"), new byte[600]);

        _overloads.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_byte_more_is_once_the_reader_has_taken_nothing_for_a_second()
    {
        _outbox.Add(new byte[1_000]);
        _outbox.Push(new UserId("ana"), new byte[1]);
        _time.Advance(Outbox.Stall - TimeSpan.FromMilliseconds(1));
        _outbox.Push(new UserId("ana"), new byte[1]);
        _overloads.ShouldBeEmpty("a second is not over");

        _time.Advance(TimeSpan.FromMilliseconds(1));

        (await _overloaded.Task.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBe(nameof(LimitOptions.OutboxBytes));
    }

    [Fact]
    public void A_byte_that_comes_after_that_second_is_noticed_at_once()
    {
        _outbox.Add(new byte[1_000]);
        _time.Advance(TimeSpan.FromSeconds(5));
        _overloads.ShouldBeEmpty();

        _outbox.Push(new UserId("ana"), new byte[1]);

        _overloads.ShouldContain(nameof(LimitOptions.OutboxBytes));
    }

    [Fact]
    public void A_push_that_takes_the_place_of_another_counts_in_its_place()
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 10; i++)
        {
            _outbox.Push(new UserId("ana"), new byte[600]);
        }

        _overloads.ShouldBeEmpty();
        _outbox.Push(new UserId("bea"), new byte[401]);
        _overloads.Count.ShouldBe(1);
    }

    [Fact]
    public void A_snapshot_larger_than_that_is_none_for_a_client_that_reads()
    {
        for (var i = 0; i < 50; i++)
        {
            _outbox.Add(new byte[500]);
        }

        for (var i = 0; i < 40; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.9));
            _socket.Take();
            _outbox.Push(new UserId("ana"), new byte[10]);
        }

        _overloads.ShouldBeEmpty();
    }

    [Fact]
    public void What_was_taken_counts_no_more()
    {
        _outbox.Add(new byte[1_000]);
        _socket.Take();
        _socket.Take();
        _outbox.Add(new byte[900]);
        _outbox.Flush();
        _outbox.Add(new byte[900]);
        _time.Advance(TimeSpan.FromSeconds(2));

        _outbox.Push(new UserId("ana"), new byte[100]);

        _overloads.ShouldBeEmpty();
    }
}
