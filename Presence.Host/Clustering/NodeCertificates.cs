using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Akka.Event;
using Akka.Remote.Transport.DotNetty;

namespace Presence.Host.Clustering;

/// <summary>Mutual TLS between nodes: both sides show a certificate of the configured authority, and who connects checks that it is that of the host it meant.</summary>
internal sealed class NodeCertificates
{
    private readonly X509Certificate2 _own;
    private readonly X509Certificate2Collection _authorities = [];

    public NodeCertificates(TlsOptions options)
    {
        _authorities.ImportFromPemFile(options.Authority!);
        _own = X509Certificate2.CreateFromPemFile(options.Certificate!, options.Key);
    }

    /// <summary>For the transport.</summary>
    public DotNettySslSetup Setup() =>
        new(_own, suppressValidation: false, requireMutualAuthentication: true, validateCertificateHostname: true, IsNode);

    /// <summary>Whether the peer is a node.</summary>
    public bool IsNode(X509Certificate2? certificate, X509Chain? chain, string peer, SslPolicyErrors errors, ILoggingAdapter log)
    {
        // The chain is judged below: the system knows nothing of our authority. A wrong name is seen by the side that connects.
        var problem = (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) switch
        {
            _ when certificate is null => "it showed no certificate",
            SslPolicyErrors.None => ChainProblem(certificate, chain),
            var others => others.ToString(),
        };
        if (problem is not null)
        {
            log.Warning("A connection with {0} was refused, it is no node: {1}", peer, problem);
        }

        return problem is null;
    }

    private string? ChainProblem(X509Certificate2 certificate, X509Chain? shown)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in shown?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(certificate) ? null : string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()));
    }
}
