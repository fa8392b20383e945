using Microsoft.AspNetCore.Cors.Infrastructure;
using Presence.Host.Identity;

namespace Presence.Host.Edge;

/// <summary>Lets pages of the listed origins read the answers (CORS); those of others have been refused before.</summary>
internal static class CrossOrigin
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Post, HttpMethods.Put, HttpMethods.Delete];

    /// <summary>What a page may send: never a backend's key, nor a gateway's secret.</summary>
    private static readonly string[] RequestHeaders = ["Authorization", "Content-Type", "Last-Event-ID", .. IdentityHeaders.OfUsers];

    private static readonly string[] ResponseHeaders = ["Retry-After"];

    public static void Apply(CorsPolicyBuilder cors, OriginPolicy policy) =>
        cors.SetIsOriginAllowed(policy.IsListed)
            .WithMethods(Methods)
            .WithHeaders(RequestHeaders)
            .WithExposedHeaders(ResponseHeaders)
            // A gateway may know its users by a cookie, which a listed page's WebSocket carries anyway.
            .AllowCredentials()
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10));
}
