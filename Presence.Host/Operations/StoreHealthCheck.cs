using Microsoft.Extensions.Diagnostics.HealthChecks;
using Presence.Core.Users;

namespace Presence.Host.Operations;

/// <summary>Whether the store answers.</summary>
internal sealed class StoreHealthCheck(IUserStore store) : IHealthCheck
{
    private static readonly UserId Nobody = new("presence:health");

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await store.Load([Nobody], cancellationToken).WaitAsync(TimeSpan.FromSeconds(2), cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception cause) when (cause is Core.Errors.StoreUnavailableException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("the store does not answer");
        }
    }
}
