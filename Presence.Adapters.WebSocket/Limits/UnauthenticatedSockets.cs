using System.Threading.RateLimiting;
using Presence.Actors;

namespace Presence.Adapters.WebSocket.Limits;

/// <summary>Places for sockets that are accepted only to be told 4401, since a browser can't read a refused upgrade. Whoever gets none is refused before the upgrade.</summary>
/// <param name="options">How many: <see cref="LimitOptions.UnauthenticatedSockets"/>.</param>
/// <param name="counters">Where refusals are counted.</param>
public sealed class UnauthenticatedSockets(PresenceOptions options, NodeCounters counters) : IDisposable
{
    private readonly ConcurrencyLimiter _places = new(new() { PermitLimit = options.Limits.UnauthenticatedSockets, QueueLimit = 0 });

    /// <summary>A place, until it is disposed; null where there is none.</summary>
    public IDisposable? TryTake()
    {
        var place = _places.AttemptAcquire();
        if (place.IsAcquired)
        {
            return place;
        }

        place.Dispose();
        counters.AddLimited(nameof(LimitOptions.UnauthenticatedSockets));
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();
}
