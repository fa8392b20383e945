using System.Collections.Frozen;
using Presence.Adapters.Http;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;
using Presence.Core.Identity;

namespace Presence.Host.Identity;

/// <summary>Requests that open a connection, where a browser can set no headers.</summary>
internal static class SocketRequests
{
    private static readonly FrozenSet<string> Sockets = Paths("/ws");
    private static readonly FrozenSet<string> Streams = Paths("/events");

    /// <summary>Whether a ticket may be brought with it.</summary>
    public static bool TakesTicket(HttpRequest request) =>
        request.Path.Value is { } path && (Sockets.Contains(path) || (Streams.Contains(path) && HttpMethods.IsGet(request.Method)));

    /// <summary>Whether it is the socket's route.</summary>
    public static bool IsSocket(HttpRequest request) => request.Path.Value is { } path && Sockets.Contains(path);

    /// <summary>Tells whoever could not be authenticated: a page over the socket, which is accepted and closed, all others by the answer.</summary>
    public static Task Refuse(HttpContext http, RequestDelegate next, Refusal refusal)
    {
        if (IsSocket(http.Request) && http.Request.Headers.Origin.Count > 0 && IsOfIdentity(refusal))
        {
            http.Features.Set<Caller>(null);
            http.Features.Set(new TurnedAway(refusal));
            return next(http);
        }

        return Problems.Write(http, refusal);
    }

    private static bool IsOfIdentity(Refusal refusal) => refusal.Code is ErrorCodes.Unauthenticated or ErrorCodes.Unavailable;

    private static FrozenSet<string> Paths(string route) =>
        PresenceHttp.Prefixes.Select(prefix => prefix + route).ToFrozenSet(StringComparer.Ordinal);
}
