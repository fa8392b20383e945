using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Presence.Core.Json;

namespace Presence.Core.Events;

/// <summary>What an event tells: a JSON object of the backend's own, passed on and never looked into.</summary>
/// <remarks>Kept as its text without white space between the tokens: one line, so that it can stand in a server-sent event.</remarks>
[JsonConverter(typeof(EventPayloadConverter))]
public readonly record struct EventPayload
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string? _json;

    /// <summary>Takes the text of an object that was read and written before.</summary>
    public EventPayload(string json) => _json = json;

    /// <summary>The text of the object.</summary>
    public string Json => _json ?? "{}";

    /// <summary>Its length in UTF-8, in bytes.</summary>
    public int Bytes => Encoding.UTF8.GetByteCount(Json);

    /// <summary>Takes an object that was read strictly.</summary>
    public static EventPayload Of(JsonElement json)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            json.WriteTo(writer);
        }

        return new(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    /// <inheritdoc/>
    public override string ToString() => Json;
}
