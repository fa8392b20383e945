using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Presence.Actors;
using Presence.Actors.Nodes;

namespace Presence.Adapters.WebSocket.Connections;

/// <summary>The sockets of this node, so that they are sent away when it stops: a client then knows at once, and comes back to another node.</summary>
/// <remarks>Not all at once, or the others would have to take them all at once: at the pace below, each told its own moment to come back. Those that wait for their turn are served on.</remarks>
internal sealed class LiveConnections
{
    /// <summary>Sockets sent away a second: about what one other node takes on a small machine. More where the time would not do.</summary>
    private const int Pace = 400;

    /// <summary>How long it may take to send all away: with the hand-over of the entities, and some room, under 25 s.</summary>
    private static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(15);

    /// <summary>The longest that a client is told to wait before it comes back; less where the grace is short, for nobody is to see it gone.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<ClientConnection, byte> _connections = new();
    private readonly TimeProvider _time;
    private readonly NodeStanding _standing;
    private readonly TimeSpan _wait;
    private volatile bool _stopping;

    public LiveConnections(IHostApplicationLifetime lifetime, PresenceOptions options, NodeStanding standing, TimeProvider time)
    {
        _time = time;
        _standing = standing;
        _wait = options.OfflineGrace / 4 < LongestWait ? options.OfflineGrace / 4 : LongestWait;
        lifetime.ApplicationStopping.Register(() => _ = StopAllAsync());
    }

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
            Stop(connection);
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

    /// <summary>Sends all away. The web server waits for them, and each is limited in time (<see cref="ClientConnection.ClosingTime"/>).</summary>
    private async Task StopAllAsync()
    {
        // Before anybody is sent away: nobody who can't come back here is to be told as gone from here.
        _standing.Leave();
        _stopping = true;
        var connections = _connections.Keys.ToArray();
        var pace = Math.Max(Pace, connections.Length / LongestDrain.TotalSeconds);
        var begun = _time.GetTimestamp();
        for (var i = 0; i < connections.Length; i++)
        {
            while (i / pace > _time.GetElapsedTime(begun).TotalSeconds + Step.TotalSeconds)
            {
                await Task.Delay(Step, _time);
            }

            Stop(connections[i]);
        }
    }

    private void Stop(ClientConnection connection) => connection.Stop(_wait * Random.Shared.NextDouble());
}
