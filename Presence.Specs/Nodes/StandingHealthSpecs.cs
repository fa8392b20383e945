using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;
using Presence.Actors.Nodes;
using Presence.Host.Operations;

namespace Presence.Specs.Nodes;

/// <summary>What readiness says of a node that may tell nobody anything.</summary>
public sealed class StandingHealthSpecs : IDisposable
{
    private readonly FakeTimeProvider _pulse = new();
    private readonly NodeStanding _standing;

    public StandingHealthSpecs() => _standing = NodeStanding.Unwatched(_pulse);

    public void Dispose() => _standing.Dispose();

    [Fact]
    public async Task A_node_that_was_paused_is_not_ready_until_it_is_vouched_for()
    {
        (await Check()).Status.ShouldBe(HealthStatus.Healthy);
        _pulse.Advance(NodeStanding.LongestBeat * 2);
        var paused = await Check();
        paused.Status.ShouldBe(HealthStatus.Unhealthy);
        paused.Data.Values.ShouldHaveSingleItem().ShouldBeOfType<string>().ShouldContain("paused");

        _standing.TakePulse();
        _standing.Vouched(_standing.LastPause);
        (await Check()).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task A_node_that_is_cut_off_or_taken_out_is_not_ready()
    {
        _standing.IsCutOff = true;
        (await Check()).Status.ShouldBe(HealthStatus.Unhealthy);
        _standing.IsCutOff = false;
        _standing.ShutOut();
        (await Check()).Status.ShouldBe(HealthStatus.Unhealthy);
    }

    private Task<HealthCheckResult> Check() => new StandingHealthCheck(_standing).CheckHealthAsync(new());
}
