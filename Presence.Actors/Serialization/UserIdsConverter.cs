using System.Text.Json;
using System.Text.Json.Serialization;
using Presence.Core.Json;
using Presence.Core.Users;

namespace Presence.Actors.Serialization;

/// <summary>A set of users as an array of their ids, read into a <see cref="HashSet{T}"/>: lists of contacts are long, and the tree of an immutable set is many times as large and slow.</summary>
internal sealed class UserIdsConverter : JsonConverter<IReadOnlySet<UserId>>
{
    private static readonly UserIdConverter One = new();

    public override IReadOnlySet<UserId> Read(ref Utf8JsonReader reader, System.Type typeToConvert, JsonSerializerOptions options)
    {
        var users = new HashSet<UserId>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            users.Add(One.Read(ref reader, typeof(UserId), options));
        }

        return users;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlySet<UserId> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var user in value)
        {
            One.Write(writer, user, options);
        }

        writer.WriteEndArray();
    }
}
