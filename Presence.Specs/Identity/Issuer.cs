using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Presence.Specs.Identity;

/// <summary>Who issues the tokens of specs, good and bad.</summary>
internal sealed class Issuer
{
    public const string Name = "https://issuer.test";
    public const string Audience = "presence";
    public const string Secret = "a secret that is known to two alone, and to nobody else";

    private readonly SigningCredentials _credentials;

    public Issuer(SigningCredentials? credentials = null) =>
        _credentials = credentials ?? new(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(Secret)), SecurityAlgorithms.HmacSha256);

    /// <summary>The settings of a host that takes its tokens.</summary>
    public static string[] Settings =>
        [
            "Presence:Authentication:Mode=jwt",
            $"Presence:Authentication:Jwt:Secret={Secret}",
            $"Presence:Authentication:Jwt:Issuer={Name}",
            $"Presence:Authentication:Jwt:Audience={Audience}",
        ];

    public static Issuer With(RSA key, string algorithm = SecurityAlgorithms.RsaSha256) =>
        new(new SigningCredentials(new RsaSecurityKey(key), algorithm));

    public static Issuer With(ECDsa key) => new(new SigningCredentials(new ECDsaSecurityKey(key), SecurityAlgorithms.EcdsaSha256));

    /// <summary>A token of five minutes for that user; what is given beside wins, and null leaves a claim out.</summary>
    public string Token(object? sub, params (string Name, object? Value)[] claims)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var all = new Dictionary<string, object?>
        {
            ["sub"] = sub,
            ["iss"] = Name,
            ["aud"] = Audience,
            ["iat"] = now,
            ["exp"] = now + 300,
        };
        foreach (var (name, value) in claims)
        {
            all[name] = value;
        }

        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        return handler.CreateToken(Json(all), _credentials);
    }

    /// <summary>One of a backend.</summary>
    public string Service(params (string Name, object? Value)[] claims) => Token("backend", [("scope", "presence.service"), .. claims]);

    /// <summary>The same content, signed by nobody.</summary>
    public static string Unsigned(string token) => $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{token.Split('.')[1]}.";

    public static long In(double seconds) => DateTimeOffset.UtcNow.ToUnixTimeSeconds() + (long)seconds;

    private static string Json(Dictionary<string, object?> claims) =>
        System.Text.Json.JsonSerializer.Serialize(claims.Where(claim => claim.Value is not null).ToDictionary());
}
