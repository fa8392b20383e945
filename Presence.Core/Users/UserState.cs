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
    private UserState(UserId id) =>
        (Id, Seen, Own) = (id, PresenceRecord.Unknown(id), PresenceRecord.Unknown(id) with { Owner = new(null) });

    /// <summary>Who.</summary>
    public UserId Id { get; private init; }

    /// <summary>What the person chose.</summary>
    public Profile Profile { get; private init; } = Profile.Empty;

    /// <summary>The devices connected, those in grace included.</summary>
    public ImmutableDictionary<DeviceId, DevicePresence> Devices { get; private init; } =
        ImmutableDictionary<DeviceId, DevicePresence>.Empty;

    /// <summary>When the last device was last known to be connected; null: never.</summary>
    public DateTimeOffset? LastSeenAt { get; private init; }

    /// <summary>The record that others see, before their own sight is applied to it.</summary>
    public PresenceRecord Seen { get; private init; }

    /// <summary>The owner's view.</summary>
    public PresenceRecord Own { get; private init; }

    /// <summary>The last version given out: at least those of the two records. Moves with each change of the audience rule too, which it orders.</summary>
    public long Version { get; private init; }

    /// <summary>Whether the user may be back: devices there are, and all of them are in grace.</summary>
    public bool InGrace => Devices.Count > 0 && Devices.Values.All(device => device.InGrace);

    /// <summary>How long after the last sign of life a user goes offline: the grace time, and what its timer takes beyond. Whoever becomes invisible seems to have left that long ago.</summary>
    public TimeSpan Grace { get; init; }

    /// <summary>To what multiple of this time others see last seen rounded down; zero: not at all. The owner sees it as it is.</summary>
    public TimeSpan LastSeenRounding { get; private init; }

    /// <summary>A user as the store knew it, no device connected.</summary>
    /// <param name="id">Who.</param>
    /// <param name="stored">What is known.</param>
    /// <param name="now">The time.</param>
    /// <param name="rounding">See <see cref="LastSeenRounding"/>.</param>
    /// <param name="grace">See <see cref="Grace"/>.</param>
    public static UserState Load(UserId id, StoredUser stored, Moment now, TimeSpan rounding = default, TimeSpan grace = default)
    {
        var state = new UserState(id)
        {
            Profile = stored.Profile,
            LastSeenAt = Later(stored.LastSeenAt, stored.Profile.Held?.LastSeenAt),
            LastSeenRounding = rounding,
            Grace = grace,
        };
        if (stored is { LastSeenAt: null, Profile.ChosenAt: null })
        {
            return state;
        }

        state = state with { Profile = state.HeldSinceExpiry(now.Wall) };
        var changedAt = state.SeenChangedAt(now.Wall) ?? now.Wall;
        // Whatever was given out before was given out by now, or by the last change where this machine's clock is behind the last one's; to rules too, which no record shows.
        var floor = Versions.Next(Versions.Of(Later(changedAt, stored.Profile.ChosenAt) ?? now.Wall), now);
        return (state with { Version = floor }).Refresh(now, changedAt);
    }

    /// <summary>When the record of a user who seems to have no device last changed for others, as far as the store tells. What an invisible user did or chose since is no part of it.</summary>
    private DateTimeOffset? SeenChangedAt(DateTimeOffset now) =>
        Profile.Held is { } held && Profile.At(now).Held is not null
            ? Later(Later(held.LastSeenAt, held.ChosenAt), Ended(held.ExpiresAt, now))
            : Later(
                Later(LastSeenAt, Profile.ChosenAt),
                Later(Ended(Profile.Ends.CustomStatus, now), Profile.Held is null ? null : Ended(Profile.Ends.OnlineStatus, now))
            );

    private static DateTimeOffset? Ended(DateTimeOffset? end, DateTimeOffset now) => end <= now ? end : null;

    /// <summary>The profile of a user whose status became invisible by itself, when what lay over it ended: others see the user go offline then.</summary>
    private Profile HeldSinceExpiry(DateTimeOffset now)
    {
        if (Profile.Held is not null || Profile.At(now).SetStatus != OnlineStatus.Invisible)
        {
            return Profile;
        }

        var gone = (Profile.Ends.OnlineStatus ?? now) - Grace;
        return Profile with
        {
            Held = ProfileRules.Held(Profile, LastSeenAt > gone ? gone : LastSeenAt, Profile.Ends.OnlineStatus ?? now, version: 1),
        };
    }

    /// <summary>A user whom the store has erased: one never seen, but for the versions of the next life, which are above that one.</summary>
    public static UserState Erased(UserId id, long version, TimeSpan rounding = default, Profile? profile = null) =>
        new(id)
        {
            Version = version,
            LastSeenRounding = rounding,
            Profile = profile ?? Profile.Empty,
        };

    /// <summary>A device is connected, or its activity or grace changed.</summary>
    /// <param name="device">Which.</param>
    /// <param name="presence">How it is.</param>
    /// <param name="now">The time.</param>
    /// <param name="heardAt">Its last sign of life; null: now.</param>
    public UserState WithDevice(DeviceId device, DevicePresence presence, Moment now, DateTimeOffset? heardAt = null)
    {
        var wasConnected = Devices.TryGetValue(device, out var known) && !known.InGrace;
        var lastSeenAt = wasConnected || !presence.InGrace ? Later(LastSeenAt, heardAt ?? now.Wall) : LastSeenAt;
        return (this with { Devices = Devices.SetItem(device, presence), LastSeenAt = lastSeenAt }).Refresh(now);
    }

    /// <summary>A device is gone for good (its grace is over, or it was removed).</summary>
    /// <param name="device">Which.</param>
    /// <param name="endedAt">When its connection ended.</param>
    /// <param name="now">The time.</param>
    public UserState WithoutDevice(DeviceId device, DateTimeOffset endedAt, Moment now) =>
        Devices.ContainsKey(device)
            ? (this with { Devices = Devices.Remove(device), LastSeenAt = Later(LastSeenAt, endedAt) }).Refresh(now)
            : this;

    /// <summary>The person chose something.</summary>
    public UserState WithProfile(Profile profile, Moment now)
    {
        var chosen = HeldFromHere(profile, now);
        var next = (this with { Profile = chosen }).Refresh(now);
        return profile.Privacy.Equals(Profile.Privacy) ? next : next.WithRuleChanged(Seen.Version, now);
    }

    /// <summary>Time passed: what has expired is gone.</summary>
    public UserState Refresh(Moment now) => Refresh(now, now.Wall);

    /// <summary>What is different from an earlier state.</summary>
    public UserChange ChangesSince(UserState earlier) =>
        new(Seen.Version != earlier.Seen.Version, Own.Version != earlier.Own.Version, !Profile.Privacy.Equals(earlier.Profile.Privacy));

    /// <summary>The record as this viewer may see it now.</summary>
    /// <param name="viewer">Who; null: a service, which sees what the owner sees.</param>
    /// <param name="areContacts">Whether the two are.</param>
    /// <param name="now">The time: a viewer who may not see last seen is told a version of now (<see cref="Audience.Show"/>), which is to be <see cref="GivenOut"/>.</param>
    /// <param name="settling">Whether these are the first moments of a user who is presumed to be connected (<see cref="SeenWhileSettling"/>).</param>
    public PresenceRecord SeenBy(UserId? viewer, bool areContacts, Moment now, bool settling = false)
    {
        if (viewer is not { } other || other == Id)
        {
            return (InGrace || (settling && Profile.SetStatus is null)) && Own.OnlineStatus != OnlineStatus.Offline
                ? Own with
                {
                    Certainty = Certainty.Grace,
                }
                : Own;
        }

        var sight = Audience.SightOf(Profile.Privacy, other, areContacts);
        return Audience.Show(settling ? SeenWhileSettling : SeenNow, sight, Versions.Next(Version, now));
    }

    /// <summary>A viewer was told that version: what follows goes above it.</summary>
    public UserState GivenOut(long version) => version > Version ? this with { Version = version } : this;

    /// <summary>
    /// An invisible user as seen by the first to look in a while. Of somebody who had left, nothing would be in memory by now:
    /// the record would be loaded from the store, under a version of now.
    /// </summary>
    public UserState AsIfLoaded(Moment now)
    {
        if (Seen.Version > now.Shared)
        {
            // Loaded at this very moment.
            return this;
        }

        var seen = Load(Id, new StoredUser(Profile, LastSeenAt), now, LastSeenRounding, Grace).Seen;
        var version = seen.Version == 0 ? 0 : Math.Max(seen.Version, Version + 1);
        return this with { Version = Math.Max(Version, version), Seen = seen with { Version = version } };
    }

    /// <summary>The record that others see, with its certainty at this moment.</summary>
    public PresenceRecord SeenNow =>
        InGrace && Seen.OnlineStatus != OnlineStatus.Offline ? Seen with { Certainty = Certainty.Grace } : Seen;

    /// <summary>The same for the first moments of a user who is presumed to be connected: what depends on devices that are not back yet is not told for certain. A status set by hand does not.</summary>
    public PresenceRecord SeenWhileSettling =>
        Profile.SetStatus is null && Seen.OnlineStatus != OnlineStatus.Offline ? Seen with { Certainty = Certainty.Grace } : SeenNow;

    /// <summary>Goes on above versions that were given out elsewhere. The record of one never seen stands, unless others have seen a later one: of that nothing was stored.</summary>
    /// <param name="version">The last one given out.</param>
    /// <param name="seen">That of the last record that others saw; above 0, they saw the user, whatever is stored.</param>
    /// <param name="now">The time.</param>
    public UserState Above(long version, long seen, Moment now)
    {
        var isBehind = Seen.Version < seen;
        if (Version >= version && !isBehind)
        {
            return this;
        }

        var next = Versions.Next(Math.Max(Version, version), now);
        var moved = this with { Version = next, Own = Own with { Version = next } };
        return isBehind || Seen.Version > 0
            ? moved with
            {
                Seen = Seen with { Version = next, UpdatedAt = Seen.Version == 0 ? now.Wall : Seen.UpdatedAt },
            }
            : moved;
    }

    /// <summary>What others see of one who is not offline, under the next version: so that they are told it again, or later than it came about. The owner's view goes along: no read is below what others were told.</summary>
    public UserState Confirmed(Moment now)
    {
        if (Seen.OnlineStatus == OnlineStatus.Offline)
        {
            return this;
        }

        var version = Versions.Next(Version, now);
        return this with { Version = version, Seen = Seen with { Version = version }, Own = Own with { Version = version } };
    }

    /// <summary>The same, for those who were told <see cref="Certainty.Grace"/> under that version; null where it need not be: it is not confirmed, or a later version says it.</summary>
    public UserState? ConfirmedAbove(long presumed, Moment now) =>
        Seen.Version > 0 && Seen.Version <= presumed && Seen.OnlineStatus != OnlineStatus.Offline && !InGrace
            ? (this with { Version = Math.Max(Version, presumed) }).Confirmed(now)
            : null;

    private UserState Refresh(Moment now, DateTimeOffset changedAt)
    {
        var profile = Profile.At(now.Wall);
        if (profile is { SetStatus: OnlineStatus.Invisible, Held: null })
        {
            profile = profile with { Held = HoldNow(profile, now) };
        }

        var version = Versions.Next(Version, now);
        var own = OwnRecord(profile, StatusRule.Over(profile.SetStatus, Devices.Values));
        var seen = profile.Held is { } held ? OfflineRecord(held) : SeenRecord(profile, own);
        seen = seen.ShowsTheSame(Seen) ? Seen : seen with { Version = version, UpdatedAt = changedAt };
        own = own.ShowsTheSame(Own) ? Own with { Owner = own.Owner } : own with { Version = version, UpdatedAt = changedAt };
        return this with
        {
            Profile = profile,
            // Others saw the invisible user go then: last seen must not fall behind that once the user is visible again.
            LastSeenAt = Later(LastSeenAt, profile.Held?.LastSeenAt),
            Seen = seen,
            Own = own,
            Version = Math.Max(Version, Math.Max(seen.Version, own.Version)),
        };
    }

    private PresenceRecord OwnRecord(Profile profile, OnlineStatus status) =>
        new(Id)
        {
            OnlineStatus = status,
            CustomStatus = profile.CustomStatus,
            Activity = profile.Activity,
            ExpiresAt = profile.Ends.First,
            Platforms = StatusRule.ByPlatform(profile.SetStatus, Devices.Values),
            LastSeenAt = LastSeenAt,
            Owner = new(profile.SetStatus, profile.Ends, CountConnected(_ => true), CountConnected(device => device.Active)),
        };

    private int CountConnected(Func<DevicePresence, bool> which) => Devices.Values.Count(device => !device.InGrace && which(device));

    private PresenceRecord SeenRecord(Profile profile, PresenceRecord own) =>
        own.OnlineStatus == OnlineStatus.Offline
            ? OfflineRecord(ProfileRules.Held(profile, LastSeenAt, default, version: 1))
            : own with
            {
                Owner = null,
                LastSeenAt = Rounded(own.LastSeenAt),
            };

    /// <summary>How others see a user who is offline, or seems so: the text, with its end. What ends with a status or an activity that they don't see is not told.</summary>
    private PresenceRecord OfflineRecord(HeldRecord held) =>
        new(Id)
        {
            CustomStatus = held.CustomStatus,
            ExpiresAt = held.ExpiresAt,
            LastSeenAt = Rounded(held.LastSeenAt),
        };

    /// <summary>Before records are compared, so that a change within the rounding is none.</summary>
    private DateTimeOffset? Rounded(DateTimeOffset? at) =>
        at is { } time && LastSeenRounding > TimeSpan.Zero
            ? new(time.UtcTicks - (time.UtcTicks % LastSeenRounding.Ticks), TimeSpan.Zero)
            : at;

    /// <summary>The choice to be invisible comes into force when it is stored, a moment after it was asked for. Others see the user go offline at that moment.</summary>
    private Profile HeldFromHere(Profile profile, Moment now) =>
        profile.Held is null || Profile.Held is not null ? profile : profile with { Held = HoldNow(Profile.At(now.Wall), now) };

    private HeldRecord HoldNow(Profile shown, Moment now) =>
        ProfileRules.Hold(shown, Seen with { LastSeenAt = LastSeenAt }, Versions.Next(Version, now), now.Wall, Grace);

    /// <summary>A viewer that loses sight is told so with the next version, and must take what it is told when it regains sight: so the record's version moves on with the rule. That of a user never seen doesn't.</summary>
    private UserState WithRuleChanged(long seenBefore, Moment now)
    {
        if (Seen.Version != seenBefore)
        {
            return this;
        }

        var version = Versions.Next(Version, now);
        return this with { Version = version, Seen = Seen.Version == 0 ? Seen : Seen with { Version = version } };
    }

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => HeldRecord.Later(one, other);
}
