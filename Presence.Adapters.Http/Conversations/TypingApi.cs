using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Presence.Actors.Conversations;
using Presence.Actors.Users;
using Presence.Adapters.Http.Documents;
using Presence.Adapters.Http.Wire;
using Presence.Core.Conversations;
using Presence.Core.Json;

namespace Presence.Adapters.Http.Conversations;

/// <summary>Saying that one types, and reading who does.</summary>
internal static class TypingApi
{
    public static void MapTyping(this IEndpointRouteBuilder routes)
    {
        routes
            .MapPost("/typing", Type)
            .For(Access.User)
            .NamesDevice()
            .Does("The caller types, or stopped; the other participants are told as by a socket.")
            .Takes<TypingSchema>(Examples.Typing)
            .GivesNothing()
            .Refuses(StatusCodes.Status403Forbidden);
        routes
            .MapGet("/typing/{conversation_id}", Read)
            .For(Access.UserOrService)
            .Does("Who types there, the caller left out.")
            .Gives<TypingUsersSchema>(Examples.TypingUsers)
            .Refuses(StatusCodes.Status403Forbidden);
    }

    private static async Task<IResult> Type(HttpContext http, Entities entities)
    {
        var body = await http.Read(Payloads.Typing);
        if (body.Value is not { } request)
        {
            return new ProblemAnswer(body.Refusal!);
        }

        return http.RefuseTarget(request.ConversationId) is { } refusal
            ? new ProblemAnswer(refusal)
            : await entities.Ask<TypingAccepted>(
                // Typing by HTTP ends by time alone, so no device is named that could end it by disconnecting.
                new Actors.Users.Type(http.CallingUser(), request, Device: null, http.CallingDevice()),
                _ => Results.NoContent(),
                http.RequestAborted
            );
    }

    private static async Task<IResult> Read(
        HttpContext http,
        [FromRoute(Name = "conversation_id")] string conversationId,
        Entities entities
    )
    {
        var conversation = new ConversationId(conversationId);
        if (http.RefuseTarget(conversation) is { } refusal)
        {
            return new ProblemAnswer(refusal);
        }

        return http.Viewer() is { } viewer
            ? await entities.Ask<TypingIs>(new GetTypingSeenBy(viewer, conversation), Answer, http.RequestAborted)
            : await entities.Ask<TypingIs>(
                new GetTyping(conversation, Viewer: null, new HashSet<Core.Users.UserId>()),
                Answer,
                http.RequestAborted
            );
    }

    private static JsonAnswer Answer(TypingIs answer) => new(writer => Write(writer, answer));

    private static void Write(Utf8JsonWriter writer, TypingIs answer)
    {
        writer.WriteStartObject();
        writer.WriteString("conversation_id"u8, answer.ConversationId.Value);
        writer.WriteTypingUsers([.. answer.Typists.Select(typist => (typist.Typist, typist.EndsIn))]);
        writer.WriteNumber("count"u8, answer.Typists.Length);
        writer.WriteEndObject();
    }
}
