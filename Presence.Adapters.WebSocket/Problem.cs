using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Presence.Core.Errors;
using Presence.Core.Json;

namespace Presence.Adapters.WebSocket;

/// <summary>Refusals before the upgrade, as RFC 9457 problem details.</summary>
internal static class Problem
{
    /// <summary>Answers the request with it.</summary>
    public static async Task WriteAsync(HttpContext context, int status, Refusal refusal)
    {
        context.Features.Set(refusal);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        int? seconds = refusal.RetryAfter is { } after ? PresenceJson.WholeSeconds(after) : null;
        if (seconds is not null)
        {
            context.Response.Headers.RetryAfter = seconds.Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "about:blank"u8);
        writer.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(status));
        writer.WriteNumber("status"u8, status);
        writer.WriteString("detail"u8, refusal.Message);
        writer.WriteString("code"u8, refusal.Code);
        if (seconds is not null)
        {
            writer.WriteNumber("retry_after"u8, seconds.Value);
        }

        writer.WriteEndObject();
    }
}
