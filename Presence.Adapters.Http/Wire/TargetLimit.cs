using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Presence.Actors;
using Presence.Core.Errors;
using Presence.Core.Limits;
using Presence.Core.Users;

namespace Presence.Adapters.Http.Wire;

/// <summary>Keeps a user from reading everybody, one by one.</summary>
internal static class TargetLimit
{
    /// <summary>Why the caller may not read them, or null.</summary>
    public static Refusal? RefuseTargets(this HttpContext http, IEnumerable<UserId> about)
    {
        var services = http.RequestServices;
        if (
            http.Caller() is not { IsLimited: true, User: { } viewer }
            || services.GetRequiredService<Targets>().Take(viewer, about, services.GetRequiredService<TimeProvider>().GetElapsedTime(0))
                is not { } retryAfter
        )
        {
            return null;
        }

        services.GetRequiredService<NodeCounters>().AddLimited(nameof(LimitOptions.TargetsPerHour));
        return Refusal.RateLimited($"more than {http.Limits().TargetsPerHour} different users in an hour", retryAfter);
    }
}
