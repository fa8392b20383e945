using Microsoft.Net.Http.Headers;
using Presence.Adapters.Http.Operations;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Core.Users;

namespace Presence.Host.Identity;

/// <summary>Makes out who calls by a token: in <c>Authorization: Bearer</c> (RFC 6750, 2.1), or, where a page opens a socket, in the subprotocols that it names. Never in an address, which is logged on its way.</summary>
/// <remarks>Sets the request's <see cref="Caller"/>. Who brings none is nobody; who brings one that proves nothing is refused, and not taken for somebody without one.</remarks>
internal sealed class JwtMiddleware(RequestDelegate next, ITokenReader reader, Revocations revocations)
{
    private const string Scheme = "Bearer ";
    private const string Subprotocol = "presence.v1";
    private const string BearerProtocol = "bearer.";

    private static readonly Refusal NoToken = new(
        ErrorCodes.Unauthenticated,
        "no token: send Authorization: Bearer, or a ticket from POST /tickets"
    );
    private static readonly Refusal Several = new(ErrorCodes.Unauthenticated, "more than one token");

    public async Task InvokeAsync(HttpContext http)
    {
        if (http.Features.Get<Caller>() is not null || http.Features.Get<TurnedAway>() is not null)
        {
            await next(http);
            return;
        }

        Challenge(http);
        if (CallerFields.Device(http.Request, out var device, out var info) is { } unreadable)
        {
            await Problems.Write(http, unreadable);
            return;
        }

        var tokens = TokensOf(http.Request);
        if (tokens.Count == 0)
        {
            await (SocketRequests.IsSocket(http.Request) ? SocketRequests.Refuse(http, next, NoToken) : next(http));
            return;
        }

        var read = tokens.Count > 1 ? Several : await reader.Read(tokens[0], device, http.RequestAborted);
        if (read.Value is not { } grant)
        {
            await SocketRequests.Refuse(http, next, read.Refusal!);
            return;
        }

        if (ReadUser(http.Request, grant, device, out var user) is { } refusal)
        {
            await SocketRequests.Refuse(http, next, refusal);
            return;
        }

        http.Features.Set(new Caller(user, device, info, grant.IsService) { Grant = grant, IsLimited = !grant.IsService });
        if (grant.IsService)
        {
            http.Features.Set(new ServiceName($"token:{grant.Subject?.Value ?? grant.TokenId ?? "unnamed"}"));
        }

        await next(http);
    }

    /// <summary>The token's own user; for a backend whom it names, or nobody. What others say of themselves beside their token is nothing.</summary>
    private Refusal? ReadUser(HttpRequest request, Grant grant, DeviceId? device, out UserId? user)
    {
        user = grant.Subject;
        if (!grant.IsService)
        {
            return null;
        }

        user = null;
        var named = request.Headers["X-User-ID"];
        if (named.Count == 0)
        {
            return null;
        }

        if (named.Count > 1 || !UserId.TryParse(named[0], out var viewer))
        {
            return Refusal.InvalidId("X-User-ID");
        }

        user = viewer;
        return revocations.Cover(grant, viewer, device)
            ? new(ErrorCodes.Unauthenticated, "what was issued for this user was revoked")
            : null;
    }

    private static List<string> TokensOf(HttpRequest request)
    {
        var tokens = request
            .Headers.Authorization.OfType<string>()
            .Where(value => value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            .Select(value => value[Scheme.Length..].Trim())
            .ToList();
        if (SocketRequests.IsSocket(request))
        {
            var protocols = request.Headers.GetCommaSeparatedValues(HeaderNames.SecWebSocketProtocol);
            if (protocols.Contains(Subprotocol, StringComparer.Ordinal))
            {
                tokens.AddRange(
                    protocols
                        .Where(protocol => protocol.StartsWith(BearerProtocol, StringComparison.Ordinal))
                        .Select(protocol => protocol[BearerProtocol.Length..])
                );
            }
        }

        return tokens;
    }

    /// <summary>A 401 names the scheme (RFC 9110, 15.5.2).</summary>
    private static void Challenge(HttpContext http) =>
        http.Response.OnStarting(
            static state =>
            {
                var response = ((HttpContext)state).Response;
                if (response.StatusCode == StatusCodes.Status401Unauthorized)
                {
                    response.Headers.WWWAuthenticate = "Bearer";
                }

                return Task.CompletedTask;
            },
            http
        );
}
