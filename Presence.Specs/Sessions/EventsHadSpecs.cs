using CsCheck;
using Presence.Core.Events;
using Presence.Core.Sessions;

namespace Presence.Specs.Sessions;

/// <summary>The events that a client of a stream has, as its cursor names them.</summary>
public sealed class EventsHadSpecs
{
    private static readonly Gen<EventId[]> AnyEvents = Gen.Guid.Select(id => new EventId(id.ToString())).Array[0, EventsHad.Most];

    [Fact]
    public void It_comes_back_from_its_text_and_has_what_was_added_and_nothing_else() =>
        Gen.Select(AnyEvents, AnyEvents)
            .Sample(
                (added, others) =>
                {
                    var had = added.Aggregate(EventsHad.None, (some, id) => some.With(id, EventsHad.Most));

                    EventsHad.TryParse(had.ToString(), out var back).ShouldBeTrue();

                    added.ShouldAllBe(id => back.Has(id));
                    others.Except(added).ShouldAllBe(id => !back.Has(id));
                },
                iter: 50
            );

    [Fact]
    public void Of_too_many_the_earliest_go_and_one_given_again_counts_once_as_the_latest()
    {
        var had = new[] { "a", "b", "a", "c", "d" }.Aggregate(EventsHad.None, (some, id) => some.With(new(id), 3));

        new[] { "a", "b", "c", "d" }.Where(id => had.Has(new(id))).ShouldBe(["a", "c", "d"]);
    }

    [Theory]
    [InlineData("A")]
    [InlineData("not base 64!")]
    [InlineData("AAAA")]
    public void Another_text_names_none(string text) => EventsHad.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void A_text_longer_than_any_of_ours_names_none()
    {
        EventsHad.TryParse(new string('A', EventsHad.Most * 8), out _).ShouldBeTrue();
        EventsHad.TryParse(new string('A', (EventsHad.Most + 1) * 8), out _).ShouldBeFalse();
    }
}
