using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;

namespace Presence.Host.Identity;

/// <summary>Lets a browser in from the service's own origin and from those listed. Without it any page could open a socket as whoever it likes: a WebSocket knows no CORS.</summary>
internal sealed class OriginMiddleware(RequestDelegate next, AuthenticationOptions options)
{
    private readonly HashSet<string> _allowed = new(options.AllowedOrigins, StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext http)
    {
        var origins = http.Request.Headers.Origin;
        return origins.Count == 0 || (origins.Count == 1 && IsAllowed(origins[0] ?? "", http.Request))
            ? next(http)
            : Problems.Write(http, new Refusal(ErrorCodes.Forbidden, "pages of this origin may not use the service"));
    }

    private bool IsAllowed(string origin, HttpRequest request) =>
        _allowed.Contains(origin) || string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
}
