using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Presence.Benchmarks.Siege;

/// <summary>How a besieger takes a place without doing anything with it.</summary>
internal enum Attack
{
    /// <summary>Connects, and says nothing.</summary>
    Silent,

    /// <summary>Connects, and asks for a socket a byte a second.</summary>
    ByteByByte,

    /// <summary>Opens a socket, reads its first frames, and says nothing from then on.</summary>
    SilentSocket,
}

/// <summary>One connection of an attack.</summary>
internal sealed class Besieger(Attack kind, int number) : IDisposable
{
    private static readonly TimeSpan BytePause = TimeSpan.FromSeconds(1);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>What it does.</summary>
    public Attack Kind => kind;

    /// <summary>From its connect until the server closed the connection, to which it answers nothing; null while it has not.</summary>
    public TimeSpan? ClosedAfter { get; private set; }

    /// <summary>Whether it came in.</summary>
    public bool Connected { get; private set; }

    /// <summary>Connects after that time, and goes on until the server closes or the attack is over.</summary>
    public async Task Run(IPEndPoint server, TimeSpan after, CancellationToken over)
    {
        try
        {
            await Task.Delay(after, over);
            await _socket.ConnectAsync(server, over);
            Connected = true;
            var clock = Stopwatch.StartNew();
            var talking = Talk(server, over);
            await ReadToEnd(over);
            ClosedAfter = clock.Elapsed;
            _socket.Dispose();
            await talking;
        }
        catch (Exception gone) when (gone is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Refused, or the attack is over.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private async Task Talk(IPEndPoint server, CancellationToken over)
    {
        var request = Encoding.ASCII.GetBytes(
            $"GET /ws HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-User-ID: besieger-{number}\r\nX-Device-ID: one\r\n\r\n"
        );
        try
        {
            if (kind == Attack.SilentSocket)
            {
                await _socket.SendAsync(request, over);
            }

            for (var at = 0; kind == Attack.ByteByByte && at < request.Length; at++)
            {
                await _socket.SendAsync(request.AsMemory(at, 1), over);
                await Task.Delay(BytePause, over);
            }
        }
        catch (Exception gone) when (gone is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Closed while it spoke, which is what the reading end measures.
        }
    }

    private async Task ReadToEnd(CancellationToken over)
    {
        var buffer = new byte[512];
        try
        {
            while (await _socket.ReceiveAsync(buffer, over) > 0) { }
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }
    }
}
