using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Presence.Host.Edge;

/// <summary>
/// TLS on the service's own port: <c>Urls=https://…</c> with the PEM files that <c>Kestrel:Certificates:Default:Path</c> and <c>:KeyPath</c> name,
/// or endpoints of one's own under <c>Kestrel:Endpoints</c>. Kestrel reads them; here is said what is missing, before it starts.
/// </summary>
internal static class HttpsSettings
{
    private const string Default = "Kestrel:Certificates:Default";

    /// <summary>How long a browser that came once by TLS comes by nothing else (RFC 6797).</summary>
    public static TimeSpan HstsAge { get; } = TimeSpan.FromDays(365);

    /// <summary>What is wrong, each with what to write instead; empty where nothing is.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration)
    {
        var ownUrls = (configuration["Urls"] ?? "").Split(';').Any(IsHttps);
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Where(endpoint => IsHttps(endpoint["Url"])).ToList();
        if (ownUrls || endpoints.Exists(endpoint => !IsSet(endpoint.GetSection("Certificate"))))
        {
            if (Problem(configuration.GetSection(Default)) is { } problem)
            {
                yield return problem;
            }
        }

        foreach (var endpoint in endpoints.Where(endpoint => IsSet(endpoint.GetSection("Certificate"))))
        {
            if (Problem(endpoint.GetSection("Certificate")) is { } problem)
            {
                yield return problem;
            }
        }
    }

    /// <summary>TLS 1.2 or later: what came before is broken (RFC 8996).</summary>
    public static void Harden(KestrelServerOptions kestrel) =>
        kestrel.ConfigureHttpsDefaults(https => https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13);

    private static string? Problem(IConfigurationSection certificate)
    {
        var (path, key) = (certificate["Path"], certificate["KeyPath"]);
        if (string.IsNullOrWhiteSpace(path))
        {
            // A store of the system's, which Kestrel knows how to read.
            return IsSet(certificate)
                ? null
                : $"Urls has https, and no certificate is configured: write {Default}:Path and {Default}:KeyPath, the paths of PEM files";
        }

        // A PFX holds its key, and may need a password; Kestrel tells what is wrong with one.
        return string.IsNullOrWhiteSpace(key) && File.Exists(path) ? null : Unreadable(certificate.Path, path, key);
    }

    private static string? Unreadable(string section, string path, string? key)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPemFile(path, key);
            return null;
        }
        catch (Exception cause) when (cause is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"{section} can't be read ({cause.Message.Split('\n', 2)[0].TrimEnd('.', '\r')}): write Path and KeyPath, PEM files, the key that of the certificate and without a password";
        }
    }

    private static bool IsSet(IConfigurationSection section) => section.GetChildren().Any();

    private static bool IsHttps(string? url) => url?.Trim().StartsWith("https://", StringComparison.OrdinalIgnoreCase) == true;
}
