using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Presence.Actors;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Host.Identity;
using Presence.Host.Operations;

namespace Presence.Host.Limits;

/// <summary>The limits that the web server itself keeps, and the rate of requests.</summary>
internal static class HostLimits
{
    /// <summary>A body has to come that fast, in bytes a second, after a grace of 5 s; a slower one is 408. The server's own default, written down. A stream of lines is not counted while the store is the slower one.</summary>
    private static readonly MinDataRate SlowestBody = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    /// <summary>Bounds what a connection, and a request, may take.</summary>
    public static void Bound(this KestrelServerOptions kestrel, PresenceOptions options, AuthenticationOptions authentication)
    {
        var limits = options.Limits;
        kestrel.Limits.RequestHeadersTimeout = limits.HandshakeTimeout;
        kestrel.Limits.KeepAliveTimeout = limits.KeepAliveTimeout;
        kestrel.Limits.MaxRequestHeadersTotalSize = limits.HeaderBytes;
        kestrel.Limits.MaxRequestHeaderCount = limits.HeaderCount;
        kestrel.Limits.MaxRequestLineSize = Math.Min(kestrel.Limits.MaxRequestLineSize, limits.HeaderBytes);
        kestrel.Limits.MaxRequestBodySize = limits.BodyBytes;
        kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
        kestrel.Limits.MaxConcurrentConnections = limits.ConnectionsPerNode;
        // Sockets have a limit of our own, which answers with a reason and a time; this one would answer nothing.
        kestrel.Limits.MaxConcurrentUpgradedConnections = null;
        var services = kestrel.ApplicationServices;
        var gate = new ConnectionGate(
            limits,
            [.. authentication.TrustedProxies.Select(IPNetwork.Parse)],
            services.GetRequiredService<NodeCounters>(),
            services.GetRequiredService<TimeProvider>()
        );
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection => gate.ServeAsync(connection, next)));
    }

    /// <summary>Counts the requests of each user, and of each address that is nobody's. Stands behind the middleware that makes out who calls. What anybody may ask of the store is asked once for all.</summary>
    public static IServiceCollection AddRequestRate(this IServiceCollection services, LimitOptions limits)
    {
        services.AddSingleton<StoreHealthCheck>();
        services.AddRateLimiter(rate => rate.OnRejected = async (rejected, _) => await Refuse(rejected, limits));
        services
            .AddOptions<RateLimiterOptions>()
            .Configure<AuthenticationOptions>(
                (rate, authentication) =>
                {
                    var addresses = new AddressKeys([.. authentication.TrustedProxies.Select(IPNetwork.Parse)]);
                    rate.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(http =>
                        PartitionOf(CountedAs(http, addresses), limits)
                    );
                }
            );
        return services;
    }

    /// <summary>A user by its id; nobody by its address, which no id can be taken for; null, and not counted: a service. The route of the sockets, which have limits of their own, is exempt by its metadata.</summary>
    private static string? CountedAs(HttpContext http, AddressKeys addresses) =>
        http.Features.Get<Caller>() switch
        {
            { IsLimited: true, User: { } user } => user.Value,
            null when addresses.Of(http.Connection.RemoteIpAddress) is { } address => $"/{address}",
            _ => null,
        };

    private static RateLimitPartition<string> PartitionOf(string? counted, LimitOptions limits) =>
        counted is null
            ? RateLimitPartition.GetNoLimiter("")
            : RateLimitPartition.GetTokenBucketLimiter(
                counted,
                _ =>
                    new()
                    {
                        TokenLimit = limits.RequestsBurst,
                        TokensPerPeriod = limits.RequestsPerSecond,
                        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                    }
            );

    private static Task Refuse(OnRejectedContext rejected, LimitOptions limits)
    {
        var http = rejected.HttpContext;
        http.RequestServices.GetRequiredService<NodeCounters>().AddLimited(nameof(LimitOptions.RequestsPerSecond));
        var retryAfter = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var time) ? time : TimeSpan.FromSeconds(1);
        return Problems.Write(
            http,
            Refusal.RateLimited(
                $"more requests than {limits.RequestsBurst}, and {limits.RequestsPerSecond} a second from then on",
                retryAfter
            )
        );
    }
}
