using System.Text.Json;
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

namespace Presence.Adapters.Http.Operations;

/// <summary>Why a viewer sees what it sees.</summary>
internal static class ExplainApi
{
    public static void MapExplain(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet("/users/{user_id}/explain", Explain)
            .For(Access.Service)
            .Does("Why a viewer sees what it sees.")
            .Gives<ExplanationSchema>(Examples.Explanation);

    private static async Task<IResult> Explain(
        HttpContext http,
        [FromRoute(Name = "user_id")] string userId,
        [FromQuery(Name = "viewer")] string? viewer,
        Entities entities
    ) =>
        viewer is null ? new ProblemAnswer(Refusal.InvalidPayload("viewer", "is missing"))
        : UserId.TryParse(viewer, out var seeing) ? await ExplainTo(seeing, new UserId(userId), entities, http.RequestAborted)
        : new ProblemAnswer(Refusal.InvalidId("viewer"));

    private static async Task<IResult> ExplainTo(UserId viewer, UserId user, Entities entities, CancellationToken aborted)
    {
        var blocks = await entities.BlockedBy(viewer == user ? null : viewer, aborted);
        return blocks.Value is not { } blocked ? new ProblemAnswer(blocks.Refusal!)
            : blocked.Contains(user) ? Answer(Explanation.OfBlock(user, viewer))
            : await entities.Ask<Explanation>(new Explain(user, viewer), Answer, aborted);
    }

    private static JsonAnswer Answer(Explanation answer) => new(writer => Write(writer, answer));

    private static void Write(Utf8JsonWriter writer, Explanation answer)
    {
        writer.WriteStartObject();
        writer.WriteString("user_id"u8, answer.Presence.UserId.Value);
        writer.WriteString("viewer"u8, answer.Viewer.Value);
        writer.WritePropertyName("presence"u8);
        writer.WritePresence(answer.Presence);
        writer.WriteBoolean("visible"u8, answer.Visible);
        writer.WriteString("rule"u8, answer.Rule);
        writer.WriteStartArray("because"u8);
        foreach (var step in answer.Because)
        {
            writer.WriteStringValue(step);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
