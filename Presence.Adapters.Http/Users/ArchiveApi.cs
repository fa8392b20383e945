using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Presence.Actors.Users;
using Presence.Adapters.Http.Documents;
using Presence.Adapters.Http.Wire;
using Presence.Core.Users;

namespace Presence.Adapters.Http.Users;

/// <summary>All that is kept of a user: handed out, and erased.</summary>
internal static class ArchiveApi
{
    public static void MapArchive(this IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/users/{user_id}/export", Export)
            .For(Access.Service)
            .Does("All that is kept of the user, the journal too; of one nobody heard of, nothing.")
            .Gives<ExportSchema>(Examples.Export);
        routes
            .MapDelete("/users/{user_id}", Erase)
            .For(Access.Service)
            .Does(
                "Erases all that is kept of the user, the journal too; sockets close with 4403, watchers see offline. Asked again, it finishes what was left."
            )
            .GivesNothing();
    }

    private static async Task<IResult> Export(
        HttpContext http,
        [FromRoute(Name = "user_id")] string userId,
        IUserArchive archive,
        TimeProvider time,
        Entities entities
    )
    {
        var user = new UserId(userId);
        // First what lives, then what is stored: who connects in between is in one of the two.
        return await entities.Ask(new GetPresence(user, Viewer: null), http.RequestAborted) switch
        {
            PresenceIs presence => await entities.Ask(new GetDevices(user, All: true), http.RequestAborted) switch
            {
                DevicesAre devices => Answer(presence, devices, await archive.Export(user, http.RequestAborted), time),
                var other => Entities.Problem(other),
            },
            var other => Entities.Problem(other),
        };
    }

    private static JsonAnswer Answer(PresenceIs presence, DevicesAre devices, KeptOfUser kept, TimeProvider time)
    {
        var at = time.GetUtcNow();
        return new(writer => ExportJson.Write(writer, presence.Presence, devices, kept, at));
    }

    private static Task<IResult> Erase(HttpContext http, [FromRoute(Name = "user_id")] string userId, Entities entities) =>
        entities.Ask<Done>(new EraseUser(new UserId(userId)), _ => Results.NoContent(), http.RequestAborted);
}
