using System.Text.Json.Serialization;
using Presence.Core.Json;

namespace Presence.Core.Conversations;

/// <summary>The id of a named set of participants. A struct, since millions of them are keys; its <c>default</c> has no value and throws when read.</summary>
[JsonConverter(typeof(ConversationIdConverter))]
public readonly record struct ConversationId
{
    private readonly string? _value;

    /// <summary>Takes a text of the form of an id.</summary>
    /// <exception cref="ArgumentException">The text has not the form that <see cref="Identifier"/> tells.</exception>
    public ConversationId(string value) => _value = Identifier.Checked(value, "conversation id");

    /// <summary>The text of the id.</summary>
    public string Value => _value ?? throw new InvalidOperationException("an empty conversation id");

    /// <summary>Takes the text if it has the form of an id.</summary>
    public static bool TryParse(string? text, out ConversationId id)
    {
        var valid = text is not null && Identifier.IsValid(text);
        id = valid ? new ConversationId(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => _value ?? "";
}
