using System.Text.Json;
using System.Text.Json.Serialization;
using Presence.Core.Events;

namespace Presence.Core.Json;

/// <summary>A payload stands in a message as the object that it is, not as a text, in which each quote would take six bytes.</summary>
public sealed class EventPayloadConverter : JsonConverter<EventPayload>
{
    /// <inheritdoc/>
    public override EventPayload Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return new(document.RootElement.GetRawText());
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, EventPayload value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Json, skipInputValidation: true);
}
