using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Presence.Benchmarks.Faults.Nodes;

/// <summary>An authority made for one run, and a certificate for each node, good for its address at either end of a connection.</summary>
internal sealed class NodeCertificates
{
    private static readonly DateTimeOffset From = DateTimeOffset.UtcNow.AddHours(-1);
    private static readonly DateTimeOffset Until = From.AddDays(2);

    private readonly string _folder;
    private readonly X509Certificate2 _authority;

    /// <summary>Makes the authority.</summary>
    /// <param name="folder">For the files.</param>
    public NodeCertificates(string folder)
    {
        _folder = folder;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Presence fault suite", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(From, Until);
        File.WriteAllText(Authority, _authority.ExportCertificatePem());
    }

    private string Authority => Path.Combine(_folder, "authority.pem");

    /// <summary>The settings of the node at that address; its files are written.</summary>
    public IEnumerable<string> Settings(IPAddress address)
    {
        var (certificate, key) = (Path.Combine(_folder, $"{address}.pem"), Path.Combine(_folder, $"{address}.key"));
        if (!File.Exists(key))
        {
            Issue(address, certificate, key);
        }

        return
        [
            $"Presence__Cluster__Tls__Certificate={certificate}",
            $"Presence__Cluster__Tls__Key={key}",
            $"Presence__Cluster__Tls__Authority={Authority}",
        ];
    }

    private void Issue(IPAddress address, string certificate, string keyFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={address}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        using var issued = request.Create(_authority, From, Until, RandomNumberGenerator.GetBytes(16));
        File.WriteAllText(certificate, issued.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
    }
}
