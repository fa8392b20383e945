using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Presence.Core.Errors;
using Presence.Core.Json;

namespace Presence.Adapters.Http.Wire;

/// <summary>Refusals as problem details (RFC 9457): one table from the stable code to the status.</summary>
public static class Problems
{
    /// <summary>The media type of a refusal.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>Told with <c>unavailable</c> where the refusal itself names no time.</summary>
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(2);

    /// <summary>The status of a code; one that is not of the table is the caller's mistake: 400.</summary>
    public static int StatusOf(string code) =>
        code switch
        {
            ErrorCodes.Unauthenticated => StatusCodes.Status401Unauthorized,
            ErrorCodes.Forbidden or ErrorCodes.NotAParticipant => StatusCodes.Status403Forbidden,
            ErrorCodes.NotFound => StatusCodes.Status404NotFound,
            ErrorCodes.MethodNotAllowed => StatusCodes.Status405MethodNotAllowed,
            ErrorCodes.TooLarge => StatusCodes.Status413PayloadTooLarge,
            ErrorCodes.UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
            ErrorCodes.UpgradeRequired => StatusCodes.Status426UpgradeRequired,
            ErrorCodes.RateLimited or ErrorCodes.TooManyDevices => StatusCodes.Status429TooManyRequests,
            ErrorCodes.Internal => StatusCodes.Status500InternalServerError,
            ErrorCodes.Unavailable => StatusCodes.Status503ServiceUnavailable,
            ErrorCodes.Timeout => StatusCodes.Status504GatewayTimeout,
            _ => StatusCodes.Status400BadRequest,
        };

    /// <summary>Answers with the refusal under the status of its code.</summary>
    public static Task Write(HttpContext http, Refusal refusal) => Write(http, StatusOf(refusal.Code), refusal);

    /// <summary>Answers with the refusal under that status. Whatever headers were set, such as <c>Allow</c>, stay.</summary>
    public static async Task Write(HttpContext http, int status, Refusal refusal)
    {
        var retryAfter = refusal.RetryAfter ?? (refusal.Code == ErrorCodes.Unavailable ? DefaultRetryAfter : null);
        var seconds = retryAfter is { } span ? PresenceJson.WholeSeconds(span) : (int?)null;
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, JsonAnswer.Options))
        {
            WriteObject(writer, status, refusal, seconds);
        }

        var response = http.Response;
        response.StatusCode = status;
        response.ContentType = MediaType;
        response.ContentLength = buffer.WrittenCount;
        response.Headers.CacheControl = "no-store";
        if (seconds is not null)
        {
            response.Headers.RetryAfter = seconds.Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        await response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted);
    }

    private static void WriteObject(Utf8JsonWriter writer, int status, Refusal refusal, int? retryAfter)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "about:blank"u8);
        writer.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(status));
        writer.WriteNumber("status"u8, status);
        writer.WriteString("detail"u8, refusal.Message);
        writer.WriteString("code"u8, refusal.Code);
        if (retryAfter is { } seconds)
        {
            writer.WriteNumber("retry_after"u8, seconds);
        }

        writer.WriteEndObject();
    }
}

/// <summary>A refusal as the answer of a route.</summary>
internal sealed class ProblemAnswer(Refusal refusal) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => Problems.Write(httpContext, refusal);
}
