using System.Buffers;

namespace Presence.Core;

/// <summary>The form of every id of the wire contract: 1 to 128 of <c>A-Z a-z 0-9 . _ : @ -</c>, compared byte by byte.</summary>
public static class Identifier
{
    /// <summary>The longest id, in characters (all of them ASCII, so bytes too).</summary>
    public const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:@-"
    );

    /// <summary>Whether the text has the form of an id.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => text.Length is > 0 and <= MaxLength && !text.ContainsAnyExcept(Allowed);

    internal static string Checked(string value, string what) =>
        IsValid(value)
            ? value
            : throw new ArgumentException($"not the form of a {what}: 1 to {MaxLength} of A-Z a-z 0-9 . _ : @ -", nameof(value));
}
