using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Presence.Specs.WebSocket;

/// <summary>A frame as it came over the wire.</summary>
internal sealed record RawFrame(byte Opcode, byte[] Payload)
{
    public const byte Continuation = 0;
    public const byte Text = 1;
    public const byte Binary = 2;
    public const byte Close = 8;
    public const byte Ping = 9;
    public const byte Pong = 10;

    public int CloseCode =>
        Opcode == Close
            ? BinaryPrimitives.ReadUInt16BigEndian(Payload)
            : throw new InvalidOperationException($"opcode {Opcode}: {Encoding.UTF8.GetString(Payload)}");

    public JsonElement Json => JsonElement.Parse(Payload);
}

/// <summary>A WebSocket client made by hand: the framework's can't send bad frames.</summary>
internal sealed class RawSocket : IDisposable
{
    private static readonly byte[] Mask = [0x12, 0x34, 0x56, 0x78];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TcpClient _tcp;
    private readonly NetworkStream _stream;

    private RawSocket(TcpClient tcp) => (_tcp, _stream) = (tcp, tcp.GetStream());

    /// <summary>What the server answered to the upgrade.</summary>
    public string Handshake { get; private set; } = "";

    /// <summary>Connects and upgrades; what the server answers instead is an exception that shows it.</summary>
    public static async Task<RawSocket> ConnectAsync(Uri server, string pathAndQuery, params (string Name, string Value)[] headers)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(server.Host, server.Port);
        var socket = new RawSocket(tcp);
        var request = new StringBuilder($"GET {pathAndQuery} HTTP/1.1\r\nHost: {server.Authority}\r\n");
        request.Append(
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        foreach (var (name, value) in headers)
        {
            request.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        await socket._stream.WriteAsync(Encoding.ASCII.GetBytes(request.Append("\r\n").ToString()));
        var answer = socket.Handshake = await socket.ReadHeadAsync();
        return
            answer.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal)
            && answer.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", StringComparison.OrdinalIgnoreCase)
            ? socket
            : throw new InvalidOperationException(answer);
    }

    /// <summary>Sends a text frame, whole.</summary>
    public Task SendAsync(string text) => SendAsync(RawFrame.Text, Encoding.UTF8.GetBytes(text));

    /// <summary>Sends a frame of any kind, good or bad.</summary>
    public Task SendAsync(byte opcode, byte[] payload, bool final = true) => SendBytesAsync(Encode(opcode, payload, final));

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default) =>
        await _stream.WriteAsync(bytes, cancellation);

    /// <summary>The bytes of a masked frame.</summary>
    public static byte[] Encode(byte opcode, byte[] payload, bool final = true)
    {
        byte[] length = payload.Length switch
        {
            < 126 => [(byte)(0x80 | payload.Length)],
            <= ushort.MaxValue => [0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length],
            _ =>
            [
                0x80 | 127,
                0,
                0,
                0,
                0,
                (byte)(payload.Length >> 24),
                (byte)(payload.Length >> 16),
                (byte)(payload.Length >> 8),
                (byte)payload.Length,
            ],
        };
        return [(byte)((final ? 0x80 : 0) | opcode), .. length, .. Mask, .. payload.Select((value, i) => (byte)(value ^ Mask[i % 4]))];
    }

    /// <summary>The next frame; an <see cref="EndOfStreamException"/> where the server is gone.</summary>
    public async Task<RawFrame> ReceiveAsync(TimeSpan? limit = null)
    {
        using var patience = new CancellationTokenSource(limit ?? Patience);
        var head = await ReadAsync(2, patience.Token);
        long length = head[1] & 0x7F;
        if (length == 126)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(2, patience.Token));
        }
        else if (length == 127)
        {
            length = BinaryPrimitives.ReadInt64BigEndian(await ReadAsync(8, patience.Token));
        }

        return new((byte)(head[0] & 0x0F), await ReadAsync((int)length, patience.Token));
    }

    /// <summary>The next frame, a text one, as JSON.</summary>
    public async Task<JsonElement> ReceiveJsonAsync()
    {
        var frame = await ReceiveAsync();
        return frame.Opcode == RawFrame.Text
            ? frame.Json
            : throw new InvalidOperationException($"opcode {frame.Opcode}, code {(frame.Opcode == RawFrame.Close ? frame.CloseCode : 0)}");
    }

    /// <summary>Reads until the close frame; its code.</summary>
    public async Task<int> ReceiveCloseAsync()
    {
        RawFrame frame;
        do
        {
            frame = await ReceiveAsync();
        } while (frame.Opcode != RawFrame.Close);

        return frame.CloseCode;
    }

    /// <summary>Answers the server's close, and waits until it has closed the connection.</summary>
    public async Task LeaveAsync(int code = 1000)
    {
        await SendAsync(RawFrame.Close, [(byte)(code >> 8), (byte)code]);
        using var patience = new CancellationTokenSource(Patience);
        var rest = new byte[4096];
        while (await _stream.ReadAsync(rest, patience.Token) > 0) { }
    }

    /// <summary>Waits until the server has closed the connection, as a client does that has read the close frame; a reset is an exception.</summary>
    public async Task EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        (await _stream.ReadAsync(new byte[1], patience.Token)).ShouldBe(0, "nothing comes after a close frame");
    }

    /// <summary>Breaks the connection without a goodbye.</summary>
    public void Reset()
    {
        _tcp.Client.LingerState = new LingerOption(enable: true, 0);
        _tcp.Close();
    }

    public void Dispose() => _tcp.Dispose();

    private async Task<byte[]> ReadAsync(int count, CancellationToken cancellation)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes, cancellation);
        return bytes;
    }

    private async Task<string> ReadHeadAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await ReadAsync(1, patience.Token))[0]);
        }

        return head.ToString();
    }
}
