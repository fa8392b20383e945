using System.Globalization;
using Presence.Benchmarks.Privacy;
using Xunit.Abstractions;

namespace Presence.Specs.Privacy;

/// <summary>The real service, over real sockets, against an oracle: the short form of <c>dotnet run --project Presence.Benchmarks -c Release -- privacy</c>. Of what is done at random the seed is printed; when it happens is the machine's affair.</summary>
public sealed class OracleSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task Nobody_is_given_on_any_channel_what_the_rule_does_not_allow_and_everybody_ends_with_what_it_does()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("SEED"), CultureInfo.InvariantCulture, out var given)
            ? given
            : Random.Shared.Next();
        var judged = long.TryParse(Environment.GetEnvironmentVariable("PRESENCE_JUDGED"), CultureInfo.InvariantCulture, out var many)
            ? many
            : 6_000;

        var outcome = await PrivacyRun.Run(judged, seed, people: 8, output.WriteLine);

        outcome.Faults.ShouldBeEmpty(outcome.Report);
        outcome.Judged.ShouldBeGreaterThanOrEqualTo(judged);
    }

    [Theory]
    [InlineData("updated_at")]
    [InlineData("version")]
    [InlineData("another_clock")]
    public async Task A_planted_leak_of_the_time_at_which_somebody_went_is_found(string plant)
    {
        var outcome = await PrivacyRun.Run(20_000, seed: 1, people: 8, output.WriteLine, plant);

        outcome.Faults.ShouldNotBeEmpty();
        outcome.Judged.ShouldBeLessThan(20_000);
    }
}
