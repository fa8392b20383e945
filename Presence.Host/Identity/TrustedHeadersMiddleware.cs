using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Core.Users;

namespace Presence.Host.Identity;

/// <summary>Makes out who calls from headers that a gateway sets, and, on the routes of the socket and of server-sent events, from the query too, since a browser cannot set headers there.</summary>
/// <remarks>Sets the request's <see cref="Caller"/>. An id of the wrong form is 400, a wrong key 401: neither is taken for a caller without one.</remarks>
internal sealed class TrustedHeadersMiddleware(RequestDelegate next, AuthenticationOptions options)
{
    private readonly byte[]? _apiKey = options.ApiKey is { } key ? Encoding.UTF8.GetBytes(key) : null;

    public Task InvokeAsync(HttpContext http)
    {
        if (ReadCaller(http.Request, out var caller) is { } refusal)
        {
            return Problems.Write(http, refusal);
        }

        http.Features.Set(caller);
        return next(http);
    }

    private Refusal? ReadCaller(HttpRequest request, out Caller? caller)
    {
        caller = null;
        var fields = new Fields(request);
        var keys = request.Headers["X-Api-Key"];
        if (keys.Count > 0 && _apiKey is not null && !IsKey(keys))
        {
            return new Refusal(ErrorCodes.Unauthenticated, "X-Api-Key: not the configured key");
        }

        if (!fields.TryId("X-User-ID", "user_id", UserId.TryParse, out UserId? user))
        {
            return Refusal.InvalidId("X-User-ID");
        }

        if (!fields.TryId("X-Device-ID", "device_id", DeviceId.TryParse, out DeviceId? device))
        {
            return Refusal.InvalidId("X-Device-ID");
        }

        var info = new DeviceInfo(
            fields.Text("X-Device-Name", "device_name"),
            fields.Text("X-Device-Type", "device_type"),
            fields.Text("X-Device-Platform", "device_platform"),
            fields.Text("X-App-Version", "app_version")
        );
        if (fields.TooLong is { } field)
        {
            return Refusal.InvalidPayload(field, $"one text of at most {DeviceInfo.MaxLength} characters, no control characters");
        }

        // With no key configured the server is bound to loopback alone: whoever connects is on this machine.
        var isProven = _apiKey is not null && keys.Count > 0;
        caller = new Caller(user, device, info, isProven || _apiKey is null) { IsLimited = user is not null && !isProven };
        return null;
    }

    private bool IsKey(StringValues keys) =>
        keys.Count == 1 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(keys[0] ?? ""), _apiKey);

    private delegate bool TryParse<T>(string? text, out T id);

    private sealed class Fields(HttpRequest request)
    {
        private readonly bool _fromQuery =
            request.Path.Value is { } path
            && (
                path.EndsWith("/ws", StringComparison.Ordinal)
                || (path.EndsWith("/events", StringComparison.Ordinal) && HttpMethods.IsGet(request.Method))
            );

        /// <summary>The first text that was no good.</summary>
        public string? TooLong { get; private set; }

        public bool TryId<T>(string header, string query, TryParse<T> parse, out T? id)
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
                TooLong ??= header;
            }

            return StringValues.IsNullOrEmpty(values) ? null : values.ToString();
        }

        private StringValues Values(string header, string query)
        {
            var values = request.Headers[header];
            return values.Count == 0 && _fromQuery ? request.Query[query] : values;
        }
    }
}
