using System.Text.Json;
using Presence.Core.Errors;

namespace Presence.Core.Json;

/// <summary>Reads what clients send: one JSON object, strictly.</summary>
public static class JsonObjects
{
    /// <summary>How deep an object may nest.</summary>
    public const int MaxDepth = 32;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    /// <summary>Reads one object; the caller disposes it. Anything else, a key named twice too, is <c>malformed_json</c>.</summary>
    public static Parsed<JsonDocument> Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            var document = JsonDocument.Parse(utf8, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            return new Refusal(ErrorCodes.MalformedJson, "a JSON object was expected");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a lone surrogate in a key, met while keys are compared.
            return new Refusal(ErrorCodes.MalformedJson, "not a JSON object, or one that names a key twice");
        }
    }

    /// <summary>The field, where it is there and not null.</summary>
    public static bool TryGet(this JsonElement parent, string field, out JsonElement value) =>
        parent.TryGetProperty(field, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>The text of a string; false for any other type, and for <c>\u0000</c> and lone surrogates, which no store and no peer takes.</summary>
    public static bool TryText(this JsonElement value, out string text)
    {
        text = "";
        if (value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        try
        {
            text = value.GetString()!;
            return !text.Contains('\0', StringComparison.Ordinal);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
