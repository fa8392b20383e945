using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Presence.Core.Errors;
using Presence.Core.Json;

namespace Presence.Adapters.Http.Wire;

/// <summary>Reads request bodies: the media type, the limit, UTF-8, then one strict JSON object.</summary>
internal static class Bodies
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads the body's object and what it means; no body at all is <c>malformed_json</c>.</summary>
    public static async Task<Parsed<T>> Read<T>(this HttpContext http, Func<JsonElement, Parsed<T>> meaning)
        where T : class
    {
        if (HasBody(http) && !IsJson(http.Request))
        {
            return WrongMediaType("application/json");
        }

        var body = await ReadAll(http, http.BodyLimit());
        return body.Refusal is not null ? body.Refusal : ReadObject(body.Value!, meaning);
    }

    /// <summary>Reads a body that need not be there; without one it means <paramref name="absent"/>.</summary>
    public static async Task<Parsed<T>> ReadOptional<T>(this HttpContext http, T absent, Func<JsonElement, Parsed<T>> meaning)
        where T : class
    {
        var body = await ReadAll(http, http.BodyLimit());
        return body.Value is not { } bytes ? body.Refusal!
            : bytes.Length == 0 ? absent
            : IsJson(http.Request) ? ReadObject(bytes, meaning)
            : WrongMediaType("application/json");
    }

    /// <summary>Reads a line or a body. A byte order mark is skipped: RFC 8259 lets a reader do so, and some editors write one.</summary>
    public static Parsed<T> ReadObject<T>(ReadOnlyMemory<byte> utf8, Func<JsonElement, Parsed<T>> meaning)
        where T : class
    {
        var text = utf8.Span.StartsWith(ByteOrderMark) ? utf8[ByteOrderMark.Length..] : utf8;
        if (!Utf8.IsValid(text.Span))
        {
            return new Refusal(ErrorCodes.MalformedJson, "not UTF-8");
        }

        var parsed = JsonObjects.Parse(text);
        using var document = parsed.Value;
        return document is null ? parsed.Refusal! : meaning(document.RootElement);
    }

    /// <summary>Whether the request says that a body follows.</summary>
    public static bool HasBody(HttpContext http) =>
        http.Request.ContentLength > 0
        || (http.Request.ContentLength is null && http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false);

    /// <summary>The refusal of a body that is not of that type.</summary>
    public static Refusal WrongMediaType(string expected) =>
        new(ErrorCodes.UnsupportedMediaType, $"the body's Content-Type must be {expected}, in UTF-8 and not compressed");

    /// <summary>Whether the body is JSON, or of one of the other media types, in UTF-8 and not compressed.</summary>
    public static bool IsJson(HttpRequest request, params ReadOnlySpan<string> others)
    {
        if (
            !MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !(IsUtf8(type) && request.Headers.ContentEncoding.Count == 0)
            || type.MediaType.Value is not { } name
        )
        {
            return false;
        }

        var isOther = false;
        foreach (var other in others)
        {
            isOther |= name.Equals(other, StringComparison.OrdinalIgnoreCase);
        }

        return isOther
            || name.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsUtf8(MediaTypeHeaderValue type) =>
        !type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    private static async Task<Parsed<byte[]>> ReadAll(HttpContext http, int limit)
    {
        if (http.Request.ContentLength > limit)
        {
            return TooLarge(limit);
        }

        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (read.Buffer.Length > limit)
            {
                reader.AdvanceTo(read.Buffer.End);
                return TooLarge(limit);
            }

            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static Refusal TooLarge(int limit) => new(ErrorCodes.TooLarge, $"the body is over {limit} bytes");
}
