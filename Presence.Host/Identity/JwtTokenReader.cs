using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Presence.Actors.Identity;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Core.Json;
using Presence.Core.Users;

namespace Presence.Host.Identity;

/// <summary>Proves JSON Web Tokens, as the framework's handler for them is configured; the one way for requests and for living sockets. What a token then means is said here.</summary>
internal sealed class JwtTokenReader : ITokenReader
{
    private static readonly string[] ScopeClaims = ["scope", "scp"];

    private readonly JwtBearerOptions _options;
    private readonly TokenValidationParameters _parameters;
    private readonly BaseConfigurationManager? _authority;
    private readonly Revocations _revocations;
    private readonly TokenTimes _times;
    private readonly TimeProvider _time;

    public JwtTokenReader(IOptions<JwtBearerOptions> options, Revocations revocations, TokenTimes times, TimeProvider time)
    {
        _options = options.Value;
        _authority = _options.ConfigurationManager as BaseConfigurationManager;
        if (_authority is not null)
        {
            // Else a key that the authority has withdrawn would be taken for another hour.
            _authority.UseLastKnownGoodConfiguration = false;
        }

        _parameters = _options.TokenValidationParameters.Clone();
        _parameters.ConfigurationManager = _authority;
        (_revocations, _times, _time) = (revocations, times, time);
    }

    public async Task<Parsed<Grant>> Read(string token, DeviceId? device, CancellationToken cancellation)
    {
        if (_authority is not null && !await HasKeys(_authority, cancellation))
        {
            return new Refusal(
                ErrorCodes.Unavailable,
                "who issues the tokens is out of reach: no token can be proven",
                TimeSpan.FromSeconds(2)
            );
        }

        var result = await _options.TokenHandlers[0].ValidateTokenAsync(token, _parameters);
        if (!result.IsValid)
        {
            return Refused(Why(result.Exception));
        }

        var read = Meaning((JsonWebToken)result.SecurityToken, result.Claims, _time.GetUtcNow());
        return read.Value is { } grant && _revocations.Cover(grant, grant.Subject, device) ? Refused("the token was revoked") : read;
    }

    /// <summary>Asked here, since the handler tells of keys that it could not fetch as it does of a token signed with an unknown one.</summary>
    private static async Task<bool> HasKeys(BaseConfigurationManager authority, CancellationToken cancellation)
    {
        try
        {
            await authority.GetBaseConfigurationAsync(cancellation);
            return true;
        }
        catch (Exception cause) when (cause is InvalidOperationException or IOException or HttpRequestException)
        {
            return false;
        }
    }

    private Parsed<Grant> Meaning(JsonWebToken token, IDictionary<string, object> claims, DateTimeOffset now)
    {
        var grant = Scopes.Limit(
            new()
            {
                Subject =
                    claims.TryGetValue(JwtRegisteredClaimNames.Sub, out var sub) && UserId.TryParse(sub as string, out var user)
                        ? user
                        : null,
                TokenId = string.IsNullOrEmpty(token.Id) ? null : token.Id,
                IssuedAt = Time(token.IssuedAt) ?? Time(token.ValidFrom),
                ExpiresAt = Time(token.ValidTo) ?? now,
            },
            [.. token.Claims.Where(claim => ScopeClaims.Contains(claim.Type)).SelectMany(claim => claim.Value.Split(' '))]
        );
        if (grant.Subject is null && !grant.IsService)
        {
            return Refused("the token's sub is no user id: 1 to 128 of A-Z a-z 0-9 . _ : @ -");
        }

        if (grant.IssuedAt > now + _parameters.ClockSkew)
        {
            // Else it would be newer than every revocation to come.
            return Refused("the token is not yet valid");
        }

        var longest = (grant.IssuedAt ?? now) + _times.LongestLife;
        if (longest < grant.ExpiresAt)
        {
            grant = grant with { ExpiresAt = longest };
        }

        return grant.ExpiresAt + _parameters.ClockSkew <= now ? Refused("the token has expired") : grant;
    }

    /// <summary>In the token's own terms, and without a word of what stands in it.</summary>
    private static string Why(Exception? cause) =>
        cause switch
        {
            SecurityTokenExpiredException => "the token has expired",
            SecurityTokenNotYetValidException => "the token is not yet valid",
            SecurityTokenNoExpirationException => "the token has no exp",
            SecurityTokenInvalidAudienceException => "the token is for another audience",
            SecurityTokenInvalidIssuerException => "the token is of another issuer",
            SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException =>
                "the token is not signed with the key of its issuer",
            _ => "the token can't be read",
        };

    private static Refusal Refused(string message) => new(ErrorCodes.Unauthenticated, message);

    private static DateTimeOffset? Time(DateTime time) =>
        time == DateTime.MinValue ? null : new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
