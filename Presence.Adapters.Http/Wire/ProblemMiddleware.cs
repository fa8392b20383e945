using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Presence.Core.Errors;

namespace Presence.Adapters.Http.Wire;

/// <summary>Sees to it that whatever goes wrong on the way is told as problem details: faults, and the bare 404 and 405 that routing makes.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
            await Explain(http);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left: nobody is there to be answered, and nothing is wrong here.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await Answer(http, e);
        }
    }

    private async Task Answer(HttpContext http, Exception e)
    {
        // It was set for the whole answer, and not as that begins.
        var transportSecurity = http.Response.Headers.StrictTransportSecurity;
        http.Response.Clear();
        http.Response.Headers.StrictTransportSecurity = transportSecurity;
        switch (e)
        {
            case StoreUnavailableException:
                LogStore(log, e, http.Request.Method, RouteOf(http));
                await Problems.Write(http, Refusal.Unavailable);
                break;
            case BadHttpRequestException bad:
                await Problems.Write(http, bad.StatusCode, Problems.OfStatus(bad.StatusCode));
                break;
            case IOException { InnerException: OverflowException }:
                // So the web server tells of a chunk whose size fits into no number.
                await Problems.Write(http, StatusCodes.Status400BadRequest, Problems.OfStatus(StatusCodes.Status400BadRequest));
                break;
            default:
                LogFault(log, e, http.Request.Method, RouteOf(http));
                await Problems.Write(http, new Refusal(ErrorCodes.Internal, "a fault of the server's own; it has been logged"));
                break;
        }
    }

    /// <summary>Without the ids in it: what is logged outlives the users whose they are.</summary>
    private static string RouteOf(HttpContext http) => (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";

    private static Task Explain(HttpContext http)
    {
        var response = http.Response;
        return response.StatusCode < 400 || response.HasStarted || response.ContentLength is not null || response.ContentType is not null
            ? Task.CompletedTask
            : Problems.Write(http, response.StatusCode, Problems.OfStatus(response.StatusCode));
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Method} {Route} failed")]
    private static partial void LogFault(ILogger log, Exception e, string method, string route);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "{Method} {Route}: the store is out of reach")]
    private static partial void LogStore(ILogger log, Exception e, string method, string route);
}

/// <summary>Puts the middleware into the pipeline.</summary>
public static class ProblemPipeline
{
    /// <summary>Tells faults, and the bare 404 and 405 of routing, as problem details. To be the first of the pipeline.</summary>
    public static IApplicationBuilder UsePresenceProblems(this IApplicationBuilder app) => app.UseMiddleware<ProblemMiddleware>();
}
