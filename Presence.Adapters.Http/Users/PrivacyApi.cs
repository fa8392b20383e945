using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Presence.Actors;
using Presence.Actors.Users;
using Presence.Adapters.Http.Documents;
using Presence.Adapters.Http.Wire;
using Presence.Core.Json;

namespace Presence.Adapters.Http.Users;

/// <summary>Who may see what of the caller.</summary>
internal static class PrivacyApi
{
    public static void MapPrivacy(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/privacy", Read).For(Access.User).Does("Who may see what of the caller.").Gives<PrivacySchema>(Examples.Privacy);
        routes
            .MapPut("/privacy", Replace)
            .For(Access.User)
            .Does("Replaces the whole; answers when it is stored.")
            .Takes<PrivacySchema>(Examples.Privacy)
            .Gives<PrivacySchema>(Examples.Privacy);
    }

    private static Task<IResult> Read(HttpContext http, Entities entities) =>
        entities.Ask<PrivacyIs>(new GetPrivacy(http.CallingUser()), Answer, http.RequestAborted);

    private static async Task<IResult> Replace(HttpContext http, PresenceOptions options, Entities entities)
    {
        var body = await http.Read(json => Payloads.PrivacyRule(json, options.Privacy.Rule));
        return body.Value is { } rule
            ? await entities.Ask<PrivacyIs>(
                new SetPrivacy(http.CallingUser(), rule, http.IsUnlimited(), http.CallingDevice()?.DeviceId),
                Answer,
                http.RequestAborted
            )
            : new ProblemAnswer(body.Refusal!);
    }

    private static JsonAnswer Answer(PrivacyIs answer) => new(writer => writer.WritePrivacy(answer.Rule));
}
