using Microsoft.AspNetCore.Http;
using Presence.Actors.Hub;
using Presence.Adapters.WebSocket.Connections;
using Presence.Core.Errors;

namespace Presence.Adapters.WebSocket;

/// <summary>What keeps a client out that is known, and asks for a connection as it should.</summary>
internal static class Admission
{
    /// <summary>Answers with a refusal, or reads which snapshot is asked for and hands the request on.</summary>
    public static Task ServeAsync(HttpContext context, LiveConnections live, Func<SnapshotKind, Task> serve)
    {
        if (!TrySnapshot(context.Request.Query["snapshot"], out var snapshot))
        {
            return Problem.WriteAsync(
                context,
                StatusCodes.Status400BadRequest,
                Refusal.InvalidPayload("snapshot", "full, none, or absent")
            );
        }

        return live.Stopping
            ? Problem.WriteAsync(
                context,
                StatusCodes.Status503ServiceUnavailable,
                new(ErrorCodes.Unavailable, "the server is stopping", TimeSpan.FromSeconds(2))
            )
            : serve(snapshot);
    }

    private static bool TrySnapshot(string? text, out SnapshotKind kind)
    {
        (var known, kind) = text switch
        {
            null => (true, SnapshotKind.NotOffline),
            "full" => (true, SnapshotKind.Full),
            "none" => (true, SnapshotKind.None),
            _ => (false, default),
        };
        return known;
    }
}
