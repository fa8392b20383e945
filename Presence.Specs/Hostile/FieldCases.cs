using Presence.Core.Errors;

namespace Presence.Specs.Hostile;

/// <summary>What a field takes.</summary>
internal enum Kind
{
    /// <summary>One of some words, or a token.</summary>
    Word,

    /// <summary>As above, with a refusal of its own.</summary>
    Status,

    /// <summary>A text, or null.</summary>
    TextOrNull,

    /// <summary>A token, or null.</summary>
    TokenOrNull,

    /// <summary>A time, or null.</summary>
    TimeOrNull,

    /// <summary>A number above 0, or null.</summary>
    NumberOrNull,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>An id.</summary>
    Id,

    /// <summary>An id, or null.</summary>
    IdOrNull,

    /// <summary>Some ids.</summary>
    Ids,

    /// <summary>Some ids, or none.</summary>
    IdsOrNone,

    /// <summary>An object.</summary>
    Object,

    /// <summary>An object, or null.</summary>
    ObjectOrNull,

    /// <summary>Any text but an empty one.</summary>
    Text,
}

/// <summary>Each field with every value that it can't have.</summary>
internal static class FieldCases
{
    /// <summary>A field.</summary>
    /// <param name="Of">The route, or the type of the frame.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="Template">All that is sent, with VALUE in the place of its value.</param>
    /// <param name="Kind">What it takes.</param>
    internal sealed record Field(string Of, string Name, string Template, Kind Kind);

    private static readonly string[] Values =
    [
        "null",
        "true",
        "7",
        "-1",
        "1e400",
        "\"\"",
        "\"a b\"",
        "\"a\\u0000b\"",
        "\"\\ud800\"",
        $"\"{new string('a', 141)}\"",
        "[]",
        "[7]",
        "[\"a b\"]",
        "[[]]",
        "{}",
        "{\"a b\":{}}",
    ];

    /// <summary>The fields of a change of presence.</summary>
    public static Field[] Presence(string of, string before = "", string after = "") =>
        [
            new(of, "online_status", before + """{"online_status":VALUE}""" + after, Kind.Status),
            new(of, "custom_status", before + """{"custom_status":VALUE}""" + after, Kind.TextOrNull),
            new(of, "activity", before + """{"activity":VALUE}""" + after, Kind.TokenOrNull),
            new(of, "expires_at", before + """{"activity":"a","expires_at":VALUE}""" + after, Kind.TimeOrNull),
            new(of, "expires_in", before + """{"activity":"a","expires_in":VALUE}""" + after, Kind.NumberOrNull),
        ];

    /// <summary>The fields of a typing.</summary>
    public static Field[] Typing(string of, string before = "", string after = "") =>
        [
            new(of, "conversation_id", before + """{"conversation_id":VALUE,"is_typing":true}""" + after, Kind.Id),
            new(of, "is_typing", before + """{"conversation_id":"c","is_typing":VALUE}""" + after, Kind.Bool),
        ];

    /// <summary>Of each of them: where, all that is sent, and the value with the code that refuses it.</summary>
    public static IEnumerable<(string Of, string Sent, (string Name, string Value, string Code) Field)> Of(IEnumerable<Field> fields) =>
        from field in fields
        from value in Values
        let code = CodeOf(field.Kind, value)
        where code is not null
        select (field.Of, field.Template.Replace("VALUE", value, StringComparison.Ordinal), (field.Name, value, code));

    /// <summary>The code that refuses the value; null: it is taken.</summary>
    private static string? CodeOf(Kind kind, string value) =>
        (kind, value) switch
        {
            (Kind.TextOrNull or Kind.TokenOrNull or Kind.TimeOrNull or Kind.NumberOrNull or Kind.IdOrNull or Kind.ObjectOrNull, "null") =>
                null,
            (Kind.TextOrNull or Kind.TokenOrNull, "\"\"") => null,
            (Kind.TextOrNull or Kind.Text, "\"a b\"") => null,
            (Kind.NumberOrNull, "7") => null,
            (Kind.Bool, "true") => null,
            (Kind.IdsOrNone, "[]") => null,
            (Kind.Object or Kind.ObjectOrNull, "{}" or "{\"a b\":{}}") => null,
            (Kind.Text, ['"', 'a', 'a', ..]) => null,
            (Kind.Status, _) => ErrorCodes.InvalidStatus,
            (Kind.Id or Kind.IdOrNull, _) => ErrorCodes.InvalidId,
            (Kind.Ids or Kind.IdsOrNone, "[7]" or "[\"a b\"]" or "[[]]") => ErrorCodes.InvalidId,
            _ => ErrorCodes.InvalidPayload,
        };
}
