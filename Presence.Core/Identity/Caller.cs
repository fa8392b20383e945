using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Core.Identity;

/// <summary>Who is calling, as the composition root made it out; adapters read it from the request's features and ask no further.</summary>
/// <param name="User">The user, or null for a service that speaks for nobody.</param>
/// <param name="Device">The device, where the call names one.</param>
/// <param name="Info">What the device tells of itself.</param>
/// <param name="IsService">A backend: it may read anyone, and alone may write the directories.</param>
public sealed record Caller(UserId? User, DeviceId? Device, DeviceInfo Info, bool IsService)
{
    /// <summary>What the token grants by which it calls; null: it calls by no token, and may what its kind may.</summary>
    public Grant? Grant { get; init; }

    /// <summary>Whether the rates of users hold for the call: not for a service that speaks for nobody, or has proved that it is one. That everybody on this machine counts as a service proves nothing.</summary>
    public bool IsLimited { get; init; } = !IsService || User is not null;
}

/// <summary>Nobody is known to be calling, and the client can't read an answer to its upgrade: it is to be told over the socket. A feature of the request, as <see cref="Caller"/> is.</summary>
/// <param name="Refusal">Why.</param>
public sealed record TurnedAway(Refusal Refusal);
