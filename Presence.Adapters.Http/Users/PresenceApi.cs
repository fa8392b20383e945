using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Presence.Actors.Users;
using Presence.Adapters.Http.Documents;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;
using Presence.Core.Json;
using Presence.Core.Users;

namespace Presence.Adapters.Http.Users;

/// <summary>One's own presence, and that of others as one may see it.</summary>
internal static class PresenceApi
{
    /// <summary>Routes of one segment that is an id come after every literal one, also where only the method differs; see <see cref="ReservedRoutes"/>.</summary>
    public const int AfterLiterals = 2;

    public static void MapPresence(this IEndpointRouteBuilder routes)
    {
        routes
            .MapPost("/", Choose)
            .For(Access.User)
            .NamesDevice()
            .Does("Chooses status, text and activity, as `presence_update` on a socket does; answers when it is stored.")
            .Takes<PresenceUpdateSchema>(Examples.PresenceUpdate)
            .Gives<PresenceSchema>(Examples.OwnPresence);
        routes.MapGet("/", ReadOwn).For(Access.User).Does("The own presence.").Gives<PresenceSchema>(Examples.OwnPresence);
        routes
            .MapGet("/{user_id}", Read)
            .For(Access.UserOrService)
            .WithOrder(AfterLiterals)
            .Does("The presence as the caller may see it; a route of the same name wins, so `/users/{user_id}` is the safe form.")
            .Gives<PresenceSchema>(Examples.Presence);
        routes
            .MapGet("/users/{user_id}", Read)
            .For(Access.UserOrService)
            .Does("The presence as the caller may see it. A user nobody ever heard of looks like one offline.")
            .Gives<PresenceSchema>(Examples.Presence);
        routes
            .MapPost("/bulk", ReadMany)
            .For(Access.UserOrService)
            .ReadsOnly()
            .Does("Many presences at once.")
            .Takes<UserIdsSchema>(Examples.UserIds)
            .Gives<PresencesSchema>(Examples.Presences);
        routes
            .MapPost("/heartbeat", Heartbeat)
            .For(Access.User)
            .NamesDevice(isRequired: true)
            .Does(
                "The device counts as connected until the heartbeat timeout, as a socket would. One that says it is not active is idle, and is not connected by that."
            )
            .Takes<HeartbeatSchema>(Examples.Heartbeat, isOptional: true)
            .GivesNothing();
    }

    private static async Task<IResult> Choose(HttpContext http, Entities entities)
    {
        var body = await http.Read(Payloads.PresenceUpdate);
        return body.Value is { } update
            ? await entities.Ask<PresenceUpdated>(
                new UpdatePresence(http.CallingUser(), update, http.CallingDevice(), Cause: null, http.IsUnlimited()),
                updated => JsonAnswer.Of(updated.Own),
                http.RequestAborted
            )
            : new ProblemAnswer(body.Refusal!);
    }

    private static Task<IResult> ReadOwn(HttpContext http, Entities entities) => Read(http, http.CallingUser().Value, entities);

    private static async Task<IResult> Read(HttpContext http, [FromRoute(Name = "user_id")] string userId, Entities entities)
    {
        var user = new UserId(userId);
        if (http.RefuseTargets([user]) is { } refusal)
        {
            return new ProblemAnswer(refusal);
        }

        var viewer = http.Viewer();
        var blocked = entities.BlockedBy(viewer == user ? null : viewer, http.RequestAborted);
        var read = entities.Ask(new GetPresence(user, viewer), http.RequestAborted);
        await Task.WhenAll(blocked, read);
        return (await blocked).Refusal is { } unknown ? new ProblemAnswer(unknown)
            : await read is PresenceIs answer ? JsonAnswer.Of(Shown(answer.Presence, (await blocked).Value!))
            : Entities.Problem(await read);
    }

    /// <summary>A block works both ways, and the one who is read doesn't know who blocks it.</summary>
    private static PresenceRecord Shown(PresenceRecord presence, ImmutableHashSet<UserId> blocked) =>
        blocked.Contains(presence.UserId) ? PresenceRecord.Unknown(presence.UserId) : presence;

    private static async Task<IResult> ReadMany(HttpContext http, Entities entities)
    {
        var body = await http.Read(payload => Payloads.UserIds(payload, "user_ids", min: 1, max: Payloads.MaxIds));
        if (body.Value is not { } users)
        {
            return new ProblemAnswer(body.Refusal!);
        }

        if (http.RefuseTargets(users) is { } refusal)
        {
            return new ProblemAnswer(refusal);
        }

        var viewer = http.Viewer();
        var blocks = entities.BlockedBy(viewer, http.RequestAborted);
        var presences = await Task.WhenAll(users.Select(user => ReadOrUnknown(user, viewer, entities, http.RequestAborted)));
        if ((await blocks).Value is not { } blocked)
        {
            return new ProblemAnswer((await blocks).Refusal!);
        }

        return new JsonAnswer(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject("presences"u8);
            foreach (var presence in presences)
            {
                writer.WritePropertyName(presence.UserId.Value);
                writer.WritePresence(Shown(presence, blocked));
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    /// <summary>One user who can't be had must not cost the caller all the others.</summary>
    private static async Task<PresenceRecord> ReadOrUnknown(UserId user, UserId? viewer, Entities entities, CancellationToken aborted) =>
        await entities.Ask(new GetPresence(user, viewer), aborted) is PresenceIs answer
            ? answer.Presence
            : PresenceRecord.Unknown(user) with
            {
                Certainty = Certainty.Unknown,
            };

    private static async Task<IResult> Heartbeat(HttpContext http, Entities entities)
    {
        if (http.CallingDevice() is not { } device)
        {
            return new ProblemAnswer(Refusal.InvalidPayload("X-Device-ID", "a heartbeat must name its device"));
        }

        var body = await http.ReadOptional(new HeartbeatBody(Active: null), HeartbeatBody.Read);
        return body.Value is { } heartbeat
            ? await entities.Ask<Done>(
                new HeartbeatByHttp(http.CallingUser(), device, heartbeat.Active),
                _ => Results.NoContent(),
                http.RequestAborted
            )
            : new ProblemAnswer(body.Refusal!);
    }
}
