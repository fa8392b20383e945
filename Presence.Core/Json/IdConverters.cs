using System.Text.Json;
using System.Text.Json.Serialization;
using Presence.Core.Conversations;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Core.Json;

/// <summary>Ids between nodes and in the store are strings, in values and as keys; what has not their form is a <see cref="JsonException"/>.</summary>
public abstract class IdConverter<T>(Func<T, string> text, Func<string, T> read) : JsonConverter<T>
    where T : struct
{
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

    private T Parse(string? value)
    {
        try
        {
            return read(value ?? "");
        }
        catch (ArgumentException cause)
        {
            throw new JsonException($"not the form of a {typeof(T).Name}", cause);
        }
    }
}

/// <summary>Of users.</summary>
public sealed class UserIdConverter() : IdConverter<UserId>(id => id.Value, text => new(text));

/// <summary>Of devices.</summary>
public sealed class DeviceIdConverter() : IdConverter<DeviceId>(id => id.Value, text => new(text));

/// <summary>Of conversations.</summary>
public sealed class ConversationIdConverter() : IdConverter<ConversationId>(id => id.Value, text => new(text));

/// <summary>Of events.</summary>
public sealed class EventIdConverter() : IdConverter<EventId>(id => id.Value, text => new(text));
