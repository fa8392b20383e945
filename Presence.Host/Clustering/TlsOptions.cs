using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Presence.Host.Clustering;

/// <summary>Certificates by which nodes know each other: all three files, or none. Configuration section <c>Presence:Cluster:Tls</c>.</summary>
public sealed record TlsOptions
{
    /// <summary>This node's certificate, a PEM file; intermediate ones may follow it. It names the node's <see cref="ClusterOptions.Host"/> (default: none).</summary>
    public string? Certificate { get; init; }

    /// <summary>The certificate's private key, a PEM file (default: none).</summary>
    public string? Key { get; init; }

    /// <summary>Whose certificates are believed, a PEM file: these alone, not those that the system trusts (default: none).</summary>
    public string? Authority { get; init; }

    /// <summary>Whether nodes speak TLS.</summary>
    public bool IsSet => Certificate is not null || Key is not null || Authority is not null;

    internal IEnumerable<string> Problems()
    {
        if (!IsSet)
        {
            yield break;
        }

        foreach (var (key, path) in Files())
        {
            if (string.IsNullOrWhiteSpace(path))
            {
                yield return $"Presence:Cluster:Tls:{key} is not set: write Certificate, Key and Authority, each the path of a PEM file, or none of them";
                yield break;
            }

            if (!File.Exists(path))
            {
                yield return $"Presence:Cluster:Tls:{key} is {path}, and there is no such file: write the path of a PEM file";
                yield break;
            }
        }

        if (Unreadable() is { } why)
        {
            yield return $"Presence:Cluster:Tls can't be read ({why}): write PEM files, the key that of the certificate and without a password";
        }
    }

    private string? Unreadable()
    {
        try
        {
            using var own = X509Certificate2.CreateFromPemFile(Certificate!, Key);
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(Authority!);
            return authorities.Count == 0 ? $"no certificate in {Authority}" : null;
        }
        catch (Exception cause) when (cause is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return cause.Message.Split('\n', 2)[0].TrimEnd('.', '\r');
        }
    }

    private IEnumerable<(string Key, string? Path)> Files() =>
        [(nameof(Certificate), Certificate), (nameof(Key), Key), (nameof(Authority), Authority)];
}
