using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Presence.Actors;

namespace Presence.Host.Limits;

/// <summary>Stands before HTTP: closes a connection that says nothing, which to the web server is an idle one, and one of an address that has too many.</summary>
internal sealed class ConnectionGate(
    LimitOptions limits,
    IReadOnlyCollection<IPNetwork> uncounted,
    NodeCounters counters,
    TimeProvider time
)
{
    private readonly AddressPlaces _addresses = new(limits.ConnectionsPerAddress, uncounted);

    /// <summary>Serves a connection until it is over; it is closed when this returns.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        if (!_addresses.TryTake(address))
        {
            counters.AddLimited(nameof(LimitOptions.ConnectionsPerAddress));
            return;
        }

        try
        {
            if (await SpeaksAsync(connection))
            {
                await next(connection);
            }
        }
        finally
        {
            _addresses.Release(address);
        }
    }

    /// <summary>Waits for the first byte, and leaves it where it is. The timer is there for that time only.</summary>
    private async ValueTask<bool> SpeaksAsync(ConnectionContext connection)
    {
        using var patience = new CancellationTokenSource(limits.HandshakeTimeout, time);
        // When the server stops, it asks its connections to end; a silent one would keep it waiting.
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stopping);
        try
        {
            var input = connection.Transport.Input;
            var read = await input.ReadAsync(either.Token);
            input.AdvanceTo(read.Buffer.Start);
            return !read.Buffer.IsEmpty;
        }
        catch (OperationCanceledException)
        {
            if (patience.IsCancellationRequested)
            {
                counters.AddLimited(nameof(LimitOptions.HandshakeTimeout));
            }

            return false;
        }
        catch (IOException)
        {
            // Gone before it said anything.
            return false;
        }
    }
}
