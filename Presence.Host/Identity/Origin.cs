using System.Globalization;
using System.Text.RegularExpressions;

namespace Presence.Host.Identity;

/// <summary>A web origin (RFC 6454): scheme, host and port, each compared whole. The default port and none are one and the same, and so are upper and lower case.</summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Host">In lower case; an IPv6 address in its brackets.</param>
/// <param name="Port">The default one where none was written.</param>
internal readonly partial record struct Origin(string Scheme, string Host, int Port)
{
    /// <summary>Reads it strictly: no path, user, space, percent sign or trailing dot, ASCII alone, and no <c>null</c>.</summary>
    public static bool TryParse(string? text, out Origin origin)
    {
        origin = default;
        if (text is null || Form().Match(text) is not { Success: true } match)
        {
            return false;
        }

        var scheme = match.Groups["scheme"].Value.ToLowerInvariant();
        var port =
            match.Groups["port"] is { Success: true } written ? int.Parse(written.ValueSpan, CultureInfo.InvariantCulture)
            : scheme == "https" ? 443
            : 80;
        origin = new(scheme, match.Groups["host"].Value.ToLowerInvariant(), port);
        return port <= ushort.MaxValue;
    }

    // No IgnoreCase: with it the Kelvin sign is a k.
    [GeneratedRegex(
        @"^(?<scheme>[Hh][Tt][Tt][Pp][Ss]?)://(?<host>[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::(?<port>[1-9][0-9]{0,4}))?\z",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1_000
    )]
    private static partial Regex Form();
}
