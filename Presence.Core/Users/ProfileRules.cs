using Presence.Core.Errors;
using Presence.Core.Privacy;

namespace Presence.Core.Users;

/// <summary>What a request to change the profile comes to: a refusal, or facts (none where all is so already).</summary>
public sealed record ProfileDecision(Refusal? Refusal, IReadOnlyList<IProfileFact> Facts)
{
    /// <summary>Refused.</summary>
    public static ProfileDecision Refuse(Refusal refusal) => new(refusal, []);

    /// <summary>Accepted.</summary>
    public static ProfileDecision Accept(params IReadOnlyList<IProfileFact> facts) => new(null, facts);
}

/// <summary>Decides what a person may choose.</summary>
public static class ProfileRules
{
    /// <summary>Decides an update of status, text and activity.</summary>
    /// <param name="profile">What was chosen until now.</param>
    /// <param name="update">What is asked for.</param>
    /// <param name="seen">The record that others see now.</param>
    /// <param name="version">The version that the change would have.</param>
    /// <param name="now">The time.</param>
    /// <param name="evenSo">Also what seems to be so already is a fact, since what is stored isn't known for certain.</param>
    public static ProfileDecision Decide(
        Profile profile,
        PresenceUpdate update,
        PresenceRecord seen,
        long version,
        DateTimeOffset now,
        bool evenSo = false
    )
    {
        if (update is { OnlineStatus: null, CustomStatus: null, Activity: null })
        {
            return ProfileDecision.Refuse(
                Refusal.InvalidPayload("payload", "one of online_status, custom_status and activity must be there")
            );
        }

        if (update.ExpiresIn <= TimeSpan.Zero)
        {
            return ProfileDecision.Refuse(Refusal.InvalidPayload("expires_in", "must be above 0"));
        }

        if (update.ExpiresAt <= now)
        {
            return ProfileDecision.Refuse(Refusal.InvalidPayload("expires_at", "is in the past"));
        }

        if ((update.ExpiresAt - now ?? update.ExpiresIn) > PresenceUpdate.MaxExpiry)
        {
            return ProfileDecision.Refuse(
                Refusal.InvalidPayload(
                    update.ExpiresAt is null ? "expires_in" : "expires_at",
                    $"is more than {PresenceUpdate.MaxExpiry.TotalDays:0} days away"
                )
            );
        }

        var current = profile.At(now);
        var status = update.OnlineStatus is { } asked ? SetBy(asked) : current.SetStatus;
        var chosen = new StatusChosen(
            status,
            Cleared(update.CustomStatus, current.CustomStatus),
            Cleared(update.Activity, current.Activity),
            update.ExpiresAt ?? (now + update.ExpiresIn),
            status == OnlineStatus.Invisible ? current.Held ?? Hold(seen, version, now) : null,
            now
        );
        // A client that repeats itself at every connect costs the journal nothing.
        return !evenSo && profile.Apply(chosen) == profile with { ChosenAt = now }
            ? ProfileDecision.Accept()
            : ProfileDecision.Accept(chosen);
    }

    /// <summary>Decides a new audience rule; it replaces the whole.</summary>
    public static ProfileDecision Decide(Profile profile, PrivacyRule rule, DateTimeOffset now, bool evenSo = false) =>
        !evenSo && rule.Equals(profile.OwnPrivacy) && profile.ChosenAt is not null
            ? ProfileDecision.Accept()
            : ProfileDecision.Accept(new PrivacyChosen(rule, now));

    private static OnlineStatus? SetBy(OnlineStatus asked) =>
        asked switch
        {
            OnlineStatus.Online => null,
            OnlineStatus.Offline => OnlineStatus.Invisible,
            _ => asked,
        };

    private static string? Cleared(Given<string?>? given, string? current)
    {
        var value = given is null ? current : given.Value;
        return string.IsNullOrEmpty(value) ? null : value;
    }

    /// <summary>Becoming invisible looks like going offline now; who was offline already does not move at all.</summary>
    internal static HeldRecord Hold(PresenceRecord seen, long version, DateTimeOffset now) =>
        seen.OnlineStatus == OnlineStatus.Offline
            ? new(seen.CustomStatus, seen.ExpiresAt, seen.LastSeenAt, seen.UpdatedAt, seen.Version)
            : new(seen.CustomStatus, seen.CustomStatus is null ? null : seen.ExpiresAt, now, now, version);
}
