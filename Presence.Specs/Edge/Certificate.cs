using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Presence.Specs.Edge;

/// <summary>A certificate for <c>chat.example</c> and this machine, as PEM files in a folder; it is its own authority.</summary>
internal sealed record Certificate(string Path, string KeyPath, string Thumbprint)
{
    public static Certificate In(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=chat.example", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("chat.example");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        var made = new Certificate(
            System.IO.Path.Combine(folder, "presence.crt"),
            System.IO.Path.Combine(folder, "presence.key"),
            certificate.Thumbprint
        );
        File.WriteAllText(made.Path, certificate.ExportCertificatePem() + "\n");
        File.WriteAllText(made.KeyPath, key.ExportPkcs8PrivateKeyPem() + "\n");
        return made;
    }

    /// <summary>Both in one file, as HAProxy wants them.</summary>
    public string Joined()
    {
        var joined = System.IO.Path.ChangeExtension(Path, ".pem");
        File.WriteAllText(joined, File.ReadAllText(Path) + File.ReadAllText(KeyPath));
        return joined;
    }
}
