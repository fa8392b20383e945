using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.Extensions.Configuration;
using Presence.Host.Edge;
using Presence.Specs.Journeys;

namespace Presence.Specs.Edge;

/// <summary>TLS on the service's own port, by configuration alone.</summary>
public sealed class HttpsSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task With_two_PEM_files_it_is_served_by_TLS_1_2_and_later_and_browsers_are_to_keep_to_it()
    {
        var certificate = Certificate.In(_folder.Path);
        var server = await JourneyServer.Start(
            "Urls=https://127.0.0.1:0",
            $"Kestrel:Certificates:Default:Path={certificate.Path}",
            $"Kestrel:Certificates:Default:KeyPath={certificate.KeyPath}"
        );
        try
        {
            foreach (var protocol in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
            {
                var (shown, answer) = await Ask(server.Address, protocol);

                shown.ShouldBe(certificate.Thumbprint);
                answer.ShouldStartWith("HTTP/1.1 200 ");
                answer.ShouldContain("Strict-Transport-Security: max-age=31536000");
                answer.ShouldContain("\"user_id\":\"alice\"");
            }

#pragma warning disable SYSLIB0039, CA5397 // That it is refused is what is shown.
            foreach (var old in new[] { SslProtocols.Tls, SslProtocols.Tls11 })
#pragma warning restore SYSLIB0039, CA5397
            {
                await Should.ThrowAsync<Exception>(() => Ask(server.Address, old));
            }
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public void A_certificate_that_is_missing_or_no_good_is_told_with_what_to_write_instead()
    {
        var certificate = Certificate.In(_folder.Path);
        var other = Certificate.In(Directory.CreateDirectory(Path.Combine(_folder.Path, "other")).FullName);

        Problems(("Urls", "https://0.0.0.0:8443")).ShouldHaveSingleItem().ShouldContain("write Kestrel:Certificates:Default:Path and");
        Problems(("Kestrel:Endpoints:Clients:Url", "https://0.0.0.0:8443"))
            .ShouldHaveSingleItem()
            .ShouldContain("no certificate is configured");
        Problems(
                ("Urls", "https://0.0.0.0:8443"),
                ("Kestrel:Certificates:Default:Path", "/missing.crt"),
                ("Kestrel:Certificates:Default:KeyPath", certificate.KeyPath)
            )
            .ShouldHaveSingleItem()
            .ShouldContain("Kestrel:Certificates:Default can't be read");
        Problems(
                ("Urls", "https://0.0.0.0:8443"),
                ("Kestrel:Certificates:Default:Path", certificate.Path),
                ("Kestrel:Certificates:Default:KeyPath", other.KeyPath)
            )
            .ShouldHaveSingleItem()
            .ShouldContain("the key that of the certificate");
        Problems(
                ("Urls", "https://0.0.0.0:8443"),
                ("Kestrel:Certificates:Default:Path", certificate.Path),
                ("Kestrel:Certificates:Default:KeyPath", certificate.KeyPath)
            )
            .ShouldBeEmpty();
        Problems(("Urls", "http://127.0.0.1:8085")).ShouldBeEmpty();
    }

    private static List<string> Problems(params (string Key, string Value)[] settings) =>
        [
            .. HttpsSettings.Problems(
                new ConfigurationBuilder()
                    .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
                    .Build()
            ),
        ];

    private static async Task<(string Thumbprint, string Answer)> Ask(Uri server, SslProtocols protocol)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "chat.example", EnabledSslProtocols = protocol }
        );
        // HSTS is for names; an address has no use for it.
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: chat.example\r\nX-User-ID: alice\r\nConnection: close\r\n\r\n")
        );
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return (stream.RemoteCertificate!.GetCertHashString(), await reader.ReadToEndAsync());
    }
}
