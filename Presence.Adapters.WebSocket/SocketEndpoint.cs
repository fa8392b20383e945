using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Adapters.WebSocket.Connections;
using Presence.Adapters.WebSocket.Limits;
using Presence.Adapters.WebSocket.Transport;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Adapters.WebSocket;

/// <summary>Takes the upgrade of a client that is known, or says why not.</summary>
internal sealed class SocketEndpoint(
    Admission admission,
    LiveConnections live,
    UnauthenticatedSockets unauthenticated,
    ConnectionServices services
)
{
    /// <summary>The subprotocol that browsers name, who fail a connection whose server picks none of theirs. A token beside it is no business of this one.</summary>
    private const string Subprotocol = "presence.v1";

    private const string Version = "13";

    private static readonly WebSocketAcceptContext Plain = Acceptance(null);
    private static readonly WebSocketAcceptContext Named = Acceptance(Subprotocol);

    /// <summary>Lets the socket's bytes be seen; before the middleware that does the handshake.</summary>
    public static Task ObserveAsync(HttpContext context, RequestDelegate next)
    {
        var upgrade = context.Features.Get<IHttpUpgradeFeature>();
        var connect = context.Features.Get<IHttpExtendedConnectFeature>();
        if (upgrade is { IsUpgradableRequest: true } || connect is { IsExtendedConnect: true })
        {
            var services = context.RequestServices;
            var limits = services.GetRequiredService<PresenceOptions>().Limits;
            var observed = new ObservedHandshake(upgrade, connect, limits, services.GetRequiredService<TimeProvider>());
            context.Features.Set(observed);
            context.Features.Set<IHttpUpgradeFeature>(observed);
            context.Features.Set<IHttpExtendedConnectFeature>(observed);
            // Should the host use the middleware too, for all routes, then it has looked at the other one.
            context.Features.Set<IHttpWebSocketFeature>(null);
        }

        return next(context);
    }

    /// <summary>Serves one request, for as long as its socket lives.</summary>
    public Task ServeAsync(HttpContext context)
    {
        if (context.Features.Get<TurnedAway>() is { } turnedAway && context.WebSockets.IsWebSocketRequest)
        {
            return TurnAwayAsync(context, turnedAway.Refusal);
        }

        if (context.Features.Get<Caller>() is not { User: { } user } caller)
        {
            return Problem.WriteAsync(context, StatusCodes.Status401Unauthorized, new(ErrorCodes.Unauthenticated, "no user is named"));
        }

        if (caller.Grant is { MayRead: false })
        {
            return Problem.WriteAsync(
                context,
                StatusCodes.Status403Forbidden,
                new(ErrorCodes.Forbidden, $"the token has not the scope {Scopes.Read}")
            );
        }

        if (!IsHandshake(context))
        {
            context.Response.Headers.SecWebSocketVersion = Version;
            return Problem.WriteAsync(
                context,
                StatusCodes.Status400BadRequest,
                new(ErrorCodes.UpgradeRequired, "a WebSocket upgrade (RFC 6455, version 13) was expected")
            );
        }

        var device = caller.Device ?? new DeviceId(Guid.NewGuid().ToString());
        var query = context.Request.Query;
        var resume = Resume(query, user, device);
        return admission.ServeAsync(
            context,
            user,
            (snapshot, active) =>
                AcceptAsync(
                    context,
                    new(user, device, caller.Info, snapshot, query["batch"] == "1", resume) { Active = active, Grant = caller.Grant }
                )
        );
    }

    private async Task TurnAwayAsync(HttpContext context, Refusal refusal)
    {
        context.Features.Set(refusal);
        using var place = unauthenticated.TryTake();
        await (
            place is null
                ? Problem.WriteAsync(context, StatusCodes.Status401Unauthorized, refusal)
                : TurnAway.ServeAsync(context, Acceptable(context), refusal, services.Time)
        );
    }

    /// <summary>Whether the handshake is one, also by what the framework does not look at: https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1</summary>
    private static bool IsHandshake(HttpContext context) =>
        context.WebSockets.IsWebSocketRequest
        && context.Request.Headers.SecWebSocketVersion == Version
        && !HttpProtocol.IsHttp10(context.Request.Protocol);

    /// <summary>What the client comes back with. A token that is not its own, and what can't be read, is no error: the client is new then, and is told so.</summary>
    private ResumeRequest? Resume(IQueryCollection query, UserId user, DeviceId device) =>
        services.Tokens.Read(query["resume"], user, device) is { } connection && Cursor.TryParse(query["cursor"], out var cursor)
            ? new(connection, cursor)
            : null;

    private async Task AcceptAsync(HttpContext context, ConnectionRequest request)
    {
        var socket = await context.WebSockets.AcceptWebSocketAsync(Acceptable(context));
        var stream = context.Features.Get<ObservedHandshake>()?.Stream;
        using var transport = new StandardTransport(context, socket, stream);
        await live.ServeAsync(new ClientConnection(request, transport, services));
    }

    private static WebSocketAcceptContext Acceptable(HttpContext context) =>
        context.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol) ? Named : Plain;

    private static WebSocketAcceptContext Acceptance(string? subprotocol) =>
        new()
        {
            SubProtocol = subprotocol,
            // 65 KB inflate to 64 MiB.
            DangerousEnableCompression = false,
            // The server sends no pings: a library answers them for a client that hangs, which would then never miss a heartbeat. It also saves a timer a socket.
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
        };
}
