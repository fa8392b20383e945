using Akka.Actor;
using Akka.Event;
using Microsoft.Extensions.Time.Testing;
using Presence.Host.Clustering;

namespace Presence.Specs.Nodes;

/// <summary>What Akka repeats of a node out of reach is left out, and nothing else is.</summary>
public sealed class ToldElsewhereFilterSpecs
{
    private const string Lost =
        "Tried to associate with unreachable remote address [akka.tcp://presence@10.0.0.5:4053]. Address is now gated for 500 ms";

    private readonly FakeTimeProvider _clock = new();
    private readonly ToldElsewhereFilter _filter;

    public ToldElsewhereFilterSpecs() => _filter = new(_clock);

    [Fact]
    public void Nothing_is_said_of_an_address_at_which_a_node_lived()
    {
        _filter.Knows(Address.Parse("akka.tcp://presence@10.0.0.5:4053"));

        Keeps(Lost).ShouldBeFalse();
        Keeps("Association with remote system akka.tcp://presence@10.0.0.5:4053 has failed; address is now gated").ShouldBeFalse();
        Keeps("Association with remote system akka.tcp://presence@10.0.0.6:4053 has failed; address is now gated").ShouldBeTrue();
    }

    [Fact]
    public void Of_an_address_at_which_nobody_ever_was_it_is_said_once_a_minute()
    {
        Keeps(Lost).ShouldBeTrue();
        Keeps(Lost).ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(59));
        Keeps(Lost).ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Keeps(Lost).ShouldBeTrue();
    }

    [Fact]
    public void Other_lines_are_kept_however_often_they_come()
    {
        for (var i = 0; i < 3; i++)
        {
            Keeps("The journal has not answered a write of alice").ShouldBeTrue();
            Keeps("A connection with 10.0.0.5 was refused, it is no node: NotTimeValid").ShouldBeTrue();
        }
    }

    private bool Keeps(string text) => _filter.ShouldKeepMessage(new Warning("remoting", typeof(object), text)) == LogFilterDecision.Keep;
}
