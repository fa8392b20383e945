using System.Text.Json;
using System.Text.Json.Serialization;
using Presence.Core.Users;

namespace Presence.Actors.Serialization;

/// <summary>Platforms as an object: <c>{"web":1}</c>.</summary>
internal sealed class PlatformStatusesConverter : JsonConverter<PlatformStatuses>
{
    public override PlatformStatuses Read(ref Utf8JsonReader reader, System.Type typeToConvert, JsonSerializerOptions options)
    {
        var items = new List<KeyValuePair<string, OnlineStatus>>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var platform = reader.GetString()!;
            reader.Read();
            items.Add(new(platform, (OnlineStatus)reader.GetInt32()));
        }

        return PlatformStatuses.From(items);
    }

    public override void Write(Utf8JsonWriter writer, PlatformStatuses value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (platform, status) in value)
        {
            writer.WriteNumber(platform, (int)status);
        }

        writer.WriteEndObject();
    }
}
