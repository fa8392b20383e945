using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Presence.Adapters.Http.Wire;
using Presence.Core;

namespace Presence.Adapters.Http.Operations;

/// <summary>By what a backend is known, such as the id of its key; a feature of the request, for the log.</summary>
/// <param name="Name">One word, and nothing that could be used to call.</param>
public sealed record ServiceName(string Name);

/// <summary>
/// Logs who did what as a backend, and how it ended: every call of a route that only services may use, the refused ones too; and, at level Debug, for there can be thousands a second,
/// every read of a service that speaks for no user. Never a body, nor a query.
/// </summary>
internal sealed partial class ServiceAuditMiddleware(RequestDelegate next, ILoggerFactory logs)
{
    /// <summary>The category of these lines alone, to be sent elsewhere or left out.</summary>
    public const string Category = "Presence.Audit";

    private static readonly string[] TargetIds = ["user_id", "conversation_id", "contact_id", "device_id"];

    private readonly ILogger _log = logs.CreateLogger(Category);

    public Task InvokeAsync(HttpContext http)
    {
        var level = LevelOf(http);
        return level < LogLevel.None && _log.IsEnabled(level) ? Audited(http, level) : next(http);
    }

    private async Task Audited(HttpContext http, LogLevel level)
    {
        // Now: what answers a fault clears the endpoint.
        var endpoint = (RouteEndpoint)http.GetEndpoint()!;
        try
        {
            await next(http);
            Log(http, level, endpoint, http.Response.StatusCode);
        }
        catch
        {
            // The answer is made of it further out.
            Log(http, level, endpoint, http.RequestAborted.IsCancellationRequested ? 499 : StatusCodes.Status500InternalServerError);
            throw;
        }
    }

    private static LogLevel LevelOf(HttpContext http) =>
        (http.GetEndpoint() as RouteEndpoint)?.Metadata.GetMetadata<AccessMetadata>()?.Access switch
        {
            Access.Service => LogLevel.Information,
            Access.UserOrService when http.Caller() is { IsService: true, User: null } => LogLevel.Debug,
            _ => LogLevel.None,
        };

    private void Log(HttpContext http, LogLevel level, RouteEndpoint endpoint, int status) =>
        LogCall(
            _log,
            level,
            http.Features.Get<ServiceName>()?.Name ?? (http.Caller() is { IsService: true } ? "service" : "other"),
            http.Connection.RemoteIpAddress?.ToString() ?? "-",
            http.Request.Method,
            "/" + endpoint.RoutePattern.RawText?.Trim('/'),
            Target(http.Request.RouteValues),
            status
        );

    /// <summary>The ids of the path. What is no id is left out: it could hold a line of its own.</summary>
    private static string Target(RouteValueDictionary values)
    {
        var ids = TargetIds.Where(values.ContainsKey).Select(name => values[name] as string).ToList();
        return ids.Count == 0 ? "-" : string.Join('/', ids.Select(id => Identifier.IsValid(id) ? id : "(no id)"));
    }

    [LoggerMessage(EventId = 1, Message = "{Service} from {Address}: {Method} {Route} of {Target}: {Status}")]
    private static partial void LogCall(
        ILogger log,
        LogLevel level,
        string service,
        string address,
        string method,
        string route,
        string target,
        int status
    );
}

/// <summary>Puts the middleware into the pipeline.</summary>
public static class ServiceAuditPipeline
{
    /// <summary>Logs the calls of services. After what sets the caller.</summary>
    public static IApplicationBuilder UseServiceAudit(this IApplicationBuilder app) => app.UseMiddleware<ServiceAuditMiddleware>();
}
