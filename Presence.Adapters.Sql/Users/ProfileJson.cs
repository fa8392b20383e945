using System.Text.Json;
using System.Text.Json.Serialization;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Users;

/// <summary>How a profile is written into its column: names and not numbers, so that a later version reads it; unknown fields are ignored, so that an earlier one does.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(Profile))]
internal sealed partial class ProfileJson : JsonSerializerContext
{
    /// <summary>The text of the column.</summary>
    public static string Write(Profile profile) => JsonSerializer.Serialize(profile, Default.Profile);

    /// <summary>Reads the column; null where it can't be read, and the journal is to be asked.</summary>
    public static Profile? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, Default.Profile);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
