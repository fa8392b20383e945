using System.Net;

namespace Presence.Host.Identity;

/// <summary>How it is made out who calls. Configuration section <c>Presence:Authentication</c>.</summary>
public sealed record AuthenticationOptions
{
    /// <summary>Believes the headers <c>X-User-ID</c> and so on: of whoever can connect, and so on loopback alone.</summary>
    public const string TrustedHeaders = "trusted_headers";

    /// <summary>Believes tokens, proven as <see cref="Jwt"/> says.</summary>
    public const string JsonWebTokens = "jwt";

    /// <summary>How it is made out who calls: <c>trusted_headers</c> (the default) or <c>jwt</c>.</summary>
    public string Mode { get; init; } = TrustedHeaders;

    /// <summary>What a backend sends as <c>X-Api-Key</c> (default: none; every caller on loopback is a backend then).</summary>
    public string? ApiKey { get; init; }

    /// <summary>Further ones, each as good (default: none), so that a key can be changed without a gap.</summary>
    public string[] ApiKeys { get; init; } = [];

    /// <summary>What gateways send as <c>X-Presence-Proxy-Secret</c>; who doesn't may name no user (default: none). Beyond loopback it is needed.</summary>
    public string? ProxySecret { get; init; }

    /// <summary>Origins of browsers beside the service's own, such as <c>https://app.example.com</c>; compared whole (default: none).</summary>
    public string[] AllowedOrigins { get; init; } = [];

    /// <summary>Networks, such as <c>10.0.0.0/8</c>, whose requests are believed beside those of this machine; all others are refused (default: none). With them the service may be bound beyond loopback.</summary>
    public string[] TrustedProxies { get; init; } = [];

    /// <summary>How tokens are proven, in <c>jwt</c> mode.</summary>
    public JwtOptions Jwt { get; init; } = new();

    /// <summary>How long before its token's end a connection is told <c>token_expiring</c> (default: 1 min).</summary>
    public TimeSpan TokenExpiringNotice { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long after its token's end a connection goes on, before it is closed with 4401 (default: 10 s).</summary>
    public TimeSpan TokenGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after its issue a token is taken at most, whatever it says of itself, and so how long a revocation is held (default: 30 days).</summary>
    public TimeSpan LongestTokenLife { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Whether tokens are believed, and nothing else.</summary>
    internal bool IsJwt => Mode == JsonWebTokens;

    /// <summary>All keys by which a backend is known.</summary>
    internal IReadOnlyList<string> AllApiKeys => [.. ApiKeys.Prepend(ApiKey ?? "").Where(key => key.Length > 0)];

    /// <summary>Nothing of the keys: what is printed may be logged.</summary>
    public override string ToString() => $"{nameof(AuthenticationOptions)} {{ {nameof(Mode)} = {Mode} }}";

    /// <summary>What is wrong with these on those addresses, each with what to write instead; empty where nothing is.</summary>
    /// <param name="addresses">What the server listens on, such as <c>http://127.0.0.1:8085</c>.</param>
    public IEnumerable<string> Problems(IEnumerable<string> addresses)
    {
        if (Mode != TrustedHeaders && !IsJwt)
        {
            yield return $"Presence:Authentication:Mode is '{Mode}': write {TrustedHeaders} or {JsonWebTokens}";
        }

        foreach (var problem in TokenProblems().Concat(IsJwt ? Jwt.Problems() : []))
        {
            yield return problem;
        }

        if (ApiKey is { Length: < 16 })
        {
            yield return "Presence:Authentication:ApiKey is shorter than 16 characters, and could be guessed: write a longer one, or none";
        }

        for (var i = 0; i < ApiKeys.Length; i++)
        {
            if (ApiKeys[i].Length < 16)
            {
                yield return $"Presence:Authentication:ApiKeys:{i} is shorter than 16 characters, and could be guessed: write a longer one, or leave it out";
            }
        }

        if (ProxySecret is { } secret && (secret.Length < 16 || secret.Any(character => character is <= ' ' or > '~')))
        {
            yield return "Presence:Authentication:ProxySecret could be guessed, or sent by no header: write 16 characters or more, letters and digits, such as openssl rand -hex 24 makes";
        }

        if (!string.IsNullOrEmpty(ProxySecret) && AllApiKeys.Count == 0)
        {
            yield return "Presence:Authentication:ProxySecret is set and no ApiKey, so that every user behind the gateway would be a backend too: write a Presence:Authentication:ApiKey of 16 characters or more";
        }

        foreach (var network in TrustedProxies.Where(network => !IPNetwork.TryParse(network, out _)))
        {
            yield return $"Presence:Authentication:TrustedProxies has '{network}': write a network in CIDR notation, such as 10.0.0.0/8";
        }

        foreach (var address in addresses.Where(address => !IsJwt && !IsLoopback(address)))
        {
            if (TrustedProxies.Length == 0)
            {
                yield return $"Urls has {address}, where others can connect, and Presence:Authentication:Mode {TrustedHeaders} believes whoever connects: "
                    + "write Urls=http://127.0.0.1:8085, and let a gateway on this machine stand before it, or name the gateways' networks in "
                    + "Presence:Authentication:TrustedProxies, a Presence:Authentication:ProxySecret and a Presence:Authentication:ApiKey";
            }
            else if (AllApiKeys.Count == 0)
            {
                yield return $"Urls has {address}, where others can connect, and with no Presence:Authentication:ApiKey every caller would be a backend: write one of 16 characters or more";
            }
            else if (string.IsNullOrEmpty(ProxySecret))
            {
                yield return $"Urls has {address}, where others can connect, and with no Presence:Authentication:ProxySecret all that is in the networks of TrustedProxies could speak for anybody: write one of 16 characters or more, and let the gateways send it as X-Presence-Proxy-Secret";
            }
        }

        foreach (var origin in AllowedOrigins.Where(origin => !Origin.TryParse(origin, out _)))
        {
            yield return $"Presence:Authentication:AllowedOrigins has '{origin}': write scheme, host and port alone, such as https://app.example.com";
        }
    }

    private IEnumerable<string> TokenProblems()
    {
        if (TokenExpiringNotice < TimeSpan.Zero || TokenExpiringNotice > TimeSpan.FromHours(1))
        {
            yield return $"Presence:Authentication:TokenExpiringNotice is {TokenExpiringNotice:c}: write a time from 00:00:00 to 01:00:00, such as 00:01:00";
        }

        if (TokenGrace < TimeSpan.Zero || TokenGrace > TimeSpan.FromMinutes(5))
        {
            yield return $"Presence:Authentication:TokenGrace is {TokenGrace:c}: write a time from 00:00:00 to 00:05:00, such as 00:00:10";
        }

        if (LongestTokenLife < TimeSpan.FromMinutes(1) || LongestTokenLife > TimeSpan.FromDays(365))
        {
            yield return $"Presence:Authentication:LongestTokenLife is {LongestTokenLife:c}: write a time from 00:01:00 to 365.00:00:00, such as 30.00:00:00";
        }
    }

    /// <summary>Whether only this machine can connect there.</summary>
    internal static bool IsLoopback(string address)
    {
        var host = BindingAddress.Parse(address).Host.Trim('[', ']');
        return string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    }
}
