using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Presence.Actors;
using Presence.Adapters.Http.Conversations;
using Presence.Adapters.Http.Documents;
using Presence.Adapters.Http.Events;
using Presence.Adapters.Http.Identity;
using Presence.Adapters.Http.Import;
using Presence.Adapters.Http.Operations;
using Presence.Adapters.Http.Users;
using Presence.Adapters.Http.Wire;
using Presence.Core.Limits;

namespace Presence.Adapters.Http;

/// <summary>The HTTP side of the service: requests to messages, answers to responses.</summary>
public static class PresenceHttp
{
    /// <summary>Every route is under each of these.</summary>
    public static IReadOnlyList<string> Prefixes { get; } = ["", "/presence", "/api/v1/presence"];

    /// <summary>
    /// Adds what the routes need. From elsewhere come: <c>PresenceOptions</c>, <c>NodeCounters</c> and <c>TimeProvider</c> as singletons, the actors' registry, the stores, and the health checks
    /// (one tagged <c>live</c> counts for <c>/health/live</c>, all for <c>/health/ready</c>).
    /// </summary>
    public static IServiceCollection AddPresenceHttp(this IServiceCollection services)
    {
        services.TryAddSingleton(Patience.Default);
        services.TryAddSingleton(provider => new Targets(provider.GetRequiredService<PresenceOptions>().Limits.TargetsPerHour));
        services.TryAddSingleton<Entities>();
        services.AddHealthChecks();
        return services.AddPresenceDocument();
    }

    /// <summary>
    /// Maps the routes under every prefix. The pipeline before them starts with <see cref="ProblemPipeline.UsePresenceProblems"/>
    /// and sets the request's <see cref="Core.Identity.Caller"/> feature, if it is known who calls.
    /// </summary>
    public static void MapPresenceHttp(this IEndpointRouteBuilder routes)
    {
        foreach (var prefix in Prefixes)
        {
            var group = routes.MapGroup(prefix);
            MapAll(group);
            if (prefix.Length > 0)
            {
                // The document shows each route once.
                group.ExcludeFromDescription();
            }
        }
    }

    /// <summary>Maps health alone, under every prefix: for a node that takes no clients.</summary>
    public static void MapPresenceHealth(this IEndpointRouteBuilder routes)
    {
        foreach (var prefix in Prefixes)
        {
            routes.MapGroup(prefix).MapHealth();
        }
    }

    private static void MapAll(RouteGroupBuilder group)
    {
        group.MapGroup("").WithTags("Presence").MapPresence();
        group.MapGroup("").WithTags("Archive").MapArchive();
        group.MapGroup("").WithTags("Devices").MapDevices();
        group.MapGroup("").WithTags("Privacy").MapPrivacy();
        group.MapGroup("").WithTags("Contacts").MapContacts();
        group.MapGroup("").WithTags("Typing").MapTyping();
        group.MapGroup("").WithTags("Conversations").MapConversations();
        group.MapGroup("").WithTags("Events").MapEvents();
        group.MapGroup("").WithTags("Identity").MapTickets();
        group.MapGroup("").WithTags("Identity").MapRevocations();
        group.MapGroup("").WithTags("Import").MapImport();
        group.MapGroup("").WithTags("Explain").MapExplain();
        group.MapGroup("").WithTags("Stats").MapStats();
        group.MapGroup("").WithTags("Health").MapHealth();
        group.MapOpenApi("/openapi.json").EncodeOnce();
        group.MapReserved();
    }
}
