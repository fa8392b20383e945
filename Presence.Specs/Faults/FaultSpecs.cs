using Presence.Benchmarks.Faults;
using Xunit.Abstractions;

namespace Presence.Specs.Faults;

/// <summary>The short forms of the fault suite: real processes over a real PostgreSQL. The long ones are <c>./build.sh --target=Faults</c>.</summary>
public sealed class FaultSpecs(ITestOutputHelper output)
{
    [SkippableTheory]
    [InlineData("kill", "users=300 contacts=10 kills=1 leavers=10")]
    [InlineData("roll", "users=300 contacts=10 rate=30")]
    [InlineData("stop", "users=200 contacts=10 pauses=1")]
    [InlineData("resume", "users=40 pauses=1 ms=3000")]
    [InlineData("clock", "users=40 nodes=1 step=-3600 idle=3 grace=2")]
    [InlineData("database", "users=200 nodes=2 rate=30 length=8")]
    public async Task No_watcher_sees_more_than_the_truth_whatever_happens_to(string scenario, string size)
    {
        var outcome = await FaultSuite.Run(scenario, size.Split(' '), output.WriteLine);

        Skip.If(outcome.SkipReason is not null, $"fault specs, {outcome.SkipReason}");
        outcome.Passed.ShouldBeTrue(outcome.Report);
    }
}
