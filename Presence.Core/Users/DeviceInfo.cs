namespace Presence.Core.Users;

/// <summary>What a device tells of itself when it connects; each at most 64 characters, or null.</summary>
/// <param name="Name">For its owner to know it by.</param>
/// <param name="Type">Such as <c>phone</c>.</param>
/// <param name="Platform">Such as <c>web</c> or <c>mobile</c>: the key of <c>platforms</c>.</param>
/// <param name="AppVersion">The client's version.</param>
public sealed record DeviceInfo(string? Name, string? Type, string? Platform, string? AppVersion)
{
    /// <summary>The longest of each, in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>The platform of a device that told none.</summary>
    public const string UnknownPlatform = "unknown";

    /// <summary>A device that told nothing.</summary>
    public static DeviceInfo Empty { get; } = new(null, null, null, null);

    /// <summary>What this tells, and where it tells nothing, what was known.</summary>
    public DeviceInfo Over(DeviceInfo known) =>
        new(Name ?? known.Name, Type ?? known.Type, Platform ?? known.Platform, AppVersion ?? known.AppVersion);
}

/// <summary>A device as the status rule counts it.</summary>
/// <param name="Platform">Its platform.</param>
/// <param name="Active">Whether the person is active there; false: idle.</param>
/// <param name="InGrace">Its connection is gone, and it may be back within the grace time.</param>
public sealed record DevicePresence(string Platform, bool Active, bool InGrace)
{
    /// <summary>The platform of a device that stands for those presumed to come back; it is shown under none.</summary>
    public const string NoPlatform = "";
}

/// <summary>The state of a device in the list that its owner sees.</summary>
public enum DeviceStatus
{
    /// <summary>Not connected.</summary>
    Disconnected = 0,

    /// <summary>Connected, and the person is active.</summary>
    Active = 1,

    /// <summary>Connected, and the person is not.</summary>
    Idle = 2,
}

/// <summary>A device in the list that its owner sees.</summary>
/// <param name="DeviceId">Which.</param>
/// <param name="Info">What it told of itself.</param>
/// <param name="Status">How it is now.</param>
/// <param name="ConnectedAt">When it last connected.</param>
/// <param name="LastActiveAt">When it was last heard of.</param>
public sealed record KnownDevice(
    DeviceId DeviceId,
    DeviceInfo Info,
    DeviceStatus Status,
    DateTimeOffset ConnectedAt,
    DateTimeOffset LastActiveAt
);
