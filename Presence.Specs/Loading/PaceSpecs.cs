using Presence.Actors.Loading;

namespace Presence.Specs.Loading;

/// <summary>How much is written at once of what nobody waits for.</summary>
public sealed class PaceSpecs
{
    private readonly Pace _pace = new(least: 4_000, most: 64_000);

    [Fact]
    public void Writes_shrink_while_they_are_slow_and_grow_again()
    {
        _pace.Bytes.ShouldBe(64_000);

        _pace.Took(TimeSpan.FromMilliseconds(60));
        _pace.Bytes.ShouldBe(32_000);
        for (var i = 0; i < 10; i++)
        {
            _pace.Took(TimeSpan.FromMilliseconds(60));
        }

        _pace.Bytes.ShouldBe(4_000);
        for (var i = 0; i < 10; i++)
        {
            _pace.Took(TimeSpan.FromMilliseconds(10));
        }

        _pace.Bytes.ShouldBe(64_000);
    }

    [Fact]
    public void After_each_the_store_is_others_for_as_long_as_it_took_and_never_longer_than_a_second()
    {
        _pace.Took(TimeSpan.FromMilliseconds(30));
        _pace.Pause.ShouldBe(TimeSpan.FromMilliseconds(30));

        _pace.Took(TimeSpan.FromSeconds(4));
        _pace.Pause.ShouldBe(TimeSpan.FromSeconds(1));
    }
}
