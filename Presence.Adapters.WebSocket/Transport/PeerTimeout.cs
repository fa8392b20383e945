using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Presence.Adapters.WebSocket.Transport;

/// <summary>Has the system give up a connection whose peer has vanished. A client of server-sent events says nothing, so only what is sent to it can tell: by default that takes a quarter of an hour.</summary>
internal static class PeerTimeout
{
    private const int Tcp = 6;

    /// <summary>TCP_USER_TIMEOUT: how long what was sent may wait for its acknowledgement, in ms. Linux only; elsewhere the system's own time holds.</summary>
    private const int UserTimeout = 18;

    /// <summary>From here on.</summary>
    public static void Set(HttpContext context, TimeSpan limit)
    {
        if (OperatingSystem.IsLinux() && context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            try
            {
                socket.SetRawSocketOption(Tcp, UserTimeout, BitConverter.GetBytes((int)limit.TotalMilliseconds));
            }
            catch (SocketException)
            {
                // No TCP, as with a Unix socket: there the peer can't vanish unseen.
            }
        }
    }
}
