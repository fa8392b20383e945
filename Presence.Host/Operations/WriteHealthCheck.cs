using Microsoft.Extensions.Diagnostics.HealthChecks;
using Presence.Adapters.Http.Operations;
using Presence.Core.Cluster;

namespace Presence.Host.Operations;

/// <summary>Whether what people choose can be stored. A store that takes nothing takes nothing from any node, and what is in memory goes on: no reason to send nobody here, so the node is ready, and says that it is degraded.</summary>
internal sealed class WriteHealthCheck(IWriteHealth writes) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await writes.Check().WaitAsync(cancellationToken) switch
        {
            WriteHealth.Works => HealthCheckResult.Healthy(),
            WriteHealth.Fails => Told.As(
                HealthStatus.Degraded,
                "the store takes no writes (full, read-only, locked or out of reach): what has to be stored is refused as unavailable, all else goes on"
            ),
            _ => Told.As(HealthStatus.Unhealthy, "the store takes no writes from this node, which was replaced: it is about to end"),
        };
}
