using Presence.Adapters.Http;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;
using Presence.Core.Identity;

namespace Presence.Host.Operations;

/// <summary>Closes the routes that anyone may ask, where the operator wants that, to all but backends.</summary>
internal sealed class OperationsAccessMiddleware(RequestDelegate next, OperationsOptions options)
{
    private readonly HashSet<string> _closed =
    [
        .. Closed(options).SelectMany(route => PresenceHttp.Prefixes.Select(prefix => prefix + route)),
    ];

    public Task InvokeAsync(HttpContext http)
    {
        // By what routing has found: it takes /METRICS and /metrics/ for the same, which a comparison of paths would not.
        if (_closed.Count == 0 || !_closed.Contains(Route(http)))
        {
            return next(http);
        }

        return http.Features.Get<Caller>() switch
        {
            { IsService: true } => next(http),
            { User: not null } => Problems.Write(http, new Refusal(ErrorCodes.Forbidden, "only a service may ask this here")),
            _ => Problems.Write(http, new Refusal(ErrorCodes.Unauthenticated, "nobody is known to be calling")),
        };
    }

    private static string Route(HttpContext http) =>
        http.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } pattern } ? "/" + pattern.Trim('/') : "";

    private static IEnumerable<string> Closed(OperationsOptions options) =>
        [
            .. Of(options.HealthAccess, "/health", "/health/live", "/health/ready"),
            .. Of(options.MetricsAccess, "/metrics"),
            .. Of(options.DocumentsAccess, "/openapi.json", "/asyncapi.json", "/docs"),
        ];

    private static string[] Of(string access, params string[] routes) => access == OperationsOptions.Anyone ? [] : routes;
}
