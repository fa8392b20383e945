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
    /// <param name="gone">How long before somebody goes offline the last sign of life lies: the grace, and what its timer takes beyond.</param>
    /// <param name="evenSo">Also what seems to be so already is a fact, since what is stored isn't known for certain.</param>
    public static ProfileDecision Decide(
        Profile profile,
        PresenceUpdate update,
        PresenceRecord seen,
        long version,
        DateTimeOffset now,
        TimeSpan gone = default,
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
        var until = update.ExpiresAt ?? (now + update.ExpiresIn);
        var status = update.OnlineStatus is { } asked ? current.Status.Set(SetBy(asked), until) : current.Status;
        var chosen = StatusChosen.Of(
            status,
            update.CustomStatus is { } text ? current.Text.Set(Content(text), until) : current.Text,
            update.Activity is { } activity ? current.Doing.Set(Content(activity), until) : current.Doing,
            status.Value == OnlineStatus.Invisible ? current.Held ?? Hold(current, seen, version, now, gone) : null,
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

    private static string? Content(Given<string?> given) => string.IsNullOrEmpty(given.Value) ? null : given.Value;

    /// <summary>
    /// Becoming invisible looks like going offline now, which happens the grace time after the last sign of life.
    /// A user who was offline already does not move at all.
    /// </summary>
    internal static HeldRecord Hold(Profile profile, PresenceRecord seen, long version, DateTimeOffset now, TimeSpan gone) =>
        seen.OnlineStatus == OnlineStatus.Offline
            ? Held(profile, seen.LastSeenAt, seen.UpdatedAt, seen.Version)
            : Held(profile, now - gone, now, version);

    /// <summary>What others see of somebody offline who has that profile.</summary>
    /// <param name="profile">Its text is what shows.</param>
    /// <param name="lastSeenAt">The last sign of life.</param>
    /// <param name="updatedAt">When the user went offline.</param>
    /// <param name="version">The version of that; 0: nobody ever saw the user.</param>
    internal static HeldRecord Held(Profile profile, DateTimeOffset? lastSeenAt, DateTimeOffset updatedAt, long version) =>
        new(
            profile.CustomStatus,
            profile.Text.Until,
            lastSeenAt,
            updatedAt,
            version,
            profile.Text.Under,
            version == 0 ? null : profile.ChosenAt
        );
}
