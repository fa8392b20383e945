using System.Buffers;

namespace Presence.Core;

/// <summary>The form of every id of the wire contract: 1 to 128 of <c>A-Z a-z 0-9 . _ : @ -</c>, compared byte by byte. <c>.</c> and <c>..</c> are none: a path that names them is another path.</summary>
public static class Identifier
{
    /// <summary>The longest id, in characters (all of them ASCII, so bytes too).</summary>
    public const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:@-"
    );

    /// <summary>Whether the text is an id.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => IsWritten(text) && text is not ("." or "..");

    /// <summary>Whether the text can be one that was stored: <c>.</c> and <c>..</c> once were ids, and who has them can still be read.</summary>
    private static bool IsWritten(ReadOnlySpan<char> text) => text.Length is > 0 and <= MaxLength && !text.ContainsAnyExcept(Allowed);

    internal static string Checked(string value, string what) =>
        IsWritten(value)
            ? value
            : throw new ArgumentException($"not the form of a {what}: 1 to {MaxLength} of A-Z a-z 0-9 . _ : @ -", nameof(value));
}
