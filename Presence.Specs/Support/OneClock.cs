using Presence.Core.Users;

namespace Presence.Specs.Support;

/// <summary>For specs in which the wall clock and the shared one are the same.</summary>
internal static class OneClock
{
    /// <summary>That time, by both clocks.</summary>
    public static Moment Moment(this DateTimeOffset time) => new(time, Versions.Of(time));

    public static UserState WithDevice(this UserState state, DeviceId device, DevicePresence presence, DateTimeOffset now) =>
        state.WithDevice(device, presence, now.Moment());

    public static UserState WithoutDevice(this UserState state, DeviceId device, DateTimeOffset endedAt, DateTimeOffset now) =>
        state.WithoutDevice(device, endedAt, now.Moment());

    public static UserState WithProfile(this UserState state, Profile profile, DateTimeOffset now) =>
        state.WithProfile(profile, now.Moment());

    public static UserState Refresh(this UserState state, DateTimeOffset now) => state.Refresh(now.Moment());

    public static UserState Above(this UserState state, long version, long seen, DateTimeOffset now) =>
        state.Above(version, seen, now.Moment());

    public static UserState AsIfLoaded(this UserState state, DateTimeOffset now) => state.AsIfLoaded(now.Moment());

    /// <summary>Where it doesn't matter when.</summary>
    public static PresenceRecord SeenBy(this UserState state, UserId? viewer, bool areContacts) =>
        state.SeenBy(viewer, areContacts, default(Moment));

    public static PresenceRecord SeenBy(this UserState state, UserId? viewer, bool areContacts, DateTimeOffset now) =>
        state.SeenBy(viewer, areContacts, now.Moment());

    extension(UserState)
    {
        public static UserState Load(
            UserId id,
            StoredUser stored,
            DateTimeOffset now,
            TimeSpan rounding = default,
            TimeSpan grace = default
        ) => UserState.Load(id, stored, now.Moment(), rounding, grace);
    }
}
