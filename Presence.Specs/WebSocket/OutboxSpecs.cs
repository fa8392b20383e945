using System.Text;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Presence.Actors.Nodes;
using Presence.Adapters.WebSocket.Connections;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Specs.WebSocket;

/// <summary>What waits for a socket, and what of it goes out.</summary>
public sealed class OutboxSpecs
{
    private static readonly UserId Ana = new("ana");
    private static readonly UserId Bea = new("bea");

    private readonly FakeTransport _socket = new();
    private readonly FakeTimeProvider _time = new();
    private readonly FakeTimeProvider _pulse = new();
    private readonly NodeStanding _standing;
    private int _overloads;

    public OutboxSpecs() => _standing = NodeStanding.Unwatched(_pulse);

    [Fact]
    public void Nothing_goes_out_before_a_flush()
    {
        var outbox = Outbox();
        outbox.Add(Bytes("a"));
        _socket.Sent.ShouldBeEmpty();

        outbox.Flush();

        _socket.Sent.ShouldBe(["a"]);
    }

    [Fact]
    public void While_a_reader_is_slow_only_the_latest_about_each_user_waits()
    {
        var outbox = Stuck();
        outbox.Push(Ana, Bytes("ana 1"));
        outbox.Push(Bea, Bytes("bea 1"));
        outbox.Push(Ana, Bytes("ana 2"));
        outbox.Push(Ana, Bytes("ana 3"));
        outbox.Flush();

        _socket.Unstick();

        _socket.Sent.ShouldBe(["first", "ana 3", "bea 1"]);
    }

    [Fact]
    public void Of_typing_the_latest_waits_by_conversation_and_typist()
    {
        var outbox = Stuck();
        outbox.Push(new("c1"), Ana, Bytes("c1 ana starts"));
        outbox.Push(new("c2"), Ana, Bytes("c2 ana starts"));
        outbox.Push(new("c1"), Bea, Bytes("c1 bea starts"));
        outbox.Push(Ana, Bytes("ana online"));
        outbox.Push(new("c1"), Ana, Bytes("c1 ana stops"));

        _socket.Unstick();

        _socket.Sent.ShouldBe(["first", "c1 ana stops", "c2 ana starts", "c1 bea starts", "ana online"]);
    }

    [Fact]
    public void Answers_and_snapshots_are_never_conflated_and_an_update_after_one_stays_after_it()
    {
        var outbox = Stuck();
        outbox.Push(Ana, Bytes("ana 1"));
        outbox.Push(Bea, Bytes("bea 1"));
        outbox.Add(Bytes("snapshot with ana 2"));
        outbox.Push(Ana, Bytes("ana 3"));
        outbox.Add(Bytes("ack"));

        _socket.Unstick();

        _socket.Sent.ShouldBe(["first", "bea 1", "snapshot with ana 2", "ana 3", "ack"]);
    }

    [Fact]
    public void A_thousand_users_waiting_are_still_told_apart()
    {
        var outbox = Stuck();
        for (var round = 0; round < 3; round++)
        {
            for (var user = 0; user < 1000; user++)
            {
                outbox.Push(new UserId($"u{user}"), Bytes($"u{user} {round}"));
            }
        }

        _socket.Unstick();

        _socket.Sent.Skip(1).ShouldBe(Enumerable.Range(0, 1000).Select(user => $"u{user} 2"));
    }

    [Fact]
    public void One_frame_is_sent_at_a_time()
    {
        var outbox = Stuck();
        outbox.Add(Bytes("second"));
        outbox.Flush();
        outbox.Flush();

        _socket.Sent.ShouldBe(["first"]);
        _socket.Take();
        _socket.Sent.ShouldBe(["first", "second"]);
        _socket.Overlap.ShouldBe(0);
    }

    [Fact]
    public void More_frames_than_may_wait_for_a_slow_reader_are_an_overload()
    {
        var outbox = Stuck();
        for (var i = 0; i < 10; i++)
        {
            outbox.Add(Bytes("frame"));
        }

        _overloads.ShouldBe(0);

        outbox.Add(Bytes("one too many"));

        _overloads.ShouldBe(1);
    }

    [Fact]
    public void Many_frames_before_one_flush_are_none_where_the_reader_is_fast()
    {
        var outbox = Outbox();
        for (var i = 0; i < 25; i++)
        {
            outbox.Add(Bytes($"{i}"));
        }

        outbox.Flush();

        _socket.Sent.ShouldBe(Enumerable.Range(0, 25).Select(i => $"{i}"));
        _overloads.ShouldBe(0);
    }

    [Fact]
    public void Conflated_frames_do_not_count_towards_the_overload()
    {
        var outbox = Stuck();
        for (var i = 0; i < 100; i++)
        {
            outbox.Push(new UserId($"u{i}"), Bytes("x"));
        }

        _overloads.ShouldBe(0);
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_for_long_is_an_overload()
    {
        var overloaded = new TaskCompletionSource();
        var outbox = new Outbox(_socket, Options(), _time, _standing, _ => overloaded.SetResult());
        _socket.Stuck = true;
        outbox.Add(Bytes("a"));
        outbox.Flush();

        _time.Advance(TimeSpan.FromSeconds(14.9));
        overloaded.Task.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.1));

        await overloaded.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task What_waits_goes_out_before_the_close_and_nothing_after_it()
    {
        var outbox = Stuck();
        outbox.Add(Bytes("last words"));
        outbox.Complete(CloseReason.Replaced);
        outbox.Add(Bytes("too late"));
        outbox.Push(Ana, Bytes("too late"));
        _socket.Closed.Task.IsCompleted.ShouldBeFalse();

        _socket.Unstick();

        await outbox.Finished.WaitAsync(TimeSpan.FromSeconds(20));
        (await _socket.Closed.Task).ShouldBe(4409);
        _socket.Sent.ShouldBe(["first", "last words"]);
    }

    [Fact]
    public async Task What_is_dropped_does_not_go_out_but_the_close_does()
    {
        var outbox = Stuck();
        outbox.Add(Bytes("dropped"));
        outbox.Drop(CloseReason.Overloaded);

        _socket.Unstick();

        await outbox.Finished.WaitAsync(TimeSpan.FromSeconds(20));
        (await _socket.Closed.Task).ShouldBe(4503);
        _socket.Sent.ShouldBe(["first"]);
    }

    [Fact]
    public async Task A_socket_that_fails_is_aborted_and_takes_no_more()
    {
        var outbox = Stuck();
        outbox.Add(Bytes("never"));

        _socket.Abort();

        outbox.Complete(CloseReason.Replaced);
        await outbox.Finished.WaitAsync(TimeSpan.FromSeconds(20));
        outbox.Add(Bytes("never"));
        outbox.Flush();
        _socket.Sent.ShouldBe(["first"]);
    }

    [Fact]
    public void A_client_that_takes_batches_gets_all_that_waits_in_one_but_for_what_stands_alone()
    {
        var outbox = new Outbox(_socket, Options() with { Batches = true }, _time, _standing, _ => _overloads++);
        outbox.Add(Bytes("1"), alone: true);
        outbox.Add(Bytes("2"));
        outbox.Push(Ana, Bytes("3"));
        outbox.Push(Bea, Bytes("4"));
        outbox.Flush();
        outbox.Add(Bytes("5"));
        outbox.Flush();

        _socket.Sent.ShouldBe(["1", """{"type":"batch","payload":{"events":[2,3,4]}}""", "5"]);
    }

    [Fact]
    public void A_batch_stays_as_small_as_other_frames()
    {
        var outbox = new Outbox(_socket, Options() with { Batches = true }, _time, _standing, _ => _overloads++);
        var part = new string('1', 1000);
        for (var i = 0; i < 100; i++)
        {
            outbox.Push(new UserId($"u{i}"), Bytes(part));
        }

        outbox.Flush();

        _socket.Sent.Count.ShouldBe(4);
        _socket.Sent.ShouldAllBe(frame => frame.Length < 40 * 1024);
    }

    /// <summary>Word for word what the architecture promises: order, and the newest at last.</summary>
    [Fact]
    public void However_deliveries_and_reads_interleave_no_older_presence_comes_after_a_newer_and_the_last_always_comes() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3])
            .List[0, 120]
            .Sample(steps =>
            {
                var socket = new FakeTransport { Stuck = true };
                var outbox = new Outbox(
                    socket,
                    new(1000, 262_144, TimeSpan.FromSeconds(15), Batches: false),
                    TimeProvider.System,
                    _standing,
                    _ => { }
                );
                var versions = new int[4];
                var answers = 0;
                foreach (var (step, user) in steps)
                {
                    switch (step)
                    {
                        case 0 or 1 or 2:
                            outbox.Push(new UserId($"{user}"), Bytes($"{user}={++versions[user]}"));
                            break;
                        case 3:
                            outbox.Add(Bytes($"#{++answers};" + string.Join(';', versions.Select((version, i) => $"{i}={version}"))));
                            break;
                        case 4:
                            outbox.Flush();
                            break;
                        default:
                            socket.Take();
                            break;
                    }
                }

                socket.Unstick();
                outbox.Flush();

                ShouldBeInOrder(socket.Sent, versions, answers);
            });

    private static void ShouldBeInOrder(IEnumerable<string> sent, int[] last, int answers)
    {
        var seen = new int[last.Length];
        var nextAnswer = 1;
        foreach (var part in sent.SelectMany(frame => frame.Split(';')))
        {
            if (part[0] == '#')
            {
                int.Parse(part[1..]).ShouldBe(nextAnswer++);
                continue;
            }

            var (user, version) = (part[0] - '0', int.Parse(part[2..]));
            version.ShouldBeGreaterThanOrEqualTo(seen[user]);
            seen[user] = version;
        }

        seen.ShouldBe(last);
        nextAnswer.ShouldBe(answers + 1);
    }

    private static OutboxOptions Options() => new(MaxFrames: 10, MaxBytes: 100, SlowReader: TimeSpan.FromSeconds(15), Batches: false);

    private Outbox Outbox() => new(_socket, Options(), _time, _standing, _ => _overloads++);

    /// <summary>An outbox whose reader is stuck at the first frame.</summary>
    private Outbox Stuck()
    {
        var outbox = Outbox();
        _socket.Stuck = true;
        outbox.Add(Bytes("first"));
        outbox.Flush();
        return outbox;
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
