using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Presence.Adapters.WebSocket.Frames;

namespace Presence.Adapters.WebSocket.Transport;

/// <summary>The response of <c>GET /events</c>: each frame goes out as a server-sent event, nothing comes in.</summary>
/// <remarks>Now and then a comment, so that proxies keep the connection open and the system notices a peer that is gone. See https://html.spec.whatwg.org/multipage/server-sent-events.html</remarks>
internal sealed class EventStreamTransport : ISocketTransport, IAsyncDisposable
{
    private static readonly byte[] Comment = ":\n\n"u8.ToArray();

    private readonly HttpContext _context;
    private readonly TaskCompletionSource<ValueWebSocketReceiveResult> _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _aborted;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Lock _lifetime = new();
    private readonly ITimer _comments;
    private readonly ServerSentEvents _events;
    private bool _ended;

    /// <summary>For that response.</summary>
    /// <param name="context">The request.</param>
    /// <param name="time">The clock of the comments.</param>
    /// <param name="pause">Between two comments.</param>
    /// <param name="events">The frames as it sends them.</param>
    public EventStreamTransport(HttpContext context, TimeProvider time, TimeSpan pause, ServerSentEvents events)
    {
        _context = context;
        _events = events;
        _aborted = context.RequestAborted.Register(() => _over.TrySetException(new IOException("the client is gone")));
        _comments = time.CreateTimer(_ => _ = SendCommentAsync(), null, pause, pause);
    }

    /// <summary>Always now: a client can't be heard on it, and one that is gone aborts the request.</summary>
    public long LastHeard => TimeProvider.System.GetTimestamp();

    /// <inheritdoc/>
    public int CloseCodeSent { get; private set; }

    /// <summary>Waits for the end: the client's, or after <see cref="CloseAsync"/> our own.</summary>
    public ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer) => new(_over.Task);

    /// <inheritdoc/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> text) => new(WriteAsync(_events.Of(text)));

    /// <summary>A last event that says why, since a response has no close frame.</summary>
    public async Task CloseAsync(int code, string text)
    {
        CloseCodeSent = code;
        await WriteAsync(ServerSentEvents.Close(code, text));
        _over.TrySetResult(new(0, WebSocketMessageType.Close, endOfMessage: true));
    }

    /// <summary>Nothing comes in.</summary>
    public Task DrainAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public void Abort()
    {
        lock (_lifetime)
        {
            if (!_ended)
            {
                _context.Abort();
            }
        }

        _over.TrySetException(new IOException("aborted"));
    }

    /// <summary>Before the request is over, after which its context is another's.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lifetime)
        {
            _ended = true;
        }

        await _comments.DisposeAsync();
        await _aborted.DisposeAsync();
        // A comment that is being written still has the response.
        await _writing.WaitAsync();
        _writing.Dispose();
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await _writing.WaitAsync();
        try
        {
            await _context.Response.Body.WriteAsync(bytes, _context.RequestAborted);
            await _context.Response.Body.FlushAsync(_context.RequestAborted);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Not while something is being written, which says as much.</summary>
    private async Task SendCommentAsync()
    {
        try
        {
            if (!await _writing.WaitAsync(TimeSpan.Zero))
            {
                return;
            }
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        try
        {
            await _context.Response.Body.WriteAsync(Comment, _context.RequestAborted);
            await _context.Response.Body.FlushAsync(_context.RequestAborted);
        }
        catch (Exception cause) when (cause is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It is gone, which the request's abortion tells.
        }
        finally
        {
            _writing.Release();
        }
    }
}
