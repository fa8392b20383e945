using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Presence.Host.Clustering;

namespace Presence.Specs.Cluster;

/// <summary>Two real transports on loopback: who may speak to whom.</summary>
public sealed class NodeCertificatesSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("presence-tls-").FullName;
    private readonly List<ActorSystem> _systems = [];

    public void Dispose()
    {
        foreach (var system in _systems)
        {
            system.Terminate().Wait(Patience);
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Nodes_of_one_authority_reach_each_other()
    {
        using var authority = new Authority("ours");
        var one = Start(authority.Issue(_folder, "one", "127.0.0.1"));
        var other = Start(authority.Issue(_folder, "other", "127.0.0.1"));

        (await Answers(one, other, Patience)).ShouldBeTrue();
        (await Answers(other, one, Patience)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused_on_either_side()
    {
        using var ours = new Authority("ours");
        using var theirs = new Authority("theirs");
        var node = Start(ours.Issue(_folder, "node", "127.0.0.1"));
        var stranger = Start(theirs.Issue(_folder, "stranger", "127.0.0.1"));

        (await Answers(stranger, node, LongEnough)).ShouldBeFalse();
        (await Answers(node, stranger, LongEnough)).ShouldBeFalse();
    }

    [Fact]
    public async Task Who_believes_a_node_is_not_believed_by_it_without_a_certificate_of_its_authority()
    {
        using var ours = new Authority("ours");
        using var theirs = new Authority("theirs");
        var node = Start(ours.Issue(_folder, "node", "127.0.0.1"));
        var stranger = Start(theirs.Issue(_folder, "stranger", "127.0.0.1") with { Authority = ours.Issue(_folder, "any", "x").Authority });

        (await Answers(stranger, node, LongEnough)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_certificate_for_another_host_is_refused_by_who_connects()
    {
        using var authority = new Authority("ours");
        var one = Start(authority.Issue(_folder, "one", "127.0.0.1"));
        var misplaced = Start(authority.Issue(_folder, "misplaced", "127.0.0.9"));

        (await Answers(one, misplaced, LongEnough)).ShouldBeFalse();
    }

    [Fact]
    public void Files_that_do_not_belong_together_are_told_before_anything_starts()
    {
        using var authority = new Authority("ours");
        var one = authority.Issue(_folder, "one", "127.0.0.1");
        var other = authority.Issue(_folder, "other", "127.0.0.1");
        var options = new ClusterOptions { Tls = one with { Key = other.Key } };

        options.Problems(sharedStore: true).ShouldHaveSingleItem().ShouldContain("Presence:Cluster:Tls can't be read");
        new ClusterOptions { Host = "10.0.0.5", Tls = one }
            .Problems(sharedStore: true)
            .ShouldBeEmpty();
    }

    private static async Task<bool> Answers(ActorSystem from, ActorSystem to, TimeSpan patience)
    {
        var address = ((ExtendedActorSystem)to).Provider.DefaultAddress;
        try
        {
            return (await from.ActorSelection($"{address}/user/here").Ask<ActorIdentity>(new Identify(1), patience)).Subject is not null;
        }
        catch (AskTimeoutException)
        {
            return false;
        }
    }

    private ActorSystem Start(TlsOptions options)
    {
        var hocon = ConfigurationFactory.ParseString(
            """
            akka.actor.provider = remote
            akka.loglevel = OFF
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0, enable-ssl = on }
            """
        );
        var system = ActorSystem.Create(
            "presence",
            ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(hocon), new NodeCertificates(options).Setup())
        );
        system.ActorOf(Props.Create(() => new Quiet()), "here");
        _systems.Add(system);
        return system;
    }

    private sealed class Quiet : UntypedActor
    {
        protected override void OnReceive(object message) { }
    }

    private sealed class Authority : IDisposable
    {
        private readonly string _name;
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private readonly X509Certificate2 _certificate;

        public Authority(string name)
        {
            _name = name;
            var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        }

        public TlsOptions Issue(string folder, string name, string address)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            if (IPAddress.TryParse(address, out var ip))
            {
                names.AddIpAddress(ip);
            }
            else
            {
                names.AddDnsName(address);
            }

            request.CertificateExtensions.Add(names.Build());
            using var issued = request.Create(
                _certificate,
                DateTimeOffset.UtcNow.AddHours(-1),
                DateTimeOffset.UtcNow.AddHours(1),
                RandomNumberGenerator.GetBytes(8)
            );
            return new()
            {
                Certificate = Write(folder, $"{name}.pem", issued.ExportCertificatePem()),
                Key = Write(folder, $"{name}.key", key.ExportPkcs8PrivateKeyPem()),
                Authority = Write(folder, $"{_name}.ca", _certificate.ExportCertificatePem()),
            };
        }

        public void Dispose()
        {
            _certificate.Dispose();
            _key.Dispose();
        }

        private static string Write(string folder, string name, string text)
        {
            var path = Path.Combine(folder, name);
            File.WriteAllText(path, text);
            return path;
        }
    }
}
