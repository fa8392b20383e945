using System.Text.Json.Serialization;
using Presence.Core.Json;

namespace Presence.Core.Events;

/// <summary>The id of an event, the same for all its recipients. Its <c>default</c> has no value and throws when read.</summary>
[JsonConverter(typeof(EventIdConverter))]
public readonly record struct EventId
{
    private readonly string? _value;

    /// <summary>Takes a text of the form of an id.</summary>
    /// <exception cref="ArgumentException">The text has not the form that <see cref="Identifier"/> tells.</exception>
    public EventId(string value) => _value = Identifier.Checked(value, "event id");

    /// <summary>The text of the id.</summary>
    public string Value => _value ?? throw new InvalidOperationException("an empty event id");

    /// <summary>Takes the text if it has the form of an id.</summary>
    public static bool TryParse(string? text, out EventId id)
    {
        var valid = text is not null && Identifier.IsValid(text);
        id = valid ? new EventId(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => _value ?? "";
}
