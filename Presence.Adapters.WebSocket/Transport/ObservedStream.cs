using System.Buffers.Binary;

namespace Presence.Adapters.WebSocket.Transport;

/// <summary>The bytes of an upgraded connection, with a note of when some last came in, and with a check of what they are.</summary>
/// <remarks>
/// System.Net.WebSockets answers pings and swallows pongs without a word to its caller, and both show that a client lives: so it is seen here, below it.
/// Disposing it leaves the connection alone, which the web server owns.
/// </remarks>
/// <param name="inner">The connection.</param>
/// <param name="check">What may come in.</param>
internal sealed class ObservedStream(Stream inner, FrameCheck check) : Stream
{
    private const byte FinalCloseFrame = 0x88;
    private const int ProtocolError = 1002;

    /// <summary>What has come in and had no room in the reader's buffer.</summary>
    private ReadOnlyMemory<byte> _waiting;
    private long _lastHeard;
    private int _closeCodeSent;

    /// <summary>When bytes last came in.</summary>
    public long LastHeard => Volatile.Read(ref _lastHeard);

    /// <summary>The code of the close frame that went out; 0 while none did.</summary>
    public int CloseCodeSent => Volatile.Read(ref _closeCodeSent);

    /// <summary>Whether the client's close frame has come in.</summary>
    public bool CloseReceived => check.CloseReceived;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_waiting.IsEmpty)
        {
            return new(HandOn(_waiting, buffer));
        }

        // The wait of an idle socket is handed through, so that it costs no state machine. The read that follows it is seen.
        return buffer.IsEmpty ? inner.ReadAsync(buffer, cancellationToken) : SeeAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // The framework writes a frame at a time, and closes by itself when the peer breaks the protocol: the code is told nowhere else.
        if (buffer.Span is [FinalCloseFrame, _, _, _, ..] frame)
        {
            if (check.Verdict != 0 && BinaryPrimitives.ReadUInt16BigEndian(frame[2..]) == ProtocolError)
            {
                // What the framework was shown is not what the client sent.
                buffer = (byte[])[FinalCloseFrame, 2, (byte)(check.Verdict >> 8), (byte)check.Verdict];
            }

            Volatile.Write(ref _closeCodeSent, BinaryPrimitives.ReadUInt16BigEndian(buffer.Span[2..]));
        }

        return inner.WriteAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask<int> SeeAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> seen;
        do
        {
            var count = await inner.ReadAsync(buffer, cancellation);
            if (count == 0)
            {
                return 0;
            }

            Volatile.Write(ref _lastHeard, TimeProvider.System.GetTimestamp());
            seen = check.See(buffer[..count]);
        } while (seen.IsEmpty);

        return HandOn(seen, buffer);
    }

    private int HandOn(ReadOnlyMemory<byte> seen, Memory<byte> buffer)
    {
        var count = Math.Min(seen.Length, buffer.Length);
        // As a rule it stands there already: nothing was held back or put in its place, so nothing can remain either.
        seen[..count].CopyTo(buffer);
        _waiting = seen[count..];
        return count;
    }
}
