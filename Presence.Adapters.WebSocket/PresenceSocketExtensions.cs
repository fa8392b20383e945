using Akka.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Actors.Nodes;
using Presence.Adapters.WebSocket.Connections;
using Presence.Adapters.WebSocket.Frames;
using Presence.Adapters.WebSocket.Limits;
using Presence.Core.Identity;
using Presence.Core.Sessions;

namespace Presence.Adapters.WebSocket;

/// <summary>Composes the WebSocket channel into a host.</summary>
public static class PresenceSocketExtensions
{
    private static readonly string[] Prefixes = ["", "/presence", "/api/v1/presence"];

    /// <summary>What the sockets need, the encoder of pushes that the hub takes (<see cref="IPushEncoder"/>) included. The host adds a <see cref="Actors.PresenceOptions"/> and registers the hub as <see cref="Actors.HubKey"/>.</summary>
    public static IServiceCollection AddPresenceSocket(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IPushEncoder, PushEncoder>();
        services.TryAddSingleton<NodeCounters>();
        services.TryAddSingleton<LiveConnections>();
        services.TryAddSingleton<SocketPlaces>();
        services.TryAddSingleton<UnauthenticatedSockets>();
        services.TryAddSingleton<Admission>();
        services.TryAddSingleton(provider => new ConnectionServices(
            provider.GetRequiredService<IRequiredActor<HubKey>>().ActorRef,
            provider.GetRequiredService<PresenceOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ResumeTokens>(),
            provider.GetRequiredService<SeenUntil>(),
            provider.GetRequiredService<NodeStanding>(),
            provider.GetRequiredService<NodeCounters>()
        )
        {
            Log = new(provider.GetService<ILogger<ConnectionLog>>(), provider.GetRequiredService<NodeCounters>()),
            TokenReader = provider.GetService<ITokenReader>(),
            Revocations = provider.GetService<Revocations>() ?? new(),
        });
        services.TryAddSingleton<SocketEndpoint>();
        services.TryAddSingleton<EventStreamEndpoint>();
        return services;
    }

    /// <summary>Serves <c>/ws</c>, and <c>GET /events</c> for where WebSocket is not to be had, under the prefixes of HTTP too. Who calls is read from the request's <see cref="Core.Identity.Caller"/> feature, which middleware before it sets.</summary>
    public static IEndpointConventionBuilder MapPresenceSocket(this IEndpointRouteBuilder endpoints)
    {
        var builder = endpoints.CreateApplicationBuilder();
        builder.Use(SocketEndpoint.ObserveAsync);
        builder.UseWebSockets();
        builder.Run(context => context.RequestServices.GetRequiredService<SocketEndpoint>().ServeAsync(context));
        var serve = builder.Build();

        var group = endpoints.MapGroup("");
        foreach (var prefix in Prefixes)
        {
            var path = $"{prefix}/ws";
            // CONNECT is how a socket opens over HTTP/2.
            group
                .MapMethods(path, [HttpMethods.Get, HttpMethods.Connect], serve)
                // Sockets have limits of their own. By the route: a header that asks for an upgrade may be sent to any.
                .DisableRateLimiting()
                .WithDisplayName($"socket {path}")
                .ExcludeFromDescription();
            group
                .MapMethods(
                    $"{prefix}/events",
                    [HttpMethods.Get],
                    context => context.RequestServices.GetRequiredService<EventStreamEndpoint>().ServeAsync(context)
                )
                .WithDisplayName($"stream {prefix}/events")
                .ExcludeFromDescription();
        }

        return group;
    }
}
