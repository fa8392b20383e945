using Presence.Core.Errors;

namespace Presence.Host.Identity;

/// <summary>The headers that say who calls, and the ways to smuggle one past a gateway.</summary>
internal static class IdentityHeaders
{
    public const string UserId = "X-User-ID";
    public const string DeviceId = "X-Device-ID";
    public const string DeviceName = "X-Device-Name";
    public const string DeviceType = "X-Device-Type";
    public const string DevicePlatform = "X-Device-Platform";
    public const string AppVersion = "X-App-Version";
    public const string ApiKey = "X-Api-Key";
    public const string ProxySecret = "X-Presence-Proxy-Secret";

    /// <summary>Those that a page of a listed origin may send.</summary>
    public static IReadOnlyList<string> OfUsers { get; } = [UserId, DeviceId, DeviceName, DeviceType, DevicePlatform, AppVersion];

    private static readonly string[] All = [.. OfUsers, ApiKey, ProxySecret];

    /// <summary>Whether the route takes the identity from its query too: browsers can't set headers on a WebSocket or an EventSource.</summary>
    public static bool MayBeInQuery(HttpRequest request) =>
        request.Path.Value is { } path
        && (
            path.EndsWith("/ws", StringComparison.Ordinal)
            || (path.EndsWith("/events", StringComparison.Ordinal) && HttpMethods.IsGet(request.Method))
        );

    /// <summary>
    /// A header under a name that some gateway or framework takes for one of these (<c>X_User_ID</c>), which a filter of the real name lets through;
    /// one that <c>Connection</c> tells a proxy to drop (RFC 9110, 7.6.1), after which another may count; two of a name, of which a gateway may see the other one.
    /// Null where there is nothing of the kind.
    /// </summary>
    public static Refusal? Smuggled(IHeaderDictionary headers)
    {
        foreach (var (name, values) in headers)
        {
            var folded = Fold(name);
            if (folded is null)
            {
                continue;
            }

            if (!string.Equals(folded, name, StringComparison.OrdinalIgnoreCase))
            {
                return Refusal.InvalidPayload(folded, "came under a name that only resembles it");
            }

            if (values.Count > 1)
            {
                return folded is UserId or DeviceId ? Refusal.InvalidId(folded) : Refusal.InvalidPayload(folded, "came more than once");
            }
        }

        foreach (var values in headers.Connection)
        {
            foreach (var token in (values ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                if (Fold(token) is { } dropped)
                {
                    return Refusal.InvalidPayload("Connection", $"names {dropped}");
                }
            }
        }

        return null;
    }

    /// <summary>The identity header that the name is, or is folded to where all that is no letter or digit is alike; else null.</summary>
    private static string? Fold(string name)
    {
        // Of every header of every request: no closure, no copy.
        foreach (var header in All)
        {
            if (header.Length == name.Length && IsAlike(header, name))
            {
                return header;
            }
        }

        return null;
    }

    private static bool IsAlike(string header, string name)
    {
        for (var i = 0; i < header.Length; i++)
        {
            if (
                char.ToLowerInvariant(header[i]) != char.ToLowerInvariant(name[i])
                && (header[i] != '-' || char.IsAsciiLetterOrDigit(name[i]))
            )
            {
                return false;
            }
        }

        return true;
    }
}
