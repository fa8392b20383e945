using Presence.Adapters.Http.Operations;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Core.Users;

namespace Presence.Host.Identity;

/// <summary>Makes out who calls from headers that a gateway sets, and, on the routes of the socket and of server-sent events, from the query too, since a browser cannot set headers there.</summary>
/// <remarks>
/// Sets the request's <see cref="Caller"/>. An id of the wrong form is 400, a wrong key 401: neither is taken for a caller without one.
/// With a secret of the gateways, whoever names a user or a device has to show it: what stands in their network beside them can speak for nobody.
/// </remarks>
internal sealed class TrustedHeadersMiddleware(RequestDelegate next, AuthenticationOptions options)
{
    private readonly SharedSecret[] _apiKeys = [.. options.AllApiKeys.Select(SharedSecret.Of).OfType<SharedSecret>()];
    private readonly SharedSecret? _gateway = SharedSecret.Of(options.ProxySecret);

    /// <summary>With a gateway before the service, a user named in the query is one that the client has named.</summary>
    private readonly bool _usersInQuery = string.IsNullOrEmpty(options.ProxySecret) && options.TrustedProxies.Length == 0;

    public Task InvokeAsync(HttpContext http)
    {
        if (http.Features.Get<Caller>() is not null || http.Features.Get<TurnedAway>() is not null)
        {
            // By a ticket.
            return next(http);
        }

        if (ReadCaller(http.Request, out var caller) is { } refusal)
        {
            return Problems.Write(http, refusal);
        }

        http.Features.Set(caller);
        if (caller is { IsService: true } && KeyIn(http.Request.Headers) is { } key)
        {
            http.Features.Set(new ServiceName($"key:{key.Id}"));
        }

        return next(http);
    }

    private Refusal? ReadCaller(HttpRequest request, out Caller? caller)
    {
        caller = null;
        if ((IdentityHeaders.Smuggled(request.Headers) ?? RefuseSecrets(request.Headers)) is { } refusal)
        {
            return refusal;
        }

        var fields = new CallerFields(request);
        if (!fields.TryId(IdentityHeaders.UserId, _usersInQuery ? "user_id" : null, UserId.TryParse, out UserId? user))
        {
            return Refusal.InvalidId(IdentityHeaders.UserId);
        }

        if (fields.Device(out var device, out var info) is { } unreadable)
        {
            return unreadable;
        }

        // With no key configured the server is bound to loopback alone: whoever connects is on this machine.
        var isProven = _apiKeys.Length > 0 && request.Headers.ContainsKey(IdentityHeaders.ApiKey);
        caller = new Caller(user, device, info, isProven || _apiKeys.Length == 0) { IsLimited = user is not null && !isProven };
        return null;
    }

    /// <summary>The key that is shown; all are tried, so that the time tells nothing.</summary>
    private SharedSecret? KeyIn(IHeaderDictionary headers) =>
        _apiKeys.Aggregate((SharedSecret?)null, (found, key) => key.IsIn(headers[IdentityHeaders.ApiKey]) ? key : found);

    /// <summary>A key or a secret that is shown has to be the right one, and who names a user has to show the secret.</summary>
    private Refusal? RefuseSecrets(IHeaderDictionary headers)
    {
        if (_apiKeys.Length > 0 && headers.ContainsKey(IdentityHeaders.ApiKey) && KeyIn(headers) is null)
        {
            return new Refusal(ErrorCodes.Unauthenticated, "X-Api-Key: not a configured key");
        }

        var isNeeded = headers.ContainsKey(IdentityHeaders.UserId) || headers.ContainsKey(IdentityHeaders.DeviceId);
        if (_gateway is null || (!isNeeded && !headers.ContainsKey(IdentityHeaders.ProxySecret)))
        {
            return null;
        }

        return _gateway.IsIn(headers[IdentityHeaders.ProxySecret])
            ? null
            : new Refusal(
                ErrorCodes.Unauthenticated,
                "X-Presence-Proxy-Secret: only a gateway, which shows the configured secret, may say who calls"
            );
    }
}
