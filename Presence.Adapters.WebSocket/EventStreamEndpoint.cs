using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Presence.Actors.Hub;
using Presence.Adapters.WebSocket.Connections;
using Presence.Adapters.WebSocket.Frames;
using Presence.Adapters.WebSocket.Transport;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Core.Sessions;

namespace Presence.Adapters.WebSocket;

/// <summary>Serves what a socket would be pushed as server-sent events, for where WebSocket is not to be had.</summary>
internal sealed class EventStreamEndpoint(Admission admission, LiveConnections live, ConnectionServices services)
{
    /// <summary>The longest cursor taken back, in characters, with the events behind it; a longer one is none of ours.</summary>
    private const int MaxCursor = 3_072;

    /// <summary>Serves one request, for as long as its stream lives.</summary>
    public Task ServeAsync(HttpContext context)
    {
        if (context.Features.Get<Caller>() is not { User: { } user } caller)
        {
            return Problem.WriteAsync(context, StatusCodes.Status401Unauthorized, new(ErrorCodes.Unauthenticated, "no user is named"));
        }

        if (caller.Grant is { MayRead: false })
        {
            return Problem.WriteAsync(
                context,
                StatusCodes.Status403Forbidden,
                new(ErrorCodes.Forbidden, $"the token has not the scope {Scopes.Read}")
            );
        }

        // EventSource sends the header by itself, and only when it reconnects; a page that opens a new one has to say it in the query.
        string? cursor = context.Request.Headers["Last-Event-ID"];
        cursor ??= context.Request.Query["last_event_id"];
        if (cursor?.Length > MaxCursor)
        {
            return Problem.WriteAsync(
                context,
                StatusCodes.Status400BadRequest,
                Refusal.InvalidPayload("last_event_id", $"a cursor of at most {MaxCursor} characters")
            );
        }

        return admission.ServeAsync(
            context,
            user,
            (snapshot, active) =>
                StreamAsync(
                    context,
                    new(user, caller.Device, caller.Info, snapshot, Batches: false, Resume(cursor))
                    {
                        Active = active,
                        Grant = caller.Grant,
                    }
                )
        );
    }

    /// <summary>A stream has no token: who it is says the request, and where it was the cursor. One that is none of ours is no error: the client is new then, and is told so.</summary>
    private static ResumeRequest? Resume(string? text)
    {
        var parts = text?.Split(ServerSentEvents.Separator, 2) ?? [];
        if (parts.Length == 0 || !Cursor.TryParse(parts[0], out var cursor))
        {
            return null;
        }

        var had = EventsHad.None;
        return parts.Length == 1 || EventsHad.TryParse(parts[1], out had) ? new(null, cursor, had) : null;
    }

    private async Task StreamAsync(HttpContext context, ConnectionRequest request)
    {
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            // Else the server would cut off a slow reader before the limit that holds for sockets too.
            rate.MinDataRate = null;
        }

        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        // nginx would gather what is pushed.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        var events = new ServerSentEvents(request.Resume?.Events ?? EventsHad.None, services.Options.Limits.Events);
        await using var transport = new EventStreamTransport(context, services.Time, services.Options.HeartbeatInterval, events);
        PeerTimeout.Set(context, services.Options.HeartbeatTimeout - services.Options.HeartbeatInterval);
        await live.ServeAsync(new ClientConnection(request, transport, services));
    }
}
