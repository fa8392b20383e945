using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Presence.Core.Errors;
using Presence.Core.Identity;

namespace Presence.Adapters.Http.Wire;

/// <summary>The part of the gate that looks at what the caller's token grants.</summary>
internal static class ScopeGate
{
    private static readonly Refusal NoRead = new(ErrorCodes.Forbidden, $"the token has not the scope {Scopes.Read}");
    private static readonly Refusal NoWrite = new(ErrorCodes.Forbidden, $"the token has not the scope {Scopes.Write}");

    /// <summary>It changes nothing, though its method is not GET. All other routes with another method count as writes.</summary>
    public static RouteHandlerBuilder ReadsOnly(this RouteHandlerBuilder route) => route.WithMetadata(ReadsMetadata.Instance);

    /// <summary>Why the caller's token does not do for this route; null: it does, or there is none.</summary>
    public static Refusal? Refuse(HttpContext http, Access access)
    {
        if (access == Access.Anyone || http.Caller()?.Grant is not { } grant)
        {
            return null;
        }

        var reads = HttpMethods.IsGet(http.Request.Method) || http.GetEndpoint()?.Metadata.GetMetadata<ReadsMetadata>() is not null;
        return reads ? (grant.MayRead ? null : NoRead)
            : grant.MayWrite ? null
            : NoWrite;
    }

    private sealed record ReadsMetadata
    {
        public static ReadsMetadata Instance { get; } = new();
    }
}
