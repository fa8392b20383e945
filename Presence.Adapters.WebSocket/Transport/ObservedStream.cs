using System.Buffers.Binary;

namespace Presence.Adapters.WebSocket.Transport;

/// <summary>The bytes of an upgraded connection, with a note of when some last came in.</summary>
/// <remarks>
/// System.Net.WebSockets answers pings and swallows pongs without a word to its caller, and both show that a client lives: so it is seen here, below it.
/// Disposing it leaves the connection alone, which the web server owns.
/// </remarks>
internal sealed class ObservedStream(Stream inner) : Stream
{
    private const byte FinalCloseFrame = 0x88;

    private long _lastHeard;
    private int _closeCodeSent;

    /// <summary>When bytes last came in.</summary>
    public long LastHeard => Volatile.Read(ref _lastHeard);

    /// <summary>The code of the close frame that went out; 0 while none did.</summary>
    public int CloseCodeSent => Volatile.Read(ref _closeCodeSent);

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
        var reading = inner.ReadAsync(buffer, cancellationToken);
        if (buffer.IsEmpty)
        {
            // The wait of an idle socket: handed through, so that it costs no state machine. The read that follows it is seen.
            return reading;
        }

        if (!reading.IsCompletedSuccessfully)
        {
            return SeeAsync(reading);
        }

        var count = reading.Result;
        See(count);
        return new(count);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // The framework writes a frame at a time, and closes by itself when the peer breaks the protocol: the code is told nowhere else.
        if (buffer.Span is [FinalCloseFrame, _, _, _, ..] frame)
        {
            Volatile.Write(ref _closeCodeSent, BinaryPrimitives.ReadUInt16BigEndian(frame[2..]));
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

    private async ValueTask<int> SeeAsync(ValueTask<int> reading)
    {
        var count = await reading;
        See(count);
        return count;
    }

    private void See(int count)
    {
        if (count > 0)
        {
            Volatile.Write(ref _lastHeard, TimeProvider.System.GetTimestamp());
        }
    }
}
