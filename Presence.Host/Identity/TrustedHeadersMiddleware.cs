using Microsoft.Extensions.Primitives;
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
    private readonly SharedSecret? _apiKey = SharedSecret.Of(options.ApiKey);
    private readonly SharedSecret? _gateway = SharedSecret.Of(options.ProxySecret);

    /// <summary>With a gateway before the service, a user named in the query is one that the client has named.</summary>
    private readonly bool _usersInQuery = string.IsNullOrEmpty(options.ProxySecret) && options.TrustedProxies.Length == 0;

    public Task InvokeAsync(HttpContext http)
    {
        if (ReadCaller(http.Request, out var caller) is { } refusal)
        {
            return Problems.Write(http, refusal);
        }

        http.Features.Set(caller);
        if (_apiKey is not null && caller is { IsService: true })
        {
            http.Features.Set(new ServiceName($"key:{_apiKey.Id}"));
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

        var fields = new Fields(request);
        if (!fields.TryId(IdentityHeaders.UserId, _usersInQuery ? "user_id" : null, UserId.TryParse, out UserId? user))
        {
            return Refusal.InvalidId(IdentityHeaders.UserId);
        }

        if (!fields.TryId(IdentityHeaders.DeviceId, "device_id", DeviceId.TryParse, out DeviceId? device))
        {
            return Refusal.InvalidId(IdentityHeaders.DeviceId);
        }

        var info = new DeviceInfo(
            fields.Text(IdentityHeaders.DeviceName, "device_name"),
            fields.Token(IdentityHeaders.DeviceType, "device_type"),
            fields.Token(IdentityHeaders.DevicePlatform, "device_platform"),
            fields.Token(IdentityHeaders.AppVersion, "app_version")
        );
        if (fields.Bad is { } field)
        {
            return Refusal.InvalidPayload(
                field,
                $"one text of at most {DeviceInfo.MaxLength} characters, no control characters; ASCII and no comma but in a name"
            );
        }

        // With no key configured the server is bound to loopback alone: whoever connects is on this machine.
        caller = new Caller(user, device, info, _apiKey is null || request.Headers.ContainsKey(IdentityHeaders.ApiKey));
        return null;
    }

    /// <summary>A key or a secret that is shown has to be the right one, and who names a user has to show the secret.</summary>
    private Refusal? RefuseSecrets(IHeaderDictionary headers)
    {
        if (_apiKey is not null && headers.TryGetValue(IdentityHeaders.ApiKey, out var key) && !_apiKey.IsIn(key))
        {
            return new Refusal(ErrorCodes.Unauthenticated, "X-Api-Key: not the configured key");
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

    private delegate bool TryParse<T>(string? text, out T id);

    private sealed class Fields(HttpRequest request)
    {
        private readonly bool _fromQuery = IdentityHeaders.MayBeInQuery(request);

        /// <summary>The first text that was no good.</summary>
        public string? Bad { get; private set; }

        public bool TryId<T>(string header, string? query, TryParse<T> parse, out T? id)
            where T : struct
        {
            var values = Values(header, query);
            var valid = values.Count == 1 & parse(values.Count == 1 ? values[0] : null, out var parsed);
            id = valid ? parsed : null;
            return valid || values.Count == 0;
        }

        public string? Text(string header, string query)
        {
            var values = Values(header, query);
            if (values.Count > 1 || values.ToString() is { } text && (text.Length > DeviceInfo.MaxLength || text.Any(char.IsControl)))
            {
                Bad ??= header;
            }

            return StringValues.IsNullOrEmpty(values) ? null : values.ToString();
        }

        /// <summary>A text with nothing in it that two values joined by a gateway would have.</summary>
        public string? Token(string header, string query)
        {
            var text = Text(header, query);
            if (text?.Any(character => character is ',' or > '~') == true)
            {
                Bad ??= header;
            }

            return text;
        }

        private StringValues Values(string header, string? query)
        {
            var values = request.Headers[header];
            return values.Count == 0 && _fromQuery && query is not null ? request.Query[query] : values;
        }
    }
}
