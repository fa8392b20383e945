using Presence.Benchmarks.Privacy;

namespace Presence.Specs.Privacy;

/// <summary>What the oracle itself takes to be so. Each was once taken wrongly, and the service blamed for it.</summary>
public sealed class OracleFactsSpecs
{
    private static Rule ARule() =>
        Rule.Default with
        {
            Blocked = ["eve"],
            Exemptions = Rule.Default.Exemptions.Add("bob", new(Status: true, LastSeen: null, Typing: null)),
        };

    [Fact]
    public void Who_chooses_the_same_rule_again_goes_on_typing() =>
        new Facts { Rule = ARule() }
            .Type(true)
            .Choose(ARule())
            .Types.ShouldBeTrue();

    [Theory]
    [InlineData("somebody else is blocked")]
    [InlineData("another exception")]
    [InlineData("no exception")]
    [InlineData("another visibility")]
    public void Typing_ends_with_the_rule_under_which_it_began(string because)
    {
        var other = because switch
        {
            "somebody else is blocked" => ARule() with { Blocked = ["cyd"] },
            "another exception" => ARule() with { Exemptions = ARule().Exemptions.SetItem("bob", new(false, null, null)) },
            "no exception" => ARule() with { Exemptions = Rule.Default.Exemptions },
            _ => ARule() with { LastSeen = "nobody" },
        };
        new Facts { Rule = ARule() }
            .Type(true)
            .Choose(other)
            .Types.ShouldBeFalse(because);
    }
}
