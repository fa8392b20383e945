using System.Security.Cryptography;
using Presence.Host.Identity;
using Presence.Specs.Journeys;

namespace Presence.Specs.Identity;

/// <summary>Settings of authentication that can't be, each told with what to write instead.</summary>
public sealed class JwtOptionsSpecs
{
    private static readonly JwtOptions Good = new()
    {
        Secret = Issuer.Secret,
        Issuer = Issuer.Name,
        Audience = Issuer.Audience,
    };

    private static readonly string[] Everywhere = ["http://0.0.0.0:8085"];

    [Fact]
    public void Tokens_may_be_taken_from_everywhere() => Problems(Good, Everywhere).ShouldBeEmpty();

    [Fact]
    public void There_is_one_key_and_one_alone()
    {
        Told(Good with { Secret = null }).ShouldContain("no key: write one, and one alone");
        Told(Good with { PublicKey = Pem(2048) }).ShouldContain("2 keys: write one, and one alone");
        Told(Good with { Authority = "https://id.example.com" }).ShouldContain("2 keys");
    }

    [Fact]
    public void A_secret_is_as_long_as_its_hash()
    {
        Told(Good with { Secret = new string('s', 31) }).ShouldContain("Jwt:Secret is shorter than 32 bytes");
        Problems(Good with { Secret = new string('s', 32) }).ShouldBeEmpty();
        Problems(Good with { Secret = new string('é', 16) }).ShouldBeEmpty();
    }

    [Fact]
    public void A_public_key_can_be_read_is_long_enough_and_is_not_the_private_one()
    {
        using var rsa = RSA.Create(2048);
        using var large = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        Problems(With(Pem(2048))).ShouldBeEmpty();
        Problems(With(Pem(2048).Replace("\n", "\\n", StringComparison.Ordinal))).ShouldBeEmpty();
        foreach (var bad in new[] { "abc", Pem(1024), large.ExportSubjectPublicKeyInfoPem(), rsa.ExportPkcs8PrivateKeyPem() })
        {
            Told(With(bad)).ShouldContain("Jwt:PublicKey can't be read: write a public key in PEM");
        }
    }

    [Fact]
    public void A_file_with_the_public_key_is_there()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "key.pem");
        var options = Good with { Secret = null, PublicKeyFile = file };

        Told(options).ShouldContain($"Jwt:PublicKeyFile ({file}) can't be read");
        File.WriteAllText(file, Pem(2048));
        Problems(options).ShouldBeEmpty();
    }

    [Fact]
    public void An_authority_is_spoken_to_in_private_and_gives_the_issuer()
    {
        var options = new JwtOptions { Authority = "https://id.example.com", Audience = "presence" };

        Problems(options).ShouldBeEmpty();
        Problems(options with { Authority = "http://127.0.0.1:5000" }).ShouldBeEmpty();
        Told(options with { Authority = "http://id.example.com" }).ShouldContain("write an address with https");
        Told(options with { Authority = "id.example.com" }).ShouldContain("write an address with https");
    }

    [Fact]
    public void Issuer_and_audience_are_named()
    {
        Told(Good with { Issuer = null }).ShouldContain("Jwt:Issuer is not there: write");
        Told(Good with { Audience = "" }).ShouldContain("Jwt:Audience is not there");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(301)]
    public void Clocks_are_not_too_far_apart(int seconds) =>
        Told(Good with { ClockSkew = TimeSpan.FromSeconds(seconds) }).ShouldContain("Jwt:ClockSkew is");

    [Fact]
    public void Times_of_tokens_are_in_their_range()
    {
        new AuthenticationOptions { TokenExpiringNotice = TimeSpan.FromHours(2) }
            .Problems([])
            .ShouldHaveSingleItem()
            .ShouldContain("TokenExpiringNotice is 02:00:00: write");
        new AuthenticationOptions { TokenGrace = TimeSpan.FromSeconds(-1) }
            .Problems([])
            .ShouldHaveSingleItem()
            .ShouldContain("TokenGrace is -00:00:01: write");
        new AuthenticationOptions { LongestTokenLife = TimeSpan.Zero }
            .Problems([])
            .ShouldHaveSingleItem()
            .ShouldContain("LongestTokenLife is 00:00:00: write");
    }

    [Fact]
    public void What_belongs_to_tokens_is_not_asked_of_trusted_headers() =>
        new AuthenticationOptions { Jwt = new() { Secret = "short" } }
            .Problems([])
            .ShouldBeEmpty();

    private static JwtOptions With(string pem) => Good with { Secret = null, PublicKey = pem };

    private static string Pem(int bits)
    {
        using var rsa = RSA.Create(bits);
        return rsa.ExportSubjectPublicKeyInfoPem();
    }

    private static string Told(JwtOptions jwt) => Problems(jwt).ShouldHaveSingleItem();

    private static List<string> Problems(JwtOptions jwt, string[]? addresses = null) =>
        [.. new AuthenticationOptions { Mode = "jwt", Jwt = jwt }.Problems(addresses ?? [])];
}
