using System.Buffers;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace Presence.Adapters.WebSocket.Transport;

/// <summary>The WebSocket of ASP.NET's standard middleware.</summary>
/// <param name="context">The request it came by, which lives as long as it.</param>
/// <param name="socket">The socket.</param>
/// <param name="stream">Its bytes, where they can be observed: not in a server that hands out sockets of its own.</param>
internal sealed class StandardTransport(HttpContext context, System.Net.WebSockets.WebSocket socket, ObservedStream? stream)
    : ISocketTransport,
        IDisposable
{
    private const int DrainBytes = 16 * 1024 * 1024;

    /// <summary>A client that sends nothing for that long after our close frame has read it and waits for the end, or never will.</summary>
    private static readonly TimeSpan DrainQuiet = TimeSpan.FromSeconds(1);

    private readonly Lock _lifetime = new();
    private bool _over;

    /// <inheritdoc/>
    public long LastHeard => stream?.LastHeard ?? 0;

    /// <inheritdoc/>
    public int CloseCodeSent => stream?.CloseCodeSent ?? 0;

    /// <inheritdoc/>
    public ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer) => socket.ReceiveAsync(buffer, CancellationToken.None);

    /// <inheritdoc/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> text) =>
        socket.SendAsync(text, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, CancellationToken.None);

    /// <inheritdoc/>
    public Task CloseAsync(int code, string text) =>
        socket.State is WebSocketState.Open or WebSocketState.CloseReceived
            ? socket.CloseOutputAsync(Echo((WebSocketCloseStatus)code), text, CancellationToken.None)
            : Task.CompletedTask;

    /// <inheritdoc/>
    public async Task DrainAsync()
    {
        if (stream is null)
        {
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        var left = DrainBytes;
        try
        {
            while (left > 0 && !stream.CloseReceived)
            {
                using var quiet = new CancellationTokenSource(DrainQuiet);
                var count = await stream.ReadAsync(buffer, quiet.Token);
                if (count == 0)
                {
                    return;
                }

                left -= count;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // Quiet, or gone: either way nothing is left to read.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public void Abort()
    {
        lock (_lifetime)
        {
            // The server may use the context of a request that is over for another one.
            if (!_over)
            {
                socket.Abort();
                context.Abort();
            }
        }
    }

    /// <summary>The request is about to end; nothing may touch its context from here on.</summary>
    /// <remarks>The socket itself is not disposed: it holds nothing, and the middleware takes a disposal of a socket whose peer broke the protocol for a reason to reset the connection, and the close frame with it.</remarks>
    public void Dispose()
    {
        lock (_lifetime)
        {
            _over = true;
        }
    }

    /// <summary>The client's own code answers its goodbye, see https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1</summary>
    private WebSocketCloseStatus Echo(WebSocketCloseStatus ours) =>
        ours == WebSocketCloseStatus.NormalClosure && socket.CloseStatus is { } theirs and not WebSocketCloseStatus.Empty ? theirs : ours;
}
