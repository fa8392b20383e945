using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Presence.Core.Errors;

namespace Presence.Adapters.WebSocket;

/// <summary>Accepts a socket only to close it with the reason: a page is shown nothing of an upgrade that was refused.</summary>
internal static class TurnAway
{
    /// <summary>The longest reason of a close frame, in bytes (RFC 6455, 5.5).</summary>
    private const int MaxReason = 123;

    /// <summary>What the client may still send before it answers the close frame.</summary>
    private const int DiscardBytes = 16 * 1024;

    /// <summary>How long it may take; nobody who is not authenticated keeps a socket for longer.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Does so. Without keys, or a store, nothing is known of the client: it is to come back.</summary>
    public static async Task ServeAsync(HttpContext context, WebSocketAcceptContext acceptance, Refusal refusal, TimeProvider time)
    {
        var code = refusal.Code == ErrorCodes.Unavailable ? CloseReason.TryAgainLater.Code : CloseReason.Unauthenticated.Code;
        using var socket = await context.WebSockets.AcceptWebSocketAsync(acceptance);
        using var limit = new CancellationTokenSource(Limit, time);
        try
        {
            await socket.CloseOutputAsync((WebSocketCloseStatus)code, Reason(refusal), limit.Token);
            var buffer = new byte[1024];
            for (var left = DiscardBytes; left > 0; )
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                left -= part.Count;
            }
        }
        catch (Exception gone) when (gone is WebSocketException or IOException or OperationCanceledException or InvalidOperationException)
        {
            // It is gone, or does not answer: it has been told.
        }
    }

    private static string Reason(Refusal refusal) =>
        Encoding.UTF8.GetByteCount(refusal.Message) <= MaxReason ? refusal.Message : CloseReason.Unauthenticated.Text;
}
