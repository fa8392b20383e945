using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Presence.Adapters.Http.Users;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;

namespace Presence.Adapters.Http;

/// <summary>The words of the first segment that are routes, and so never the user of that name, whatever the method.</summary>
/// <remarks>Without these <c>GET /bulk</c> would read the presence of a user called "bulk", and a client's slip would look like an answer.</remarks>
internal static class ReservedRoutes
{
    /// <summary>Before <see cref="PresenceApi.AfterLiterals"/>, and after the routes themselves, whoever maps them.</summary>
    private const int AfterRoutes = PresenceApi.AfterLiterals - 1;

    /// <summary>Each word with the methods that it takes.</summary>
    public static IReadOnlyDictionary<string, string[]> Words { get; } =
        new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["asyncapi.json"] = [HttpMethods.Get],
            ["bulk"] = [HttpMethods.Post],
            ["devices"] = [HttpMethods.Get],
            ["docs"] = [HttpMethods.Get],
            ["events"] = [HttpMethods.Get, HttpMethods.Post],
            ["health"] = [HttpMethods.Get, HttpMethods.Head],
            ["heartbeat"] = [HttpMethods.Post],
            ["import"] = [HttpMethods.Post],
            ["metrics"] = [HttpMethods.Get],
            ["openapi.json"] = [HttpMethods.Get],
            ["privacy"] = [HttpMethods.Get, HttpMethods.Put],
            ["revocations"] = [HttpMethods.Post],
            ["stats"] = [HttpMethods.Get],
            ["tickets"] = [HttpMethods.Post],
            ["typing"] = [HttpMethods.Post],
            ["ws"] = [HttpMethods.Get],
        };

    public static void MapReserved(this IEndpointRouteBuilder routes)
    {
        foreach (var (word, methods) in Words)
        {
            routes
                .Map("/" + word, (HttpContext http) => Refuse(http, methods))
                .WithOrder(AfterRoutes)
                .WithDisplayName($"reserved /{word}")
                .ExcludeFromDescription();
        }
    }

    private static ProblemAnswer Refuse(HttpContext http, string[] methods)
    {
        if (methods.Contains(http.Request.Method, StringComparer.Ordinal))
        {
            return new(new Refusal(ErrorCodes.NotFound, "this route is not served here"));
        }

        http.Response.Headers.Allow = string.Join(", ", methods);
        return new(new Refusal(ErrorCodes.MethodNotAllowed, "the route is not for this method; Allow names those it is for"));
    }
}
