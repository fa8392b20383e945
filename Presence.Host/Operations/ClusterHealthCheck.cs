using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Presence.Host.Operations;

/// <summary>Whether this node is a member of its cluster that is up.</summary>
internal sealed class ClusterHealthCheck(ActorSystem system) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = Cluster.Get(system).SelfMember.Status;
        return Task.FromResult(
            status == MemberStatus.Up ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"the node is {status} in its cluster")
        );
    }
}
