using Microsoft.AspNetCore.Http;
using Presence.Actors.Hub;
using Presence.Adapters.WebSocket.Connections;
using Presence.Adapters.WebSocket.Limits;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Adapters.WebSocket;

/// <summary>What keeps a client out that is known, and asks for a connection as it should.</summary>
internal sealed class Admission(LiveConnections live, SocketPlaces places)
{
    /// <summary>Answers with a refusal, or reads which snapshot is asked for, and whether the person is active, and hands the request on, which keeps its place until it is done.</summary>
    public async Task ServeAsync(HttpContext context, UserId user, Func<SnapshotKind, bool?, Task> serve)
    {
        if (!TrySnapshot(context.Request.Query["snapshot"], out var snapshot))
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, Refusal.InvalidPayload("snapshot", "full, none, or absent"));
        }
        else if (!TryActive(context.Request.Query["active"], out var active))
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, Refusal.InvalidPayload("active", "true, false, or absent"));
        }
        else if (places.Take(user) is { } full)
        {
            await RefuseAsync(context, full);
        }
        else
        {
            try
            {
                var early = places.HasTurn() ? null : await places.WaitTurnAsync(context.RequestAborted);
                await ((early ?? Stopping()) is { } refusal ? RefuseAsync(context, refusal) : serve(snapshot, active));
            }
            finally
            {
                places.Release(user);
            }
        }
    }

    private Refusal? Stopping() => live.Stopping ? new(ErrorCodes.Unavailable, "the server is stopping", TimeSpan.FromSeconds(2)) : null;

    private static Task RefuseAsync(HttpContext context, Refusal refusal) =>
        Problem.WriteAsync(
            context,
            refusal.Code == ErrorCodes.RateLimited ? StatusCodes.Status429TooManyRequests : StatusCodes.Status503ServiceUnavailable,
            refusal
        );

    private static bool TryActive(string? text, out bool? active)
    {
        (var known, active) = text switch
        {
            null => (true, null),
            "true" => (true, true),
            "false" => (true, (bool?)false),
            _ => (false, null),
        };
        return known;
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
