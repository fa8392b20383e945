using System.Text.Json;
using System.Text.Json.Serialization;
using Presence.Core.Conversations;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Core.Json;

/// <summary>Ids are written as strings, in values and as keys; what has not their form is a <see cref="JsonException"/>.</summary>
public abstract class IdConverter<T>(Func<T, string> text, IdConverter<T>.TryParse parse) : JsonConverter<T>
    where T : struct
{
    /// <summary>Takes the text if it has the form of an id.</summary>
    public delegate bool TryParse(string? text, out T id);

    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(text(value));

    /// <inheritdoc/>
    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(reader.GetString());

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WritePropertyName(text(value));

    private T Parse(string? value) => parse(value, out var id) ? id : throw new JsonException($"not the form of a {typeof(T).Name}");
}

/// <summary>Of users.</summary>
public sealed class UserIdConverter() : IdConverter<UserId>(id => id.Value, UserId.TryParse);

/// <summary>Of devices.</summary>
public sealed class DeviceIdConverter() : IdConverter<DeviceId>(id => id.Value, DeviceId.TryParse);

/// <summary>Of conversations.</summary>
public sealed class ConversationIdConverter() : IdConverter<ConversationId>(id => id.Value, ConversationId.TryParse);

/// <summary>Of events.</summary>
public sealed class EventIdConverter() : IdConverter<EventId>(id => id.Value, EventId.TryParse);
