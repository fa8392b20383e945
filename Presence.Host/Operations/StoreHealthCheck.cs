using Microsoft.Extensions.Diagnostics.HealthChecks;
using Presence.Core.Users;

namespace Presence.Host.Operations;

/// <summary>Whether the store answers. One for the node: anybody may ask, and who asks within a second of another is told the same.</summary>
internal sealed class StoreHealthCheck(IUserStore store, TimeProvider time) : IHealthCheck
{
    private static readonly UserId Nobody = new("presence:health");
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<HealthCheckResult>? _asked;
    private long _askedAt;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_asked is null || time.GetElapsedTime(_askedAt) >= Fresh)
            {
                _askedAt = time.GetTimestamp();
                _asked = Ask();
            }

            return _asked.WaitAsync(cancellationToken);
        }
    }

    /// <summary>For whoever asks: the first to give up must not give up for the others.</summary>
    private async Task<HealthCheckResult> Ask()
    {
        try
        {
            await store.Load([Nobody], CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(2));
            return HealthCheckResult.Healthy();
        }
        catch (Exception cause) when (cause is Core.Errors.StoreUnavailableException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("the store does not answer");
        }
    }
}
