using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace Presence.Adapters.WebSocket.Connections;

/// <summary>The sockets of this node, so that they are closed when it stops: a client then knows at once, and comes back.</summary>
internal sealed class LiveConnections
{
    private readonly ConcurrentDictionary<ClientConnection, byte> _connections = new();
    private volatile bool _stopping;

    public LiveConnections(IHostApplicationLifetime lifetime) => lifetime.ApplicationStopping.Register(StopAll);

    /// <summary>Whether the server stops: no new sockets then.</summary>
    public bool Stopping => _stopping;

    /// <summary>Serves the connection until it is over.</summary>
    public async Task ServeAsync(ClientConnection connection)
    {
        connection.Open();
        _connections[connection] = 0;
        if (_stopping)
        {
            // Came in while the others were being stopped: nobody else will stop it.
            connection.Stop();
        }

        try
        {
            await connection.RunAsync();
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }

    /// <summary>Begins to close all. The web server waits for them, and each is limited in time (<see cref="ClientConnection.ClosingTime"/>).</summary>
    private void StopAll()
    {
        _stopping = true;
        foreach (var (connection, _) in _connections)
        {
            connection.Stop();
        }
    }
}
