using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Presence.Adapters.Http.Wire;

namespace Presence.Adapters.Http.Documents;

/// <summary>What a route tells the document of itself.</summary>
internal static class Description
{
    /// <summary>What it does, in a sentence.</summary>
    public static RouteHandlerBuilder Does(this RouteHandlerBuilder route, string sentence) => route.WithSummary(sentence);

    /// <summary>The body it takes.</summary>
    public static RouteHandlerBuilder Takes<T>(
        this RouteHandlerBuilder route,
        string example,
        bool isOptional = false,
        string mediaType = "application/json"
    )
        where T : notnull => route.WithMetadata(new RequestBody(typeof(T), mediaType, isOptional, example));

    /// <summary>What it answers with when all is well.</summary>
    public static RouteHandlerBuilder Gives<T>(this RouteHandlerBuilder route, string example, int status = StatusCodes.Status200OK) =>
        route.Produces<T>(status, "application/json").WithMetadata(new ResponseExample(example));

    /// <summary>All is well, and there is nothing to tell.</summary>
    public static RouteHandlerBuilder GivesNothing(this RouteHandlerBuilder route) => route.Produces(StatusCodes.Status204NoContent);

    /// <summary>A refusal beyond those that follow from the route's form.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, int status) =>
        route.Produces<ProblemSchema>(status, Problems.MediaType);

    /// <summary>Its call may, or must, name the device.</summary>
    public static RouteHandlerBuilder NamesDevice(this RouteHandlerBuilder route, bool isRequired = false) =>
        route.WithMetadata(new NamesDevice(isRequired));

    /// <summary>The refusals that follow from the route's form: who may call it, ids in its path, whether it takes a body.</summary>
    public static void AddRefusals(EndpointBuilder endpoint)
    {
        var access = endpoint.Metadata.OfType<AccessMetadata>().Single().Access;
        if (access == Access.Anyone)
        {
            return;
        }

        var takesBody = endpoint.Metadata.OfType<RequestBody>().Any();
        var hasIds = endpoint is RouteEndpointBuilder { RoutePattern.Parameters.Count: > 0 };
        Add(endpoint, takesBody || hasIds, StatusCodes.Status400BadRequest);
        Add(endpoint, true, StatusCodes.Status401Unauthorized);
        // To a service's route: by who is none. To the others: by who has a token without the scope.
        Add(endpoint, true, StatusCodes.Status403Forbidden);
        Add(endpoint, takesBody, StatusCodes.Status413PayloadTooLarge);
        Add(endpoint, takesBody, StatusCodes.Status415UnsupportedMediaType);
        Add(endpoint, true, StatusCodes.Status429TooManyRequests);
        Add(endpoint, true, StatusCodes.Status500InternalServerError);
        Add(endpoint, true, StatusCodes.Status503ServiceUnavailable);
        Add(endpoint, true, StatusCodes.Status504GatewayTimeout);
    }

    private static void Add(EndpointBuilder endpoint, bool applies, int status)
    {
        if (applies)
        {
            endpoint.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(ProblemSchema), [Problems.MediaType]));
        }
    }
}

/// <summary>The body a route takes. Not <c>Accepts</c> of the framework, by which routing itself would choose, and refuse before the caller is known.</summary>
internal sealed record RequestBody(Type Type, string MediaType, bool IsOptional, string Example);

/// <summary>The example of the good answer.</summary>
internal sealed record ResponseExample(string Json);

/// <summary>The call may, or must, name the device.</summary>
internal sealed record NamesDevice(bool IsRequired);
