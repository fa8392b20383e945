using Presence.Actors;

namespace Presence.Specs.Events;

public sealed class EventLimitsSpecs
{
    [Fact]
    public void The_defaults_are_those_that_are_published() =>
        (new LimitOptions().Events, new LimitOptions().EventBytes).ShouldBe((100, 32_768));

    [Theory]
    [InlineData(0, 100, "Presence:Limits:Events is 0: write a number above 0")]
    [InlineData(251, 100, "Presence:Limits:Events is 251: write a number from 1 to 250")]
    [InlineData(100, 0, "Presence:Limits:EventBytes is 0: write a number above 0")]
    [InlineData(100, 65_537, "Presence:Limits:EventBytes is 65537: write a number from 1 to 65536")]
    public void What_makes_no_sense_is_refused_with_what_to_write_instead(int events, int bytes, string problem) =>
        new PresenceOptions
        {
            Limits = new() { Events = events, EventBytes = bytes },
        }
            .Problems()
            .ShouldBe([problem]);

    [Fact]
    public void The_largest_is_taken() =>
        new PresenceOptions
        {
            Limits = new() { Events = 250, EventBytes = 65_536 },
        }
            .Problems()
            .ShouldBeEmpty();
}
