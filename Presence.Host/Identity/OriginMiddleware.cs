using Presence.Adapters.Http.Wire;

namespace Presence.Host.Identity;

/// <summary>Lets a browser in from the service's own origin and from those listed. Without it any page could open a socket as whoever it likes: a WebSocket knows no CORS.</summary>
internal sealed class OriginMiddleware(RequestDelegate next, OriginPolicy policy)
{
    public Task InvokeAsync(HttpContext http) => policy.Refuse(http.Request) is { } refusal ? Problems.Write(http, refusal) : next(http);
}
