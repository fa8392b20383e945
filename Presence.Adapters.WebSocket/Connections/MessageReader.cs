using System.Buffers;
using System.Net.WebSockets;
using Presence.Adapters.WebSocket.Transport;
using Presence.Core.Errors;

namespace Presence.Adapters.WebSocket.Connections;

/// <summary>One message of a client, whole, in a rented buffer; or why none comes any more.</summary>
internal readonly struct Incoming : IDisposable
{
    private readonly byte[]? _rented;
    private readonly int _length;

    private Incoming(byte[]? rented, int length, CloseReason? end) => (_rented, _length, End) = (rented, length, end);

    /// <summary>Why none comes any more; null: a message came.</summary>
    public CloseReason? End { get; }

    /// <summary>The message; until this is disposed.</summary>
    public ReadOnlyMemory<byte> Message => _rented.AsMemory(0, _length);

    /// <summary>A message.</summary>
    public static Incoming Of(byte[]? rented, int length) => new(rented, length, null);

    /// <summary>None.</summary>
    public static Incoming Ended(CloseReason reason) => new(null, 0, reason);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }
}

/// <summary>Puts the parts of a message together, under the limits: text only, and not longer than allowed, however it is fragmented.</summary>
internal static class MessageReader
{
    private const int FirstBuffer = 4096;

    /// <summary>Reads what has begun to come.</summary>
    /// <param name="transport">From where.</param>
    /// <param name="first">What the wait for data came to.</param>
    /// <param name="limit">The longest message, in bytes.</param>
    public static ValueTask<Incoming> ReadAsync(ISocketTransport transport, ValueWebSocketReceiveResult first, int limit) =>
        first switch
        {
            { MessageType: WebSocketMessageType.Close } => new(Incoming.Ended(CloseReason.Normal)),
            { MessageType: WebSocketMessageType.Binary } => new(Incoming.Ended(CloseReason.Binary)),
            { EndOfMessage: true } => new(Incoming.Of(null, 0)),
            _ => ReadTextAsync(transport, limit),
        };

    private static async ValueTask<Incoming> ReadTextAsync(ISocketTransport transport, int limit)
    {
        byte[]? buffer = ArrayPool<byte>.Shared.Rent(Math.Min(FirstBuffer, limit));
        var length = 0;
        try
        {
            while (true)
            {
                // The framework fills what it is given before it says a word: one byte over the limit must be enough.
                var part = await transport.ReceiveAsync(buffer.AsMemory(length..Math.Min(buffer.Length, limit + 1)));
                length += part.Count;
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return Incoming.Ended(CloseReason.Normal);
                }

                if (length > limit)
                {
                    return Incoming.Ended(CloseReason.TooLarge);
                }

                if (part.EndOfMessage)
                {
                    var whole = buffer;
                    buffer = null;
                    return Incoming.Of(whole, length);
                }

                if (length == buffer.Length)
                {
                    buffer = Grow(buffer, length);
                }
            }
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        // One byte more than the limit is enough to know, and the pool's sizes double: so this never takes more than twice the limit.
        var larger = ArrayPool<byte>.Shared.Rent(length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
