using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Presence.Actors.Loading;
using Presence.Adapters.Http.Documents;
using Presence.Adapters.Http.Users;
using Presence.Adapters.Http.Wire;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Adapters.Http.Conversations;

/// <summary>Who takes part in which conversation. A write is answered when it has taken effect for those online.</summary>
internal static class ConversationsApi
{
    private const string Path = "/conversations/{conversation_id}/participants";

    public static void MapConversations(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, Read).For(Access.Service).Does("The participants, sorted.").Gives<ParticipantsSchema>(Examples.Participants);
        routes
            .MapPut(Path, Replace)
            .For(Access.Service)
            .Does("Replaces all participants; answers when it has taken effect for those online.")
            .Takes<ParticipantsSchema>(Examples.Participants)
            .Gives<ParticipantsSchema>(Examples.Participants);
        routes
            .MapPut(Path + "/{user_id}", Add)
            .For(Access.Service)
            .Does("Adds one; one that is there already changes nothing.")
            .GivesNothing();
        routes
            .MapDelete(Path + "/{user_id}", Remove)
            .For(Access.Service)
            .Does("Removes one; one that is not there changes nothing.")
            .GivesNothing();
    }

    private static async Task<IResult> Read(
        HttpContext http,
        [FromRoute(Name = "conversation_id")] string conversationId,
        IConversationDirectory directory
    )
    {
        var conversation = new ConversationId(conversationId);
        var lists = await directory.Load([conversation], http.RequestAborted);
        return IdList.Result("participants", lists.GetValueOrDefault(conversation, []));
    }

    private static async Task<IResult> Replace(
        HttpContext http,
        [FromRoute(Name = "conversation_id")] string conversationId,
        IConversationDirectory directory,
        Entities entities
    )
    {
        var conversation = new ConversationId(conversationId);
        var body = await http.Read(IdList.Participants);
        if (body.Value is not { } participants)
        {
            return new ProblemAnswer(body.Refusal!);
        }

        try
        {
            await directory.Replace([new ParticipantList(conversation, participants)], http.RequestAborted);
        }
        catch (ListFullException full)
        {
            return new ProblemAnswer(full.Refusal);
        }

        return await Announce(http, entities, conversation) ?? IdList.Result("participants", participants);
    }

    private static async Task<IResult> Add(
        HttpContext http,
        [FromRoute(Name = "conversation_id")] string conversationId,
        [FromRoute(Name = "user_id")] string userId,
        IConversationDirectory directory,
        Entities entities
    )
    {
        var conversation = new ConversationId(conversationId);
        try
        {
            await directory.Add(conversation, new UserId(userId), http.RequestAborted);
        }
        catch (ListFullException full)
        {
            return new ProblemAnswer(full.Refusal);
        }

        return await Announce(http, entities, conversation) ?? Results.NoContent();
    }

    private static async Task<IResult> Remove(
        HttpContext http,
        [FromRoute(Name = "conversation_id")] string conversationId,
        [FromRoute(Name = "user_id")] string userId,
        IConversationDirectory directory,
        Entities entities
    )
    {
        var conversation = new ConversationId(conversationId);
        await directory.Remove(conversation, new UserId(userId), http.RequestAborted);
        return await Announce(http, entities, conversation) ?? Results.NoContent();
    }

    /// <summary>Told even where nothing changed: an earlier try may have been written and, by a fault on the way, told nobody.</summary>
    private static async Task<IResult?> Announce(HttpContext http, Entities entities, ConversationId conversation) =>
        await entities.Tell(new ParticipantsChanged([conversation]), http.RequestAborted) is { } refusal
            ? new ProblemAnswer(refusal)
            : null;
}
