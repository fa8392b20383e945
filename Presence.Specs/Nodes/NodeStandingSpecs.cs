using Microsoft.Extensions.Time.Testing;
using Presence.Actors.Nodes;

namespace Presence.Specs.Nodes;

/// <summary>Whether a node may speak: not after a pause in which it may have been replaced.</summary>
public sealed class NodeStandingSpecs
{
    private static readonly TimeSpan Long = NodeStanding.LongestBeat + TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_short_pause_is_none()
    {
        using var standing = NodeStanding.Unwatched(_time);
        _time.Advance(NodeStanding.LongestBeat);
        standing.MaySpeak.ShouldBeTrue();
        standing.TakePulse();
        _time.Advance(NodeStanding.LongestBeat);
        standing.MaySpeak.ShouldBeTrue();
    }

    [Fact]
    public void After_a_long_one_whoever_asks_first_notices_and_the_node_is_silent_until_it_is_vouched_for()
    {
        using var standing = NodeStanding.Unwatched(_time);
        _time.Advance(Long);
        standing.MaySpeak.ShouldBeFalse();

        standing.TakePulse();
        standing.MaySpeak.ShouldBeFalse();
        standing.Vouched(standing.LastPause);
        standing.MaySpeak.ShouldBeTrue();
    }

    [Fact]
    public void A_pause_that_nobody_asked_in_is_noticed_by_the_pulse()
    {
        using var standing = NodeStanding.Unwatched(_time);
        _time.Advance(Long);
        standing.TakePulse();
        standing.Woke.ShouldBeTrue();
    }

    [Fact]
    public void One_that_asks_in_the_middle_of_the_beat_that_notices_is_not_let_speak()
    {
        var time = new TimeWithAHook();
        using var standing = NodeStanding.Unwatched(time);
        time.Now += Long.Ticks;
        bool? maySpeak = null;
        time.InBetween = () => maySpeak = standing.MaySpeak;

        standing.TakePulse();

        maySpeak.ShouldBe(false);
    }

    [Fact]
    public void One_that_was_shut_out_is_so_for_ever()
    {
        using var standing = NodeStanding.Unwatched(_time);
        standing.ShutOut();
        standing.Vouched(standing.LastPause);
        standing.TakePulse();
        standing.MaySpeak.ShouldBeFalse();
    }

    [Fact]
    public void A_pulse_that_is_taken_by_its_own_thread_stops_with_it()
    {
        var standing = NodeStanding.Watched(TimeProvider.System);
        standing.MaySpeak.ShouldBeTrue();
        standing.Dispose();
    }

    /// <summary>A clock that does something when two times are compared.</summary>
    private sealed class TimeWithAHook : TimeProvider
    {
        public long Now { get; set; }

        public Action? InBetween { get; set; }

        public override long TimestampFrequency
        {
            get
            {
                var act = InBetween;
                InBetween = null;
                act?.Invoke();
                return TimeSpan.TicksPerSecond;
            }
        }

        public override long GetTimestamp() => Now;
    }
}
