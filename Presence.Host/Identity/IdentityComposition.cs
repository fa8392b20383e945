using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Presence.Actors.Identity;
using Presence.Core.Identity;

namespace Presence.Host.Identity;

/// <summary>Puts into the host how it is made out who calls.</summary>
internal static class IdentityComposition
{
    /// <summary>The largest token that is looked at, in bytes; what is longer is no token of ours, and costs nothing.</summary>
    private const int MaxTokenBytes = 16 * 1024;

    /// <summary>How often at most the authority's keys are fetched anew, when a token comes that is signed with an unknown one.</summary>
    private static readonly TimeSpan KeysAgain = TimeSpan.FromSeconds(30);

    /// <summary>How often they are fetched anew when no such token comes: one that was withdrawn is taken no longer.</summary>
    private static readonly TimeSpan KeysAnyway = TimeSpan.FromHours(1);

    /// <summary>How long the authority may take.</summary>
    private static readonly TimeSpan AuthorityLimit = TimeSpan.FromSeconds(3);

    public static IServiceCollection AddPresenceIdentity(this IServiceCollection services, AuthenticationOptions options)
    {
        services
            .AddSingleton<Revocations>()
            .AddSingleton(
                new TokenTimes(options.TokenExpiringNotice, options.TokenGrace, options.LongestTokenLife)
                {
                    ClockSkew = options.Jwt.ClockSkew,
                }
            );
        if (!options.IsJwt)
        {
            return services;
        }

        services.AddOptions<JwtBearerOptions>().Configure(bearer => Configure(bearer, options.Jwt));
        // The handler's own: it gets the authority's keys, and keeps them fresh. The handler itself is of no use, for tokens come over living sockets too.
        return services
            .AddSingleton<IPostConfigureOptions<JwtBearerOptions>, JwtBearerPostConfigureOptions>()
            .AddSingleton<ITokenReader, JwtTokenReader>();
    }

    /// <summary>After those who refuse whole requests; before those who serve them.</summary>
    public static void UsePresenceIdentity(this IApplicationBuilder app, AuthenticationOptions options)
    {
        app.UseMiddleware<TicketMiddleware>();
        if (options.IsJwt)
        {
            app.UseMiddleware<JwtMiddleware>();
        }
        else
        {
            app.UseMiddleware<TrustedHeadersMiddleware>();
        }
    }

    /// <summary>Those that were said before this node started: it takes no token before it knows of them.</summary>
    /// <exception cref="Core.Errors.StoreUnavailableException">The store is out of reach.</exception>
    public static async Task ReadRevocations(this IServiceProvider services)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var said = await services.GetRequiredService<IRevocationStore>().Said(DateTimeOffset.UnixEpoch, now, CancellationToken.None);
        services.GetRequiredService<Revocations>().Take(said);
    }

    private static void Configure(JwtBearerOptions bearer, JwtOptions jwt)
    {
        var (key, algorithms) = Key(jwt);
        bearer.MapInboundClaims = false;
        bearer.TokenHandlers.Clear();
        bearer.TokenHandlers.Add(new JsonWebTokenHandler { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxTokenBytes });
        bearer.TokenValidationParameters = new()
        {
            IssuerSigningKey = key,
            // By the kind of key, not by what the token says of itself: "none", and HS256 with the text of a public key, are refused.
            ValidAlgorithms = algorithms,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            RequireAudience = true,
            ValidateIssuerSigningKey = true,
            ValidIssuer = string.IsNullOrEmpty(jwt.Issuer) ? null : jwt.Issuer,
            ValidAudience = jwt.Audience,
            ClockSkew = jwt.ClockSkew,
        };
        if (string.IsNullOrEmpty(jwt.Authority))
        {
            return;
        }

        bearer.Authority = jwt.Authority;
        // Plain http was let pass on this machine alone.
        bearer.RequireHttpsMetadata = jwt.Authority.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        bearer.RefreshInterval = KeysAgain;
        bearer.AutomaticRefreshInterval = KeysAnyway;
        bearer.BackchannelTimeout = AuthorityLimit;
    }

    private static (SecurityKey? Key, string[] Algorithms) Key(JwtOptions jwt) =>
        !string.IsNullOrEmpty(jwt.Secret)
            ? (new SymmetricSecurityKey(Encoding.UTF8.GetBytes(jwt.Secret)), [SecurityAlgorithms.HmacSha256])
            : jwt.ReadPublicKey() switch
            {
                RSA rsa => (new RsaSecurityKey(rsa), [SecurityAlgorithms.RsaSha256]),
                ECDsa curve => (new ECDsaSecurityKey(curve), [SecurityAlgorithms.EcdsaSha256]),
                _ => (null, [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256]),
            };
}
