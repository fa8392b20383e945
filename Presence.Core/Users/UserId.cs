using System.Text.Json.Serialization;
using Presence.Core.Json;

namespace Presence.Core.Users;

/// <summary>The id of a person. A struct, since millions of them are keys; its <c>default</c> has no value and throws when read.</summary>
[JsonConverter(typeof(UserIdConverter))]
public readonly record struct UserId
{
    private readonly string? _value;

    /// <summary>Takes a text of the form of an id.</summary>
    /// <exception cref="ArgumentException">The text has not the form that <see cref="Identifier"/> tells.</exception>
    public UserId(string value) => _value = Identifier.Checked(value, "user id");

    /// <summary>The text of the id.</summary>
    public string Value => _value ?? throw new InvalidOperationException("an empty user id");

    /// <summary>Takes the text if it has the form of an id.</summary>
    public static bool TryParse(string? text, out UserId id)
    {
        var valid = text is not null && Identifier.IsValid(text);
        id = valid ? new UserId(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => _value ?? "";
}
