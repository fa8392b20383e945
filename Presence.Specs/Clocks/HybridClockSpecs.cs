using Presence.Core.Users;

namespace Presence.Specs.Clocks;

/// <summary>The clock that all nodes share.</summary>
public sealed class HybridClockSpecs
{
    private const long Noon = 1_800_000_000_000_000;
    private const long Second = 1_000_000;
    private const long Hour = 3_600 * Second;

    private readonly HybridClock _clock = new();

    [Fact]
    public void It_is_the_wall_clock_while_nobody_sets_that()
    {
        _clock.Read(Noon, 0).ShouldBe(Noon);
        _clock.Read(Noon + Second, Second).ShouldBe(Noon + Second);
    }

    [Fact]
    public void Where_the_wall_clock_is_set_back_it_goes_on_with_the_time_that_passes()
    {
        _clock.Read(Noon, 0);

        _clock.Read(Noon - Hour, Second).ShouldBe(Noon + Second);
        _clock.Read(Noon - Hour + Second, 2 * Second).ShouldBe(Noon + (2 * Second));
    }

    [Fact]
    public void It_steps_forward_to_the_wall_clock_and_to_what_another_node_says_and_never_back()
    {
        _clock.Read(Noon, 0);
        _clock.Observe(Noon + 10, 5);
        _clock.Read(Noon + 5, 5).ShouldBe(Noon + 10);
        _clock.Observe(Noon - Hour, 5);

        _clock.Read(Noon + Hour, 5).ShouldBe(Noon + Hour);
        _clock.Read(Noon + 6, 6).ShouldBe(Noon + Hour + 1);
    }

    [Fact]
    public void A_time_beyond_all_versions_is_not_listened_to()
    {
        _clock.Read(Noon, 0);
        _clock.Observe(1L << 53, 0);

        _clock.Read(Noon, 0).ShouldBe(Noon);
    }

    [Fact]
    public void What_was_read_just_before_a_jump_is_not_said_to_have_been_told()
    {
        _clock.Read(Noon, 0);
        var version = _clock.Read(Noon + Second, Second);
        _clock.Observe(Noon + Hour, Second + 1_000);

        _clock.Settled(Noon + Second, Second + 2_000).ShouldBeLessThan(version);
        _clock.Settled(Noon + Second, Second + 90_000).ShouldBeLessThan(version);
        _clock.Settled(Noon + Second, Second + 300_000).ShouldBeGreaterThan(Noon + Hour);
    }

    [Fact]
    public void A_second_jump_soon_after_the_first_does_not_hide_it()
    {
        _clock.Read(Noon, 0);
        var version = _clock.Read(Noon + Second, Second);
        _clock.Observe(Noon + Hour, Second + 1_000);
        _clock.Observe(Noon + (2 * Hour), Second + 50_000);

        _clock.Settled(Noon + Second, Second + 90_000).ShouldBeLessThan(version);
    }

    [Fact]
    public void What_is_settled_is_below_all_that_is_read_from_then_on()
    {
        var random = new Random(1);
        var (elapsed, wall) = (0L, Noon);
        var read = new Queue<(long At, long Time)>();
        for (var step = 0; step < 10_000; step++)
        {
            elapsed += random.Next(20_000);
            wall = Noon + elapsed + (random.Next(100) == 0 ? random.NextInt64(-Hour, Hour) : 0);
            if (random.Next(50) == 0)
            {
                _clock.Observe(Noon + elapsed + random.NextInt64(-Hour, 3 * Hour), elapsed);
            }

            read.Enqueue((elapsed, _clock.Read(wall, elapsed)));
            while (elapsed - read.Peek().At >= (long)HybridClock.Slack.TotalMicroseconds)
            {
                read.Dequeue();
            }

            _clock.Settled(wall, elapsed).ShouldBeLessThanOrEqualTo(read.Min(entry => entry.Time));
        }
    }
}
