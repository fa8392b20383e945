namespace Presence.Core.Users;

/// <summary>What the store tells of a user at once, in one query for many.</summary>
/// <param name="UserId">Who.</param>
/// <param name="Profile">The profile as the journal has it; null where the journal has a fact that this version can't read.</param>
/// <param name="ProjectedSequence">The journal's sequence number that the projection has seen; 0 where there is none.</param>
/// <param name="JournalSequence">The highest sequence number in the journal; where it is above the other, the projection is to be mended.</param>
/// <param name="LastSeenAt">When a device was last known to be connected; null: never.</param>
/// <param name="Connected">Whether one was connected then, as far as the store was told.</param>
/// <param name="Idle">Whether all that were connected then were idle.</param>
public sealed record UserRow(
    UserId UserId,
    Profile? Profile,
    long ProjectedSequence,
    long JournalSequence,
    DateTimeOffset? LastSeenAt,
    bool Connected,
    bool Idle = false
)
{
    /// <summary>The last sequence number that was given out.</summary>
    public long Sequence => Math.Max(ProjectedSequence, JournalSequence);
}

/// <summary>The projection of a profile, as of a sequence number of its journal.</summary>
public sealed record ProfileProjection(UserId UserId, Profile Profile, long Sequence);

/// <summary>When a user was last known to be connected, and whether all devices that were then were idle.</summary>
public sealed record LastSeen(UserId UserId, DateTimeOffset At, bool Connected, bool Idle = false);

/// <summary>A device known to the store.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="DeviceId">Which.</param>
/// <param name="Info">What it told of itself. What it doesn't tell when it is written again stays as it was.</param>
/// <param name="ConnectedAt">When it last connected.</param>
/// <param name="LastActiveAt">Its last sign of life, as far as the store was told.</param>
/// <param name="Idle">Whether the person was not active there.</param>
/// <param name="Ended">Whether its connection had ended.</param>
public sealed record DeviceRow(
    UserId UserId,
    DeviceId DeviceId,
    DeviceInfo Info,
    DateTimeOffset ConnectedAt,
    DateTimeOffset LastActiveAt,
    bool Idle = false,
    bool Ended = false
);

/// <summary>Everything to be written of users in one transaction; at most one entry a user (and device) each.</summary>
/// <param name="Profiles">The profiles.</param>
/// <param name="LastSeen">When they were last connected.</param>
/// <param name="Devices">Devices.</param>
/// <param name="KnownDevices">How many devices may be known of a user of whom one is written: of more than that those go that were active longest ago.</param>
public sealed record UserWrites(
    IReadOnlyCollection<ProfileProjection> Profiles,
    IReadOnlyCollection<LastSeen> LastSeen,
    IReadOnlyCollection<DeviceRow> Devices,
    int KnownDevices = int.MaxValue
);

/// <summary>What is kept of users beside the journal: the projection of profiles, last seen, and the devices known.</summary>
/// <remarks>A store out of reach fails the task with <see cref="Errors.StoreUnavailableException"/>.</remarks>
public interface IUserStore
{
    /// <summary>What is known of those users, in one query; a user nobody heard of is absent from the answer.</summary>
    Task<IReadOnlyDictionary<UserId, UserRow>> Load(IReadOnlyCollection<UserId> users, CancellationToken cancellation);

    /// <summary>Writes all of it, or nothing. A projection never replaces one of a higher sequence, nor last seen or a device one of a later time. Behind a projection the journal is cut: of each kind of fact the last one stays.</summary>
    Task Save(UserWrites writes, CancellationToken cancellation);

    /// <summary>The devices known of a user, those connected too, by id.</summary>
    Task<IReadOnlyList<DeviceRow>> Devices(UserId user, CancellationToken cancellation);

    /// <summary>The devices known of those users, in one query, in no order.</summary>
    Task<IReadOnlyList<DeviceRow>> Devices(IReadOnlyCollection<UserId> users, CancellationToken cancellation);

    /// <summary>Forgets a device; false where it was not known.</summary>
    Task<bool> ForgetDevice(UserId user, DeviceId device, CancellationToken cancellation);
}
