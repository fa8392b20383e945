using Presence.Actors.Hub;
using Presence.Core.Identity;
using Presence.Core.Users;

namespace Presence.Adapters.WebSocket.Connections;

/// <summary>What a client asked for when it connected.</summary>
/// <param name="User">Who.</param>
/// <param name="Device">Which device, given or made; null: none, it only listens.</param>
/// <param name="Info">What the device told of itself.</param>
/// <param name="Snapshot">Which presences it wants at first.</param>
/// <param name="Batches">Whether it takes <c>batch</c> frames.</param>
/// <param name="Resume">What it comes back with; null: it is new.</param>
internal sealed record ConnectionRequest(
    UserId User,
    DeviceId? Device,
    DeviceInfo Info,
    SnapshotKind Snapshot,
    bool Batches,
    ResumeRequest? Resume
)
{
    /// <summary>Whether the person is active there; null: the client did not say.</summary>
    public bool? Active { get; init; }

    /// <summary>What the token grants by which it came; null: it came by none.</summary>
    public Grant? Grant { get; init; }
}
