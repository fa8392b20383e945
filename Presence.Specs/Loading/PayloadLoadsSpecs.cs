using Akka.Actor;
using Presence.Actors.Events;
using Presence.Actors.Loading;
using Presence.Core.Events;

namespace Presence.Specs.Loading;

/// <summary>Backlogs are read so that whatever else happens on the machine does not wait for them.</summary>
public sealed class PayloadLoadsSpecs
{
    private const int EventBytes = 64 * 1024;
    private readonly PayloadLoads _loads = new();
    private TimeSpan _now;
    private long _number;

    [Fact]
    public void After_a_read_payloads_are_left_alone_for_eight_times_as_long_as_it_took()
    {
        Ask(times: 12);
        _loads.Start(_now).Count.ShouldBe(4);
        Pass(10);
        _loads.Finish(_now).Count.ShouldBe(4);

        _loads.NextIn(_now).ShouldBe(TimeSpan.FromMilliseconds(80));
        Pass(79);
        _loads.Start(_now).ShouldBeEmpty();
        Pass(1);
        _loads.Start(_now).Count.ShouldBe(4);
    }

    [Fact]
    public void A_store_that_needs_long_is_left_alone_for_a_second_at_the_most()
    {
        Ask(times: 8);
        _loads.Start(_now);
        Pass(1_400);
        _loads.Finish(_now);

        _loads.NextIn(_now).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void No_more_than_two_MiB_are_on_their_way_to_hubs_and_what_is_given_makes_room()
    {
        Ask(times: 40);
        var read = 0;
        while (_loads.Start(_now) is { Count: > 0 } events)
        {
            read += events.Count;
            _loads.Finish(_now);
        }

        (read * EventBytes).ShouldBe(2 * 1024 * 1024);
        _loads.NextIn(_now).ShouldBe(PayloadLoads.LentFor);
        _loads.Given(ActorRefs.Nobody, 1);
        _loads.Start(_now).Count.ShouldBe(1);
    }

    [Fact]
    public void Nobody_is_to_try_again_while_a_read_runs_or_nobody_waits()
    {
        _loads.NextIn(_now).ShouldBeNull();
        Ask(times: 8);
        _loads.Start(_now);

        _loads.NextIn(_now).ShouldBeNull();
    }

    private void Pass(int milliseconds) => _now += TimeSpan.FromMilliseconds(milliseconds);

    private void Ask(int times)
    {
        for (var time = 0; time < times; time++)
        {
            _loads.Add(ActorRefs.Nobody, new LoadPayloads(new("ann"), ++_number, [new EventId($"event-{_number}")], EventBytes));
        }
    }
}
