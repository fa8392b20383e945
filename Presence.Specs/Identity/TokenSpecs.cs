using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Core.Json;
using Presence.Host.Identity;
using static Presence.Specs.Identity.Issuer;

namespace Presence.Specs.Identity;

/// <summary>Which tokens are taken, and what they grant.</summary>
public sealed class TokenSpecs : IDisposable
{
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Issuer _issuer = new();

    public void Dispose()
    {
        _rsa.Dispose();
        _curve.Dispose();
    }

    [Fact]
    public async Task A_sound_token_grants_its_user_to_read_and_to_write_until_it_expires()
    {
        var grant = await Granted(_issuer.Token("alice@example.com", ("jti", "t-1"), ("iat", In(-5)), ("exp", In(60))));

        grant.Subject.ShouldBe(new("alice@example.com"));
        grant.TokenId.ShouldBe("t-1");
        grant.IssuedAt!.Value.ShouldBe(DateTimeOffset.UtcNow.AddSeconds(-5), TimeSpan.FromSeconds(3));
        grant.ExpiresAt.ShouldBe(DateTimeOffset.UtcNow.AddSeconds(60), TimeSpan.FromSeconds(3));
        (grant.IsService, grant.MayRead, grant.MayWrite).ShouldBe((false, true, true));
    }

    [Fact]
    public async Task Tokens_of_a_public_key_are_taken_by_its_kind_alone()
    {
        (await Granted(With(_rsa).Token("alice"), Rsa())).Subject.ShouldBe(new("alice"));
        (await Granted(With(_curve).Token("alice"), Curve())).Subject.ShouldBe(new("alice"));
        (await Refused(With(_rsa, SecurityAlgorithms.RsaSsaPssSha256).Token("alice"), Rsa())).ShouldContain("not signed");
        (await Refused(With(_rsa, SecurityAlgorithms.RsaSha512).Token("alice"), Rsa())).ShouldContain("not signed");
        (await Refused(With(_curve).Token("alice"), Rsa())).ShouldContain("not signed");
        (await Refused(With(_rsa).Token("alice"), Curve())).ShouldContain("not signed");
    }

    [Fact]
    public async Task A_token_that_nobody_signed_is_refused_with_every_kind_of_key()
    {
        var unsigned = Unsigned(_issuer.Token("alice"));

        foreach (var options in new[] { Shared(), Rsa(), Curve() })
        {
            await Refused(unsigned, options);
        }
    }

    [Fact]
    public async Task The_public_key_is_no_secret_to_sign_with()
    {
        // What a library takes that goes by the algorithm which the token names.
        foreach (var text in new[] { _rsa.ExportSubjectPublicKeyInfoPem(), _rsa.ExportSubjectPublicKeyInfoPem() + "\n" })
        {
            var confused = new Issuer(new(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(text)), SecurityAlgorithms.HmacSha256));
            (await Refused(confused.Token("alice"), Rsa())).ShouldContain("not signed");
        }

        var raw = new Issuer(new(new SymmetricSecurityKey(_rsa.ExportSubjectPublicKeyInfo()), SecurityAlgorithms.HmacSha256));
        await Refused(raw.Token("alice"), Rsa());
    }

    [Fact]
    public async Task A_token_of_another_key_or_hash_is_refused()
    {
        using var other = RSA.Create(2048);
        var secret = new SymmetricSecurityKey(new byte[64]);
        var ours = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(Secret));

        await Refused(With(other).Token("alice"), Rsa());
        await Refused(new Issuer(new(secret, SecurityAlgorithms.HmacSha256)).Token("alice"));
        await Refused(new Issuer(new(ours, SecurityAlgorithms.HmacSha384)).Token("alice"));
    }

    public static TheoryData<string, string, object?> Faults =>
        new()
        {
            { "exp", "has expired", -60 },
            { "exp", "no exp", null },
            { "nbf", "not yet valid", 120 },
            { "iat", "not yet valid", 120 },
            { "aud", "another audience", "another" },
            { "aud", "another audience", null },
            { "aud", "another audience", "Presence" },
            { "iss", "another issuer", "https://evil.test" },
            { "iss", "another issuer", null },
            { "sub", "no user id", null },
            { "sub", "no user id", "" },
            { "sub", "no user id", "two words" },
            { "sub", "no user id", "a|b" },
            { "sub", "no user id", new string('a', 129) },
            { "sub", "can't be read", true },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_claim_that_is_wrong_or_missing_is_told_by_its_kind(string claim, string because, object? value) =>
        (await Refused(_issuer.Token("alice", (claim, value is int seconds ? In(seconds) : value)))).ShouldContain(because);

    [Fact]
    public async Task A_sub_that_is_a_number_is_the_user_of_its_digits() => (await Granted(_issuer.Token(42))).Subject.ShouldBe(new("42"));

    [Fact]
    public async Task One_of_several_audiences_does() =>
        (await Granted(_issuer.Token("alice", ("aud", new[] { "other", Audience })))).Subject.ShouldBe(new("alice"));

    [Fact]
    public async Task Clocks_may_differ_by_the_skew_and_no_more()
    {
        var token = _issuer.Token("alice", ("nbf", In(20)), ("iat", In(20)));
        await Granted(token, Shared());
        await Refused(token, Shared() with { ClockSkew = TimeSpan.Zero });
        var expired = _issuer.Token("alice", ("exp", In(-20)));
        await Granted(expired, Shared());
        await Refused(expired, Shared() with { ClockSkew = TimeSpan.FromSeconds(5) });
    }

    [Theory]
    [InlineData(null, false, true, true)]
    [InlineData("openid profile", false, true, true)]
    [InlineData("presence.read", false, true, false)]
    [InlineData("presence.write", false, false, true)]
    [InlineData("openid presence.read presence.write", false, true, true)]
    [InlineData("presence.service", true, true, true)]
    [InlineData("presence.unheard-of", false, false, false)]
    [InlineData("Presence.Service", false, true, true)]
    [InlineData("presence.services", false, false, false)]
    public async Task Scopes_limit_what_a_token_grants(string? scope, bool service, bool read, bool write)
    {
        foreach (var claim in new (string, object?)[] { ("scope", scope), ("scp", scope), ("scp", scope?.Split(' ')) })
        {
            var grant = await Granted(_issuer.Token("alice", claim));

            (grant.IsService, grant.MayRead, grant.MayWrite).ShouldBe((service, read, write), $"{claim}");
        }
    }

    [Fact]
    public async Task A_backend_need_not_be_called_by_a_users_id()
    {
        (await Granted(_issuer.Token("client|17", ("scope", "presence.service")))).Subject.ShouldBeNull();
        (await Granted(_issuer.Token(null, ("scope", "presence.service")))).IsService.ShouldBeTrue();
    }

    [Fact]
    public async Task However_long_it_says_that_it_lives_a_token_ends_with_the_longest_life()
    {
        var options = new AuthenticationOptions { LongestTokenLife = TimeSpan.FromHours(1) };

        var young = await Granted(_issuer.Token("alice", ("iat", In(-600)), ("exp", In(1_000_000))), Shared(), options);
        young.ExpiresAt.ShouldBe(DateTimeOffset.UtcNow.AddMinutes(50), TimeSpan.FromSeconds(5));
        (await Refused(_issuer.Token("alice", ("iat", In(-3_700)), ("exp", In(1_000_000))), Shared(), options)).ShouldContain(
            "has expired"
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("a.b.c")]
    [InlineData("....")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9..")]
    public async Task What_is_no_token_is_refused(string text) => await Refused(text);

    [Fact]
    public async Task A_token_that_is_changed_or_too_long_is_refused()
    {
        var parts = _issuer.Token("alice").Split('.');
        var other = _issuer.Token("mallory").Split('.');

        await Refused($"{parts[0]}.{other[1]}.{parts[2]}");
        await Refused(_issuer.Token("alice", ("x", new string('x', 20_000))));
    }

    [Fact]
    public async Task A_refusal_tells_nothing_of_the_token()
    {
        var token = _issuer.Token("alice", ("iss", "https://evil.test"), ("jti", "the-secret-id"));

        var message = await Refused(token);

        message.ShouldNotContain("evil");
        message.ShouldNotContain("the-secret-id");
        message.ShouldNotContain(token.Split('.')[1][..20]);
    }

    [Fact]
    public async Task Revoked_is_a_user_up_to_then_a_device_of_it_or_a_token()
    {
        var revocations = new Revocations();
        var now = DateTimeOffset.UtcNow;
        revocations.Take([
            new(new("alice"), null, null, now, now.AddDays(1)),
            new(new("bob"), new("phone"), null, now, now.AddDays(1)),
            new(null, null, "t-1", now, now.AddDays(1)),
        ]);
        var before = ("iat", (object?)In(-10));
        var after = ("iat", (object?)In(10));

        (await Read(_issuer.Token("alice", before), revocations)).Refusal!.Message.ShouldContain("revoked");
        (await Read(_issuer.Token("alice", ("iat", null)), revocations)).Refusal!.Message.ShouldContain("revoked");
        (await Read(_issuer.Token("alice", after), revocations)).Value.ShouldNotBeNull();
        (await Read(_issuer.Token("bob", before), revocations, "phone")).Refusal.ShouldNotBeNull();
        (await Read(_issuer.Token("bob", after), revocations, "phone")).Value.ShouldNotBeNull();
        (await Read(_issuer.Token("bob", before), revocations, "laptop")).Value.ShouldNotBeNull();
        (await Read(_issuer.Token("bob", before), revocations)).Value.ShouldNotBeNull();
        (await Read(_issuer.Token("cyd", after, ("jti", "t-1")), revocations)).Refusal.ShouldNotBeNull();
        (await Read(_issuer.Token("cyd", before, ("jti", "t-2")), revocations)).Value.ShouldNotBeNull();
    }

    private static JwtOptions Shared() =>
        new()
        {
            Secret = Secret,
            Issuer = Name,
            Audience = Audience,
        };

    private JwtOptions Rsa() => Shared() with { Secret = null, PublicKey = _rsa.ExportSubjectPublicKeyInfoPem() };

    private JwtOptions Curve() => Shared() with { Secret = null, PublicKey = _curve.ExportSubjectPublicKeyInfoPem() };

    private static async Task<Grant> Granted(string token, JwtOptions? jwt = null, AuthenticationOptions? options = null)
    {
        var read = await Reader(jwt, options).Read(token, null, CancellationToken.None);
        return read.Value ?? throw new ShouldAssertException(read.Refusal!.Message);
    }

    private static async Task<string> Refused(string token, JwtOptions? jwt = null, AuthenticationOptions? options = null)
    {
        var read = await Reader(jwt, options).Read(token, null, CancellationToken.None);
        read.Value.ShouldBeNull();
        read.Refusal!.Code.ShouldBe(ErrorCodes.Unauthenticated);
        return read.Refusal.Message;
    }

    private static Task<Parsed<Grant>> Read(string token, Revocations revocations, string? device = null) =>
        Reader(null, null, revocations).Read(token, device is null ? null : new(device), CancellationToken.None);

    private static ITokenReader Reader(JwtOptions? jwt, AuthenticationOptions? options, Revocations? revocations = null)
    {
        options = (options ?? new()) with { Mode = "jwt", Jwt = jwt ?? Shared() };
        options.Problems([]).ShouldBeEmpty();
        var services = new ServiceCollection().AddSingleton(TimeProvider.System).AddPresenceIdentity(options);
        if (revocations is not null)
        {
            services.AddSingleton(revocations);
        }

        return services.BuildServiceProvider().GetRequiredService<ITokenReader>();
    }
}
