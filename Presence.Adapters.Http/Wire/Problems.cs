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
        var seconds = RetryAfter(refusal);
        var body = Encode(status, refusal);
        // For who counts and logs them.
        http.Features.Set(refusal);
        var response = http.Response;
        response.StatusCode = status;
        response.ContentType = MediaType;
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        if (seconds is not null)
        {
            response.Headers.RetryAfter = seconds.Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        await response.Body.WriteAsync(body, http.RequestAborted);
    }

    /// <summary>The refusal as the object that is sent.</summary>
    internal static ReadOnlyMemory<byte> Encode(int status, Refusal refusal)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, JsonAnswer.Options))
        {
            WriteObject(writer, status, refusal, RetryAfter(refusal));
        }

        return buffer.WrittenMemory;
    }

    /// <summary>What is told of a status that the server, or routing, came to by itself.</summary>
    internal static Refusal OfStatus(int status) =>
        status switch
        {
            StatusCodes.Status401Unauthorized => new(ErrorCodes.Unauthenticated, "nobody is known to be calling"),
            StatusCodes.Status403Forbidden => new(ErrorCodes.Forbidden, "not allowed"),
            StatusCodes.Status404NotFound => new(ErrorCodes.NotFound, "there is no such route"),
            StatusCodes.Status405MethodNotAllowed => new(
                ErrorCodes.MethodNotAllowed,
                "the route is not for this method; Allow names those it is for"
            ),
            StatusCodes.Status408RequestTimeout => new(ErrorCodes.Timeout, "the request came too slowly"),
            StatusCodes.Status413PayloadTooLarge => new(ErrorCodes.TooLarge, "the body is too large"),
            StatusCodes.Status415UnsupportedMediaType => Bodies.WrongMediaType("application/json"),
            StatusCodes.Status429TooManyRequests => new(ErrorCodes.RateLimited, "too often"),
            StatusCodes.Status503ServiceUnavailable => Refusal.Unavailable,
            >= 500 => new(ErrorCodes.Internal, "a fault of the server's own"),
            _ => new(ErrorCodes.InvalidPayload, "the request could not be read"),
        };

    private static int? RetryAfter(Refusal refusal) =>
        (refusal.RetryAfter ?? (refusal.Code == ErrorCodes.Unavailable ? DefaultRetryAfter : null)) is { } span
            ? PresenceJson.WholeSeconds(span)
            : null;

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
