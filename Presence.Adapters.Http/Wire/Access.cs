using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Presence.Adapters.Http.Documents;
using Presence.Core;
using Presence.Core.Errors;

namespace Presence.Adapters.Http.Wire;

/// <summary>Who may call a route.</summary>
internal enum Access
{
    /// <summary>Anybody, known or not.</summary>
    Anyone = 0,

    /// <summary>A user.</summary>
    User = 1,

    /// <summary>A user, or a service that speaks for nobody.</summary>
    UserOrService = 2,

    /// <summary>A service.</summary>
    Service = 3,
}

/// <summary>The gate before every handler: first the identity, then the form of the ids in the path, so that nobody without an identity learns more.</summary>
internal static class Gate
{
    private static readonly string[] PathIds = ["user_id", "contact_id", "device_id", "conversation_id", "event_id"];

    /// <summary>Lets pass whom the access names.</summary>
    public static RouteHandlerBuilder For(this RouteHandlerBuilder route, Access access)
    {
        route.Finally(Description.AddRefusals);
        return route
            .WithMetadata(new AccessMetadata(access))
            .AddEndpointFilter(
                (context, next) =>
                    Refuse(context.HttpContext, access) is { } refusal
                        ? ValueTask.FromResult<object?>(new ProblemAnswer(refusal))
                        : next(context)
            );
    }

    private static Refusal? Refuse(HttpContext http, Access access) =>
        RefuseCaller(http, access) ?? ScopeGate.Refuse(http, access) ?? RefusePath(http);

    private static Refusal? RefuseCaller(HttpContext http, Access access)
    {
        var caller = http.Caller();
        var isUser = caller?.User is not null;
        var isService = caller is { IsService: true };
        return access switch
        {
            Access.User when !isUser => new(ErrorCodes.Unauthenticated, "this is a user's: the call must name the user"),
            Access.UserOrService when !isUser && !isService => new(ErrorCodes.Unauthenticated, "nobody is known to be calling"),
            Access.Service when !isUser && !isService => new(ErrorCodes.Unauthenticated, "nobody is known to be calling"),
            Access.Service when !isService => new(ErrorCodes.Forbidden, "only a service may do this"),
            _ => null,
        };
    }

    private static Refusal? RefusePath(HttpContext http)
    {
        foreach (var name in PathIds)
        {
            if (http.Request.RouteValues.TryGetValue(name, out var value) && !Identifier.IsValid(value as string))
            {
                return Refusal.InvalidId(name);
            }
        }

        return null;
    }
}

/// <summary>Tells the document who may call a route.</summary>
internal sealed record AccessMetadata(Access Access);
