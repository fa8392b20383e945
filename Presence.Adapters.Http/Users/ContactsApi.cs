using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Presence.Actors.Loading;
using Presence.Adapters.Http.Documents;
using Presence.Adapters.Http.Wire;
using Presence.Core.Contacts;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Adapters.Http.Users;

/// <summary>Who is whose contact. A write is answered when it has taken effect for those online.</summary>
internal static class ContactsApi
{
    private const string Path = "/users/{user_id}/contacts";

    public static void MapContacts(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, Read).For(Access.Service).Does("The contacts, sorted.").Gives<ContactsSchema>(Examples.Contacts);
        routes
            .MapPut(Path, Replace)
            .For(Access.Service)
            .Does("Replaces all contacts; answers when it has taken effect for those online.")
            .Takes<ContactsSchema>(Examples.Contacts)
            .Gives<ContactsSchema>(Examples.Contacts);
        routes
            .MapPut(Path + "/{contact_id}", Add)
            .For(Access.Service)
            .Does("Adds one; one that is there already changes nothing.")
            .GivesNothing();
        routes
            .MapDelete(Path + "/{contact_id}", Remove)
            .For(Access.Service)
            .Does("Removes one; one that is not there changes nothing.")
            .GivesNothing();
    }

    private static async Task<IResult> Read(HttpContext http, [FromRoute(Name = "user_id")] string userId, IContactDirectory directory)
    {
        var user = new UserId(userId);
        var lists = await directory.Load([user], http.RequestAborted);
        return IdList.Result("contacts", lists.GetValueOrDefault(user, []));
    }

    private static async Task<IResult> Replace(
        HttpContext http,
        [FromRoute(Name = "user_id")] string userId,
        IContactDirectory directory,
        Entities entities
    )
    {
        var user = new UserId(userId);
        var body = await http.Read(payload => IdList.Contacts(payload, user));
        if (body.Value is not { } contacts)
        {
            return new ProblemAnswer(body.Refusal!);
        }

        try
        {
            var changed = await directory.Replace([new ContactList(user, contacts)], http.RequestAborted);
            return await Announce(http, entities, [user, .. changed]) ?? IdList.Result("contacts", contacts);
        }
        catch (ListFullException full)
        {
            return new ProblemAnswer(full.Refusal);
        }
    }

    private static async Task<IResult> Add(
        HttpContext http,
        [FromRoute(Name = "user_id")] string userId,
        [FromRoute(Name = "contact_id")] string contactId,
        IContactDirectory directory,
        Entities entities
    )
    {
        var (user, contact) = (new UserId(userId), new UserId(contactId));
        if (user == contact)
        {
            return new ProblemAnswer(Refusal.InvalidPayload("contact_id", IdList.NotOneself));
        }

        try
        {
            var changed = await directory.Add(user, contact, http.RequestAborted);
            return await Announce(http, entities, [user, contact, .. changed]) ?? Results.NoContent();
        }
        catch (ListFullException full)
        {
            return new ProblemAnswer(full.Refusal);
        }
    }

    private static async Task<IResult> Remove(
        HttpContext http,
        [FromRoute(Name = "user_id")] string userId,
        [FromRoute(Name = "contact_id")] string contactId,
        IContactDirectory directory,
        Entities entities
    )
    {
        var (user, contact) = (new UserId(userId), new UserId(contactId));
        var changed = await directory.Remove(user, contact, http.RequestAborted);
        return await Announce(http, entities, [user, contact, .. changed]) ?? Results.NoContent();
    }

    /// <summary>Those named are told even where nothing changed: an earlier try may have been written and, by a fault on the way, told nobody.</summary>
    private static async Task<IResult?> Announce(HttpContext http, Entities entities, HashSet<UserId> changed) =>
        await entities.Tell(new ContactsChanged(changed), http.RequestAborted) is { } refusal ? new ProblemAnswer(refusal) : null;
}
