using System.Security.Cryptography;
using System.Text;

namespace Presence.Host.Identity;

/// <summary>By which keys tokens are proven, and whom they must be from and for. Configuration section <c>Presence:Authentication:Jwt</c>; read in <c>jwt</c> mode alone.</summary>
public sealed record JwtOptions
{
    /// <summary>The least length of a <see cref="Secret"/>, in bytes: that of the hash (RFC 7518, 3.2).</summary>
    public const int MinSecretBytes = 32;

    /// <summary>The most that clocks may be apart.</summary>
    public static readonly TimeSpan MaxClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>A secret shared with who issues the tokens, as UTF-8 of at least 32 bytes; tokens are HS256 then, and no other (default: none).</summary>
    public string? Secret { get; init; }

    /// <summary>The public key of who issues the tokens, as PEM: RSA, with tokens of RS256 alone, or P-256, with ES256 alone (default: none). A <c>\n</c> counts as a line's end.</summary>
    public string? PublicKey { get; init; }

    /// <summary>A file with the same, read at the start (default: none).</summary>
    public string? PublicKeyFile { get; init; }

    /// <summary>An OpenID provider, such as <c>https://id.example.com</c>, whose keys are fetched and, when they change, fetched again; tokens are RS256 or ES256 (default: none).</summary>
    public string? Authority { get; init; }

    /// <summary>Whose tokens are taken: their <c>iss</c> (default: that of the authority; without one it must be written).</summary>
    public string? Issuer { get; init; }

    /// <summary>For whom tokens must be: among their <c>aud</c> (no default).</summary>
    public string? Audience { get; init; }

    /// <summary>How far the clocks of who issues and who takes may be apart (default: 30 s; at most 5 min).</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The key, read; null: there is none, or none that can be read, which <see cref="Problems"/> tells.</summary>
    internal AsymmetricAlgorithm? ReadPublicKey()
    {
        try
        {
            return Pem() is { } pem ? ReadPem(pem) : null;
        }
        catch (Exception cause) when (cause is ArgumentException or CryptographicException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>What is wrong with these, each with what to write instead; empty where nothing is.</summary>
    internal IEnumerable<string> Problems()
    {
        string?[] keys = [Secret, PublicKey, PublicKeyFile, Authority];
        if (keys.Count(key => !string.IsNullOrEmpty(key)) is var count and not 1)
        {
            yield return $"Presence:Authentication:Mode is jwt with {(count == 0 ? "no key" : $"{count} keys")}: write one, and one alone, of Presence:Authentication:Jwt:Secret, :PublicKey, :PublicKeyFile and :Authority";
        }

        foreach (var problem in KeyProblems())
        {
            yield return problem;
        }

        if (string.IsNullOrEmpty(Audience))
        {
            yield return "Presence:Authentication:Jwt:Audience is not there, and a token for another service would be taken: write what stands in the aud of your tokens";
        }

        if (string.IsNullOrEmpty(Issuer) && string.IsNullOrEmpty(Authority))
        {
            yield return "Presence:Authentication:Jwt:Issuer is not there: write what stands in the iss of your tokens";
        }

        if (ClockSkew < TimeSpan.Zero || ClockSkew > MaxClockSkew)
        {
            yield return $"Presence:Authentication:Jwt:ClockSkew is {ClockSkew:c}: write a time from 00:00:00 to {MaxClockSkew:c}, such as 00:00:30";
        }
    }

    private IEnumerable<string> KeyProblems()
    {
        if (!string.IsNullOrEmpty(Secret) && Encoding.UTF8.GetByteCount(Secret) < MinSecretBytes)
        {
            yield return $"Presence:Authentication:Jwt:Secret is shorter than {MinSecretBytes} bytes, and could be guessed: write a longer one";
        }

        if (!string.IsNullOrEmpty(PublicKey) || !string.IsNullOrEmpty(PublicKeyFile))
        {
            using var key = ReadPublicKey();
            var where = string.IsNullOrEmpty(PublicKey)
                ? $"Presence:Authentication:Jwt:PublicKeyFile ({PublicKeyFile})"
                : "Presence:Authentication:Jwt:PublicKey";
            if (key is null)
            {
                yield return $"{where} can't be read: write a public key in PEM, -----BEGIN PUBLIC KEY-----, RSA of 2048 bits or more, or P-256; not the private one";
            }
        }

        if (!string.IsNullOrEmpty(Authority) && !IsSafe(Authority))
        {
            yield return $"Presence:Authentication:Jwt:Authority is '{Authority}': write an address with https, such as https://id.example.com; http does on this machine alone";
        }
    }

    /// <summary>Whoever is between the two could give us keys of its own.</summary>
    private static bool IsSafe(string authority) =>
        Uri.TryCreate(authority, UriKind.Absolute, out var uri) && (uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback));

    private string? Pem() =>
        !string.IsNullOrEmpty(PublicKey) ? PublicKey.Replace("\\n", "\n", StringComparison.Ordinal)
        : !string.IsNullOrEmpty(PublicKeyFile) ? File.ReadAllText(PublicKeyFile)
        : null;

    private static AsymmetricAlgorithm? ReadPem(string pem)
    {
        if (pem.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return rsa.KeySize >= 2048 ? rsa : null;
        }
        catch (CryptographicException)
        {
            var curve = ECDsa.Create();
            curve.ImportFromPem(pem);
            return curve.KeySize == 256 ? curve : null;
        }
    }
}
