using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Specs.Support;

/// <summary>People, devices and times to write specs with.</summary>
internal static class Some
{
    /// <summary>When most stories begin.</summary>
    public static DateTimeOffset Noon { get; } = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static UserId Ann { get; } = new("ann");

    public static UserId Ben { get; } = new("ben");

    public static UserId Cleo { get; } = new("cleo");

    public static DeviceId Phone { get; } = new("phone");

    public static DeviceId Laptop { get; } = new("laptop");

    public static DevicePresence Active { get; } = new("web", Active: true, InGrace: false);

    public static DevicePresence Idle { get; } = new("web", Active: false, InGrace: false);

    /// <summary>So many seconds after noon.</summary>
    public static DateTimeOffset At(double seconds) => Noon.AddSeconds(seconds);

    /// <summary>The same device on another platform.</summary>
    public static DevicePresence On(this DevicePresence device, string platform) => device with { Platform = platform };

    /// <summary>The same device, its connection gone.</summary>
    public static DevicePresence Gone(this DevicePresence device) => device with { InGrace = true };

    /// <summary>Somebody whom nobody ever heard of.</summary>
    public static UserState Nobody(UserId? id = null) => UserState.Load(id ?? Ann, StoredUser.Nobody, Noon);

    /// <summary>An update; what is not named stays as it was.</summary>
    public static PresenceUpdate Update(
        OnlineStatus? status = null,
        Given<string?>? text = null,
        Given<string?>? activity = null,
        double? expiresIn = null
    ) => new(status, text, activity, null, expiresIn is { } seconds ? TimeSpan.FromSeconds(seconds) : null);

    /// <summary>A text or activity that an update gives; null clears.</summary>
    public static Given<string?> To(string? value) => new(value);

    /// <summary>Decides, which must not refuse, and applies: as an entity does once the journal has it.</summary>
    public static UserState Choose(this UserState state, PresenceUpdate update, DateTimeOffset now)
    {
        var version = Versions.Next(state.Version, Versions.Of(now));
        var decision = ProfileRules.Decide(state.Profile, update, state.Seen, version, now, state.Grace);
        decision.Refusal.ShouldBeNull();
        return state.WithProfile(decision.Facts.Aggregate(state.Profile, (profile, fact) => profile.Apply(fact)), now);
    }

    /// <summary>The same for an audience rule.</summary>
    public static UserState Choose(this UserState state, PrivacyRule rule, DateTimeOffset now)
    {
        var decision = ProfileRules.Decide(state.Profile, rule, now);
        return state.WithProfile(decision.Facts.Aggregate(state.Profile, (profile, fact) => profile.Apply(fact)), now);
    }

    /// <summary>The server was killed and started: what the store knows is all that is left.</summary>
    public static UserState Restart(this UserState state, DateTimeOffset now) =>
        UserState.Load(state.Id, new StoredUser(state.Profile, state.LastSeenAt), now, grace: state.Grace);
}
