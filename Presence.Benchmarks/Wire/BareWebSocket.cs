using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Presence.Benchmarks.Wire;

/// <summary>A client's end of a WebSocket, as cheap as can be, since it shares the cores with the server: a bare TCP connection that reads just enough of RFC 6455.</summary>
internal sealed class BareWebSocket : IDisposable
{
    private const int CloseFrame = 8;
    private const int PingFrame = 9;
    private const int PongFrame = 10;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[2048];
    private int _length;

    /// <summary>Takes the text of a frame, which is gone when it returns.</summary>
    public delegate void TakeFrame(ReadOnlySpan<byte> frame);

    /// <summary>With what the server closed; 0 while it has not, or when the connection just broke.</summary>
    public int CloseCode { get; private set; }

    /// <summary>Connects and upgrades.</summary>
    /// <param name="server">Where.</param>
    /// <param name="target">The path, and the query.</param>
    /// <param name="headers">More lines of the request, each with its line end.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">The server refused, or closed.</exception>
    public async Task Connect(IPEndPoint server, string target, string headers, CancellationToken cancellation)
    {
        await _socket.ConnectAsync(server, cancellation);
        var request =
            $"GET {target} HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n";
        await _socket.SendAsync(Encoding.ASCII.GetBytes(request), cancellation);
        int end;
        while ((end = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await Receive(cancellation))
            {
                throw new IOException("the server closed before the upgrade");
            }
        }

        if (!_buffer.AsSpan().StartsWith("HTTP/1.1 101"u8))
        {
            throw new IOException($"the upgrade was refused: {Encoding.UTF8.GetString(_buffer, 0, _length)}");
        }

        Drop(end + 4);
    }

    /// <summary>Hands on each frame; done when the connection is closed or broken.</summary>
    public async Task Read(TakeFrame take)
    {
        try
        {
            while (TakeFrames(take) && await Receive(CancellationToken.None)) { }
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            // However it came about: the connection is gone.
        }
    }

    /// <summary>Sends a text.</summary>
    public ValueTask<int> Send(string text) => Send(1, Encoding.UTF8.GetBytes(text));

    /// <summary>Says goodbye, with 1000.</summary>
    public ValueTask<int> Close() => Send(CloseFrame, [0x03, 0xE8]);

    /// <summary>Ends the connection with a reset, and without a word.</summary>
    public void Reset()
    {
        try
        {
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // There is nothing left to reset.
        }

        _socket.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private ValueTask<int> Send(int opcode, byte[] payload)
    {
        var frame = new byte[payload.Length + 8];
        frame[0] = (byte)(0x80 | opcode);
        var start = 6;
        if (payload.Length < 126)
        {
            frame[1] = (byte)(0x80 | payload.Length);
        }
        else
        {
            frame[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
            start = 8;
        }

        // The mask, which a client must have, is zero.
        payload.CopyTo(frame, start);
        return _socket.SendAsync(frame.AsMemory(0, start + payload.Length));
    }

    private async Task<bool> Receive(CancellationToken cancellation)
    {
        if (_length == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await _socket.ReceiveAsync(_buffer.AsMemory(_length), cancellation);
        _length += read;
        return read > 0;
    }

    private void Drop(int bytes)
    {
        _buffer.AsSpan(bytes, _length - bytes).CopyTo(_buffer);
        _length -= bytes;
    }

    /// <summary>Takes the whole frames that are there; false after a close.</summary>
    private bool TakeFrames(TakeFrame take)
    {
        var at = 0;
        while (TryFrame(_buffer.AsSpan(at, _length - at), out var opcode, out var header, out var payload))
        {
            var content = _buffer.AsSpan(at + header, payload);
            if (opcode == CloseFrame)
            {
                CloseCode = payload >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(content) : 0;
                return false;
            }

            if (opcode == PingFrame)
            {
                _ = Send(PongFrame, content.ToArray()).AsTask();
            }
            else if (opcode != PongFrame)
            {
                take(content);
            }

            at += header + payload;
        }

        Drop(at);
        return true;
    }

    /// <summary>Servers don't mask, and this one doesn't split messages over frames.</summary>
    private static bool TryFrame(ReadOnlySpan<byte> bytes, out int opcode, out int header, out int payload)
    {
        (opcode, header, payload) = (0, 2, 0);
        if (bytes.Length < 2)
        {
            return false;
        }

        opcode = bytes[0] & 0xF;
        payload = bytes[1];
        if (payload >= 126)
        {
            header = payload == 126 ? 4 : 10;
            if (bytes.Length < header)
            {
                return false;
            }

            payload =
                header == 4
                    ? BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])
                    : checked((int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]));
        }

        return bytes.Length >= header + payload;
    }
}
