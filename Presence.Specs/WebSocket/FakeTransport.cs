using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using Presence.Adapters.WebSocket.Transport;

namespace Presence.Specs.WebSocket;

/// <summary>A socket whose peer reads when the spec says so.</summary>
internal sealed class FakeTransport : ISocketTransport
{
    private readonly Channel<byte[]> _received = Channel.CreateUnbounded<byte[]>();
    private TaskCompletionSource? _blocked;

    /// <summary>Whether the peer reads nothing.</summary>
    public bool Stuck { get; set; }

    /// <summary>What was handed over, the last of it perhaps not yet read.</summary>
    public List<string> Sent { get; } = [];

    /// <summary>How many sends are under way; two at once are a mistake.</summary>
    public int Overlap { get; private set; }

    public TaskCompletionSource<int> Closed { get; } = new();

    public TaskCompletionSource Aborted { get; } = new();

    public long LastHeard => 0;

    public int CloseCodeSent => Closed.Task.IsCompleted ? Closed.Task.Result : 0;

    public async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            await _received.Reader.WaitToReadAsync();
            return new(0, WebSocketMessageType.Text, endOfMessage: false);
        }

        var message = await _received.Reader.ReadAsync();
        message.CopyTo(buffer);
        return new(message.Length, WebSocketMessageType.Text, endOfMessage: true);
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> text)
    {
        Overlap = _blocked is null ? Overlap : Overlap + 1;
        Sent.Add(Encoding.UTF8.GetString(text.Span));
        if (!Stuck)
        {
            return default;
        }

        _blocked = new();
        return new(_blocked.Task);
    }

    public Task CloseAsync(int code, string text)
    {
        Closed.TrySetResult(code);
        return Task.CompletedTask;
    }

    public Task DrainAsync() => Task.CompletedTask;

    public void Abort()
    {
        Aborted.TrySetResult();
        _received.Writer.TryComplete(new IOException("aborted"));
        Interlocked.Exchange(ref _blocked, null)?.TrySetException(new IOException("aborted"));
    }

    /// <summary>The peer reads one frame.</summary>
    public void Take() => Interlocked.Exchange(ref _blocked, null)?.TrySetResult();

    /// <summary>The peer reads on.</summary>
    public void Unstick()
    {
        Stuck = false;
        Take();
    }

    /// <summary>The peer sends that.</summary>
    public void Receive(string text) => _received.Writer.TryWrite(Encoding.UTF8.GetBytes(text));
}
