using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Presence.Host.Identity;

/// <summary>A secret that callers show in a header. Kept and compared as a hash, so that the time a comparison takes tells nothing, its length neither.</summary>
internal sealed class SharedSecret
{
    private readonly byte[] _hash;

    private SharedSecret(string secret) => _hash = Hash(secret);

    /// <summary>By which the log tells one secret from another: the beginning of its hash.</summary>
    public string Id => Convert.ToHexStringLower(_hash.AsSpan(0, 4));

    /// <summary>The secret that is configured, if one is.</summary>
    public static SharedSecret? Of(string? configured) => string.IsNullOrEmpty(configured) ? null : new(configured);

    /// <summary>Whether the header has that secret, and once.</summary>
    public bool IsIn(StringValues header) => header.Count == 1 && CryptographicOperations.FixedTimeEquals(Hash(header[0] ?? ""), _hash);

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
