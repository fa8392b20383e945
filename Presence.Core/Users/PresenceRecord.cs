namespace Presence.Core.Users;

/// <summary>How sure a read is.</summary>
public enum Certainty
{
    /// <summary>It is so.</summary>
    Confirmed = 0,

    /// <summary>The last device is gone and may be back within the grace time. Seen by reads; never a push of its own.</summary>
    Grace = 1,

    /// <summary>The part of the cluster that knows is out of reach.</summary>
    Unknown = 2,
}

/// <summary>What is seen of a user: the object that every channel uses.</summary>
/// <param name="UserId">Whose.</param>
public sealed record PresenceRecord(UserId UserId)
{
    /// <summary>The status. Default: offline.</summary>
    public OnlineStatus OnlineStatus { get; init; }

    /// <summary>Free text of at most 140 code points, or null; also shown while offline.</summary>
    public string? CustomStatus { get; init; }

    /// <summary>A token such as <c>in_a_call</c>, or null; in the view of others null while offline.</summary>
    public string? Activity { get; init; }

    /// <summary>When the first of what is shown (status, text, activity) ends by itself.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The status by platform; empty while offline.</summary>
    public PlatformStatuses Platforms { get; init; } = PlatformStatuses.Empty;

    /// <summary>When a device was last connected, as of <see cref="UpdatedAt"/>; null when never, or hidden.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>When this record last changed. Default: 1970-01-01T00:00:00Z.</summary>
    public DateTimeOffset UpdatedAt { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Grows with each change, over restarts and moves too; see <see cref="Versions"/>. Below 2^53.</summary>
    public long Version { get; init; }

    /// <summary>How sure this is. Default: confirmed.</summary>
    public Certainty Certainty { get; init; }

    /// <summary>What the owner's view has beyond; null in everybody else's.</summary>
    public OwnerFields? Owner { get; init; }

    /// <summary>How a user reads who is unknown, never seen, or hidden from the viewer: alike but for the id.</summary>
    public static PresenceRecord Unknown(UserId user) => new(user);

    /// <summary>What a viewer is pushed who loses sight of the user while watching.</summary>
    public static PresenceRecord LostSight(UserId user, long version, DateTimeOffset at) => new(user) { Version = version, UpdatedAt = at };

    /// <summary>
    /// Whether the two show the same, whatever their version, time and certainty. While a user is online, last seen moves with every sign of life; only the last seen of an offline user counts.
    /// The number of devices is told with each view and is no change by itself, so that nobody notices a reconnect within the grace time.
    /// </summary>
    public bool ShowsTheSame(PresenceRecord other) => Content == other.Content;

    private PresenceRecord Content =>
        this with
        {
            Version = 0,
            UpdatedAt = default,
            Certainty = Certainty.Confirmed,
            LastSeenAt = OnlineStatus == OnlineStatus.Offline ? LastSeenAt : null,
            Owner = Owner is { } owner ? owner with { Devices = 0, ActiveDevices = 0 } : null,
        };
}

/// <summary>What only the owner, and a service, sees.</summary>
/// <param name="SetStatus">What was set by hand (away, busy, invisible), or null.</param>
/// <param name="Ends">When what was set ends by itself.</param>
/// <param name="Devices">How many devices are connected; one in its grace time is not.</param>
/// <param name="ActiveDevices">How many of those are not idle.</param>
public sealed record OwnerFields(OnlineStatus? SetStatus, Ends Ends = default, int Devices = 0, int ActiveDevices = 0);
