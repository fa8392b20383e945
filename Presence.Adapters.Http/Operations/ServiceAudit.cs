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
/// Logs who did what as a backend, and how it ended: every call of a route that only services may use, the refused ones too; whatever a service changes as a user; and, at level Debug, for there
/// can be thousands a second, every read of a service that speaks for no user. Never a body, nor a query.
/// </summary>
internal sealed partial class ServiceAuditMiddleware(RequestDelegate next, ILoggerFactory logs)
{
    /// <summary>The category of these lines alone, to be sent elsewhere or left out.</summary>
    public const string Category = "Presence.Audit";

    private static readonly string[] TargetIds = ["user_id", "conversation_id", "contact_id", "device_id"];

    private readonly ILogger _log = logs.CreateLogger(Category);

    public Task InvokeAsync(HttpContext http) =>
        _log.IsEnabled(LogLevel.Information)
        && http.GetEndpoint() is RouteEndpoint endpoint
        && endpoint.Metadata.GetMetadata<AccessMetadata>()?.Access is { } access and not Access.Anyone
            ? Audited(http, endpoint, access)
            : next(http);

    private async Task Audited(HttpContext http, RouteEndpoint endpoint, Access access)
    {
        try
        {
            await next(http);
            Log(http, endpoint, access, http.Response.StatusCode);
        }
        catch
        {
            // The answer is made of it further out.
            Log(http, endpoint, access, http.RequestAborted.IsCancellationRequested ? 499 : StatusCodes.Status500InternalServerError);
            throw;
        }
    }

    /// <summary>By who called, which is known by now, if it ever was. On loopback without a key everybody is a service, and nobody has a name.</summary>
    private static LogLevel LevelOf(HttpContext http, Access access) =>
        (access, http.Caller()) switch
        {
            (Access.Service, _) => LogLevel.Information,
            (_, { User: not null }) when http.Features.Get<ServiceName>() is not null && !HttpMethods.IsGet(http.Request.Method) =>
                LogLevel.Information,
            (Access.UserOrService, { IsService: true, User: null }) => LogLevel.Debug,
            _ => LogLevel.None,
        };

    private void Log(HttpContext http, RouteEndpoint endpoint, Access access, int status)
    {
        if (LevelOf(http, access) is var level and not LogLevel.None)
        {
            Log(http, endpoint, level, status);
        }
    }

    private void Log(HttpContext http, RouteEndpoint endpoint, LogLevel level, int status) =>
        LogCall(
            _log,
            level,
            http.Features.Get<ServiceName>()?.Name ?? (http.Caller() is { IsService: true } ? "service" : "other"),
            http.Connection.RemoteIpAddress?.ToString() ?? "-",
            http.Request.Method,
            "/" + endpoint.RoutePattern.RawText?.Trim('/'),
            Target(http),
            status
        );

    /// <summary>The user as whom it is done, then the ids of the path. What is no id is left out: it could hold a line of its own.</summary>
    private static string Target(HttpContext http)
    {
        var values = http.Request.RouteValues;
        var ids = TargetIds.Where(values.ContainsKey).Select(name => values[name] as string).ToList();
        if (http.Features.Get<ServiceName>() is not null && http.Caller()?.User is { } user)
        {
            ids.Insert(0, user.Value);
        }

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
    /// <summary>Logs the calls of services. Before what makes out the caller, who may be refused by that.</summary>
    public static IApplicationBuilder UseServiceAudit(this IApplicationBuilder app) => app.UseMiddleware<ServiceAuditMiddleware>();
}
