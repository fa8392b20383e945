using Microsoft.Extensions.Diagnostics.HealthChecks;
using Presence.Actors.Nodes;
using Presence.Adapters.Http.Operations;

namespace Presence.Host.Operations;

/// <summary>Whether this node may tell anybody anything. That concerns this node alone: the others are better to be asked. A node that is alone vouches for itself, and is ready again at once.</summary>
internal sealed class StandingHealthCheck(NodeStanding standing) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            standing.IsShutOut ? Told.As(HealthStatus.Unhealthy, "this node was taken out of its cluster: it is about to end")
            : standing.IsCutOff ? Told.As(HealthStatus.Unhealthy, "this node sees less than half of its cluster: it tells nobody anything")
            : standing.MaySpeak ? HealthCheckResult.Healthy()
            : Told.As(HealthStatus.Unhealthy, "this node was paused: it tells nobody anything until others have vouched for it")
        );
}
