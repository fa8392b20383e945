using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Presence.Adapters.Http.Documents;
using Presence.Adapters.Http.Wire;

namespace Presence.Adapters.Http.Operations;

/// <summary>Whether the process lives, and whether it can serve: 200, or 503. Degraded still serves.</summary>
internal static class HealthApi
{
    private static readonly string[] Head = [HttpMethods.Head];

    private static readonly string[] LiveTags = ["live", "liveness"];

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        // For balancers and monitors that ask so. The web server leaves the body out.
        routes.MapMethods("/health", Head, Ready).For(Access.Anyone).ExcludeFromDescription();
        routes.MapMethods("/health/live", Head, Live).For(Access.Anyone).ExcludeFromDescription();
        routes.MapMethods("/health/ready", Head, Ready).For(Access.Anyone).ExcludeFromDescription();
        Describe(routes.MapGet("/health", Ready), "The same as `/health/ready`.");
        Describe(routes.MapGet("/health/live", Live), "Whether the process lives; 503 where only a restart would help.");
        Describe(
            routes.MapGet("/health/ready", Ready),
            "Whether it can serve: 503 where clients are better sent to another node; 200 and `degraded` where nothing can be stored."
        );
    }

    private static void Describe(RouteHandlerBuilder route, string sentence) =>
        route
            .For(Access.Anyone)
            .Does(sentence)
            .Gives<HealthSchema>(Examples.Health)
            .Produces<HealthSchema>(StatusCodes.Status503ServiceUnavailable, "application/json");

    /// <summary>Only what a restart would mend: else a database that is away would have every instance restarted.</summary>
    private static async Task<IResult> Live(HttpContext http, HealthCheckService checks) =>
        Answer(await checks.CheckHealthAsync(check => LiveTags.Any(check.Tags.Contains), http.RequestAborted));

    private static async Task<IResult> Ready(HttpContext http, HealthCheckService checks) =>
        Answer(await checks.CheckHealthAsync(http.RequestAborted));

    /// <summary>The names, how they are, and what they say to everybody, no more: anybody may ask.</summary>
    private static JsonAnswer Answer(HealthReport report) =>
        new(
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("status"u8, Token(report.Status));
                writer.WriteStartObject("checks"u8);
                foreach (var (name, entry) in report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                {
                    writer.WriteString(name, Token(entry.Status));
                }

                writer.WriteEndObject();
                WriteReasons(writer, report);
                writer.WriteEndObject();
            },
            report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK
        );

    private static void WriteReasons(Utf8JsonWriter writer, HealthReport report)
    {
        var reasons = report
            .Entries.Select(entry => (Name: entry.Key, Reason: Told.In(entry.Value)))
            .Where(entry => entry.Reason is not null);
        if (!reasons.Any())
        {
            return;
        }

        writer.WriteStartObject("reasons"u8);
        foreach (var (name, reason) in reasons.OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            writer.WriteString(name, reason);
        }

        writer.WriteEndObject();
    }

    private static string Token(HealthStatus status) =>
        status switch
        {
            HealthStatus.Healthy => "healthy",
            HealthStatus.Degraded => "degraded",
            _ => "unhealthy",
        };
}
