using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Presence.Adapters.Http.Documents;
using Presence.Adapters.Http.Wire;
using Presence.Core.Contacts;
using Presence.Core.Conversations;

namespace Presence.Adapters.Http.Import;

/// <summary>Fills the directories from a stream of lines, of any length.</summary>
internal static class ImportApi
{
    public const string MediaType = "application/x-ndjson";

    public static void MapImport(this IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/import", Import)
            .For(Access.Service)
            .Does("Fills the directories, a list a line, of any length; what was taken before a fault stays, and lines may be sent again.")
            .Takes<ImportLineSchema>(Examples.ImportLine, mediaType: MediaType)
            .Gives<ImportSchema>(Examples.Import);

    private static async Task<IResult> Import(
        HttpContext http,
        IContactDirectory contacts,
        IConversationDirectory conversations,
        Entities entities
    )
    {
        if (Bodies.HasBody(http) && !Bodies.IsJson(http.Request, MediaType, "application/jsonl"))
        {
            return new ProblemAnswer(Bodies.WrongMediaType(MediaType));
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            // Each line has a limit, and nothing is kept of those that are written.
            limit.MaxRequestBodySize = null;
        }

        var limits = http.Limits();
        var importer = new Importer(contacts, conversations, entities, limits);
        var lines = new LineReader(http.Request.BodyReader, limits.ImportLineBytes).ReadAll(http.RequestAborted);
        return await importer.Run(lines, http.RequestAborted) is { } refusal
            ? new ProblemAnswer(refusal)
            : new JsonAnswer(importer.WriteTo);
    }
}
