using System.Text.Json;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Core.Json;
using Presence.Core.Users;

namespace Presence.Adapters.Http.Identity;

/// <summary>The body of <c>POST /revocations</c>.</summary>
internal static class RevocationBody
{
    /// <summary>Reads it.</summary>
    /// <param name="body">The body.</param>
    /// <param name="now">When it was said.</param>
    /// <param name="longestLife">How long it holds where it does not say.</param>
    public static Parsed<Revocation> Read(JsonElement body, DateTimeOffset now, TimeSpan longestLife)
    {
        string? user = null;
        string? device = null;
        string? token = null;
        if (body.TryGet("user_id", out _) && !Payloads.TryId(body, "user_id", out user))
        {
            return Refusal.InvalidId("user_id");
        }

        if (body.TryGet("device_id", out _) && !Payloads.TryId(body, "device_id", out device))
        {
            return Refusal.InvalidId("device_id");
        }

        if (body.TryGet("jti", out var id) && (!id.TryText(out token) || token.Length is 0 or > Revocation.MaxTokenId))
        {
            return Refusal.InvalidPayload("jti", $"a token's id, a string of 1 to {Revocation.MaxTokenId} characters");
        }

        if (token is null == (user is null) || (token is not null && device is not null))
        {
            return Refusal.InvalidPayload("user_id", "either a user_id, perhaps with one of its device_ids, or the jti of one token");
        }

        return TryUntil(body, now, longestLife, out var until)
            ? new Revocation(user is null ? null : new UserId(user), device is null ? null : new DeviceId(device), token, now, until)
            : Refusal.InvalidPayload("until", "a time to come, as RFC 3339 writes it, before which such tokens have expired");
    }

    private static bool TryUntil(JsonElement body, DateTimeOffset now, TimeSpan longestLife, out DateTimeOffset until)
    {
        until = now + longestLife;
        return !body.TryGet("until", out var value)
            || (value.TryText(out var text) && Rfc3339.TryParse(text, out until) && until > now && until.Year < 9999);
    }
}
