using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Presence.Actors.Identity;
using Presence.Adapters.Http.Documents;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Core.Json;

namespace Presence.Adapters.Http.Identity;

/// <summary>Tokens that are not to be taken any more.</summary>
internal static class RevocationsApi
{
    private static readonly Refusal TooMany = new(
        ErrorCodes.RateLimited,
        $"{IRevocationStore.Most} revocations are held, and no more can be: give them an earlier until, or wait for their end",
        TimeSpan.FromMinutes(1)
    );

    public static void MapRevocations(this IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/revocations", Post)
            .For(Access.Service)
            .Does(
                "Takes no token any more that was issued to the user, or is brought by that device of it, up to now; or the one token with that `jti`. Closes with 4401 what was opened by them, on all nodes, and answers when that is done. Held until `until`, or as long as a token may live."
            )
            .Takes<RevocationSchema>(Examples.Revocation)
            .Gives<RevokedSchema>(Examples.Revoked)
            .Refuses(StatusCodes.Status429TooManyRequests);

    private static async Task<IResult> Post(
        HttpContext http,
        IRevocationStore store,
        TokenTimes tokens,
        TimeProvider time,
        Entities entities
    )
    {
        var body = await http.Read(body => RevocationBody.Read(body, Micros(time.GetUtcNow()), tokens.Held));
        if (body.Value is not { } revocation)
        {
            return new ProblemAnswer(body.Refusal!);
        }

        if (!await store.Add(revocation, http.RequestAborted))
        {
            return new ProblemAnswer(TooMany);
        }

        return await entities.Tell(new TokensRevoked([revocation]), http.RequestAborted) is { } refusal
            ? new ProblemAnswer(refusal)
            : Answer(revocation);
    }

    /// <summary>As the store keeps it: what is read back is the same.</summary>
    private static DateTimeOffset Micros(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));

    private static JsonAnswer Answer(Revocation revocation) =>
        new(writer =>
        {
            writer.WriteStartObject();
            if (revocation.User is { } user)
            {
                writer.WriteString("user_id"u8, user.Value);
            }

            if (revocation.Device is { } device)
            {
                writer.WriteString("device_id"u8, device.Value);
            }

            if (revocation.TokenId is { } token)
            {
                writer.WriteString("jti"u8, token);
            }

            writer.WriteTime("revoked_at"u8, revocation.At);
            writer.WriteTime("until"u8, revocation.Until);
            writer.WriteEndObject();
        });
}
