using System.Collections.Immutable;
using Presence.Core.Privacy;

namespace Presence.Core.Users;

/// <summary>What is kept of a user who was seen before.</summary>
/// <param name="Profile">What the person chose.</param>
/// <param name="LastSeenAt">When a device was last known to be connected; null: never.</param>
public sealed record StoredUser(Profile Profile, DateTimeOffset? LastSeenAt)
{
    /// <summary>Nobody ever heard of this user.</summary>
    public static StoredUser Nobody { get; } = new(Profile.Empty, null);
}

/// <summary>What a step changed, for those who are told.</summary>
/// <param name="Seen">The record that others see changed, or its version moved on because the rule did.</param>
/// <param name="Own">The owner's view changed.</param>
/// <param name="Rule">The audience rule changed.</param>
public readonly record struct UserChange(bool Seen, bool Own, bool Rule)
{
    /// <summary>Whether anybody is to be told.</summary>
    public bool Any => Seen || Own || Rule;
}

/// <summary>A user as held in memory: the facts, and the two records made from them. Every step returns the next state; the clock is a parameter.</summary>
public sealed record UserState
{
    private UserState(UserId id) => (Id, Seen, Own) = (id, PresenceRecord.Unknown(id), PresenceRecord.Unknown(id));

    /// <summary>Who.</summary>
    public UserId Id { get; private init; }

    /// <summary>What the person chose.</summary>
    public Profile Profile { get; private init; } = Profile.Empty;

    /// <summary>The devices connected, those in grace included.</summary>
    public ImmutableDictionary<DeviceId, DevicePresence> Devices { get; private init; } = ImmutableDictionary<DeviceId, DevicePresence>.Empty;

    /// <summary>When the last device was last known to be connected; null: never.</summary>
    public DateTimeOffset? LastSeenAt { get; private init; }

    /// <summary>The record that others see, before their own sight is applied to it.</summary>
    public PresenceRecord Seen { get; private init; }

    /// <summary>The owner's view.</summary>
    public PresenceRecord Own { get; private init; }

    /// <summary>The last version given out.</summary>
    public long Version { get; private init; }

    /// <summary>Whether the user may be back: devices there are, and all of them are in grace.</summary>
    public bool InGrace => Devices.Count > 0 && Devices.Values.All(device => device.InGrace);

    /// <summary>A user as the store knew it, no device connected.</summary>
    public static UserState Load(UserId id, StoredUser stored, DateTimeOffset now)
    {
        var state = new UserState(id) { Profile = stored.Profile, LastSeenAt = stored.LastSeenAt };
        if (stored is { LastSeenAt: null, Profile.ChosenAt: null })
        {
            return state;
        }

        var changedAt = Later(stored.LastSeenAt, stored.Profile.ChosenAt) ?? now;
        return state.Refresh(now, changedAt);
    }

    /// <summary>A device is connected, or its activity or grace changed.</summary>
    public UserState WithDevice(DeviceId device, DevicePresence presence, DateTimeOffset now) =>
        (this with { Devices = Devices.SetItem(device, presence), LastSeenAt = presence.InGrace ? LastSeenAt : now }).Refresh(now, now);

    /// <summary>A device is gone for good (its grace is over, or it was removed).</summary>
    /// <param name="device">Which.</param>
    /// <param name="endedAt">When its connection ended.</param>
    /// <param name="now">The time.</param>
    public UserState WithoutDevice(DeviceId device, DateTimeOffset endedAt, DateTimeOffset now) =>
        Devices.ContainsKey(device)
            ? (this with { Devices = Devices.Remove(device), LastSeenAt = Devices.Count == 1 ? endedAt : LastSeenAt }).Refresh(now, now)
            : this;

    /// <summary>The person chose something.</summary>
    public UserState WithProfile(Profile profile, DateTimeOffset now)
    {
        var next = (this with { Profile = profile }).Refresh(now, now);
        var ruleChanged = !profile.Privacy.Equals(Profile.Privacy);
        // The version orders the rule too; while invisible the record does not move at all.
        return ruleChanged && next.Seen.Version > 0 && next.Seen.Version == Seen.Version && profile.At(now).Held is null
            ? next.MoveVersionOn(now)
            : next;
    }

    /// <summary>Time passed: what has expired is gone.</summary>
    public UserState Refresh(DateTimeOffset now) => Refresh(now, now);

    /// <summary>What is different from an earlier state.</summary>
    public UserChange ChangesSince(UserState earlier) =>
        new(Seen.Version != earlier.Seen.Version, Own.Version != earlier.Own.Version, !Profile.Privacy.Equals(earlier.Profile.Privacy));

    /// <summary>The record as this viewer may see it now; a viewer that is null is a service, which sees what the owner sees.</summary>
    public PresenceRecord SeenBy(UserId? viewer, bool areContacts)
    {
        if (viewer is not { } other || other == Id)
        {
            return InGrace && Own.OnlineStatus != OnlineStatus.Offline ? Own with { Certainty = Certainty.Grace } : Own;
        }

        return Audience.Show(SeenNow, Audience.SightOf(Profile.Privacy, other, areContacts));
    }

    /// <summary>The record that others see, with its certainty at this moment.</summary>
    public PresenceRecord SeenNow => InGrace && Seen.OnlineStatus != OnlineStatus.Offline ? Seen with { Certainty = Certainty.Grace } : Seen;

    private UserState Refresh(DateTimeOffset now, DateTimeOffset changedAt)
    {
        var profile = Profile.At(now);
        var version = Versions.Next(Version, now);
        var online = StatusRule.Over(profile.SetStatus, Devices.Values);
        var own = OwnRecord(profile, online, now);
        var seen = profile.Held is { } held ? HeldBack(held) : SeenRecord(profile, own);
        if (profile.Held is null)
        {
            seen = SameContent(seen, Seen) ? Seen : seen with { Version = version, UpdatedAt = changedAt };
        }

        own = SameContent(own, Own) ? Own : own with { Version = version, UpdatedAt = changedAt };
        return this with { Profile = profile, Seen = seen, Own = own, Version = Math.Max(Version, Math.Max(seen.Version, own.Version)) };
    }

    private PresenceRecord OwnRecord(Profile profile, OnlineStatus status, DateTimeOffset now) =>
        new(Id)
        {
            OnlineStatus = status,
            CustomStatus = profile.CustomStatus,
            Activity = profile.Activity,
            ExpiresAt = profile.ExpiresAt,
            Platforms = StatusRule.ByPlatform(profile.SetStatus, Devices.Values),
            LastSeenAt = Devices.Values.Any(device => !device.InGrace) ? now : LastSeenAt,
            Owner = new(profile.SetStatus),
        };

    private PresenceRecord SeenRecord(Profile profile, PresenceRecord own) =>
        own with
        {
            Owner = null,
            Activity = own.OnlineStatus == OnlineStatus.Offline ? null : profile.Activity,
            // What ended with the activity alone is nothing that others could see end.
            ExpiresAt = own.OnlineStatus == OnlineStatus.Offline && profile.CustomStatus is null ? null : profile.ExpiresAt,
        };

    private PresenceRecord HeldBack(HeldRecord held) =>
        new(Id)
        {
            CustomStatus = held.CustomStatus,
            ExpiresAt = held.ExpiresAt,
            LastSeenAt = held.LastSeenAt,
            UpdatedAt = held.UpdatedAt,
            Version = held.Version,
        };

    private UserState MoveVersionOn(DateTimeOffset now)
    {
        var version = Versions.Next(Version, now);
        return this with { Version = version, Seen = Seen with { Version = version } };
    }

    /// <summary>While online, last seen moves with the changes; alone it is no change.</summary>
    private static bool SameContent(PresenceRecord one, PresenceRecord other) =>
        (one with { Version = 0, UpdatedAt = default, LastSeenAt = null }) == (other with { Version = 0, UpdatedAt = default, LastSeenAt = null })
        && (one.OnlineStatus != OnlineStatus.Offline || one.LastSeenAt == other.LastSeenAt);

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null ? other
        : other is null ? one
        : one > other ? one
        : other;
}
