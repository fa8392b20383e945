using CsCheck;
using Presence.Core.Limits;

namespace Presence.Specs.Limits;

public sealed class AllowanceSpecs
{
    private static readonly Rate TwentyThenOneASecond = Rate.PerSecond(burst: 20, count: 1);

    [Fact]
    public void The_burst_is_allowed_at_once_and_one_more_is_not()
    {
        var allowance = new Allowance();
        Enumerable.Range(0, 20).Count(_ => allowance.Take(TwentyThenOneASecond, At(100)) is null).ShouldBe(20);

        allowance.Take(TwentyThenOneASecond, At(100)).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void What_was_refused_costs_nothing_and_is_allowed_after_the_time_that_was_told()
    {
        var allowance = Spent();
        allowance.Take(TwentyThenOneASecond, At(100.25)).ShouldBe(TimeSpan.FromSeconds(0.75));

        allowance.Take(TwentyThenOneASecond, At(101)).ShouldBeNull();
        allowance.Take(TwentyThenOneASecond, At(101)).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void After_a_long_rest_it_is_the_burst_again_and_no_more()
    {
        var allowance = Spent();

        Enumerable.Range(0, 21).Count(_ => allowance.Take(TwentyThenOneASecond, At(1_000)) is null).ShouldBe(20);
    }

    [Fact]
    public void What_counts_as_several_takes_as_many_and_at_most_the_burst()
    {
        var rate = Rate.PerSecond(burst: 10, count: 5);
        var allowance = new Allowance();
        allowance.Take(rate, At(1), 7).ShouldBeNull();
        allowance.Take(rate, At(1), 4).ShouldBe(TimeSpan.FromSeconds(0.2));
        allowance.Take(rate, At(1), 3).ShouldBeNull();

        allowance.Take(rate, At(3), 1_000).ShouldBeNull();
    }

    [Fact]
    public void Over_any_time_no_more_is_allowed_than_the_burst_and_the_rate() =>
        Gen.Select(Gen.Int[1, 30], Gen.Int[1, 20], Gen.Double[0, 0.3].Array[1, 200])
            .Sample(
                (burst, count, pauses) =>
                {
                    var rate = Rate.PerSecond(burst, count);
                    var allowance = new Allowance();
                    var (now, allowed) = (0.0, 0);
                    foreach (var pause in pauses)
                    {
                        now += pause;
                        allowed += allowance.Take(rate, At(now)) is null ? 1 : 0;
                        // One more for the rounding of an interval to whole ticks.
                        allowed.ShouldBeLessThanOrEqualTo(burst + (int)(now * count) + 1);
                    }
                }
            );

    private static Allowance Spent()
    {
        var allowance = new Allowance();
        for (var i = 0; i < 20; i++)
        {
            allowance.Take(TwentyThenOneASecond, At(100));
        }

        return allowance;
    }

    private static long At(double seconds) => TimeSpan.FromSeconds(seconds).Ticks;
}
