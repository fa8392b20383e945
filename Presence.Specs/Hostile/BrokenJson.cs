namespace Presence.Specs.Hostile;

/// <summary>What is no JSON object, by the rules of the contract: <c>malformed_json</c> on every channel.</summary>
internal static class BrokenJson
{
    /// <summary>The texts, a byte a letter.</summary>
    public static string[] Texts { get; } =
    [
        " ",
        "{",
        "[]",
        "null",
        "7",
        "\"text\"",
        "{} {}",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "{\"a\":1}//",
        "{\"a\":\"\t\"}",
        """{"a":1,"a":2}""",
        """{"a":{"b":1,"b":2}}""",
        """{"a":1,"\u0061":2}""",
        """{"\ud800":1}""",
        "{\"a\":\"\u00c3(\"}",
        "\0{}",
        $"{{\"a\":{new string('[', 100)}{new string(']', 100)}}}",
        new string('[', 60_000),
    ];

    /// <summary>A text as it is named.</summary>
    public static string Shown(string text) => text.Length > 60 ? $"{text[..50]}… ({text.Length})" : text;
}
