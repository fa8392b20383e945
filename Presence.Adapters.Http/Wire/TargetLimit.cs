using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Presence.Actors;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Limits;
using Presence.Core.Users;

namespace Presence.Adapters.Http.Wire;

/// <summary>Keeps a user from reading everybody, one by one.</summary>
internal static class TargetLimit
{
    /// <summary>Why the caller may not read them, or null.</summary>
    public static Refusal? RefuseTargets(this HttpContext http, IEnumerable<UserId> about) =>
        http.Refuse((targets, viewer, now) => targets.Take(viewer, about, now));

    /// <summary>Why the caller may not ask for that conversation, or null.</summary>
    public static Refusal? RefuseTarget(this HttpContext http, ConversationId about) =>
        http.Refuse((targets, viewer, now) => targets.Take(viewer, about, now));

    private static Refusal? Refuse(this HttpContext http, Func<Targets, UserId, TimeSpan, TimeSpan?> take)
    {
        var services = http.RequestServices;
        if (
            http.Caller() is not { IsLimited: true, User: { } viewer }
            || take(services.GetRequiredService<Targets>(), viewer, services.GetRequiredService<TimeProvider>().GetElapsedTime(0))
                is not { } retryAfter
        )
        {
            return null;
        }

        services.GetRequiredService<NodeCounters>().AddLimited(nameof(LimitOptions.TargetsPerHour));
        return Refusal.TooManyTargets(http.Limits().TargetsPerHour, retryAfter);
    }
}
