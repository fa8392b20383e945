using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Presence.Host.Operations;

/// <summary>Whether this node is a member of its cluster that is up, and has not been told to stop: from then on nobody new is to be sent to it.</summary>
internal sealed class ClusterHealthCheck(ActorSystem system, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy("the node is stopping"));
        }

        var status = Cluster.Get(system).SelfMember.Status;
        return Task.FromResult(
            status == MemberStatus.Up ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"the node is {status} in its cluster")
        );
    }
}
