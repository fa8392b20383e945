using System.Net.WebSockets;

namespace Presence.Adapters.WebSocket.Transport;

/// <summary>One WebSocket, below messages and limits: the seam between a connection and what carries its bytes.</summary>
/// <remarks>One receive and one send at a time; the two may overlap. What goes wrong is a <see cref="WebSocketException"/> or an <see cref="IOException"/>.</remarks>
internal interface ISocketTransport
{
    /// <summary>When bytes last came in (control frames too), as <see cref="TimeProvider.GetTimestamp"/> of the system tells it; 0 where the transport can't see them.</summary>
    long LastHeard { get; }

    /// <summary>The close code that went out, be it asked for or because the peer broke the protocol; 0 while none did.</summary>
    int CloseCodeSent { get; }

    /// <summary>The next part of a message, or the peer's close frame. With an empty buffer: waits until there is data, and holds no memory while it does.</summary>
    ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Sends one text message, whole.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> text);

    /// <summary>Sends the close frame; nothing can be sent after it. A client that closes with a code of its own is answered with that, where we close with 1000.</summary>
    Task CloseAsync(int code, string text);

    /// <summary>Reads and forgets what the peer still sends, until its close frame, or until it is quiet or has sent too much: closing a TCP connection with unread bytes resets it, and the peer then loses the close frame.</summary>
    Task DrainAsync();

    /// <summary>Ends it now, whatever is under way. May be called at any time, more than once, from any thread.</summary>
    void Abort();
}
