using Presence.Core.Privacy;

namespace Presence.Core.Users;

/// <summary>What a person chose: the durable part of a user. Folded from <see cref="IProfileFact"/>s.</summary>
public sealed record Profile
{
    /// <summary>The status set by hand over all devices (away, busy, invisible), or null.</summary>
    public OnlineStatus? SetStatus { get; init; }

    /// <summary>The text, or null.</summary>
    public string? CustomStatus { get; init; }

    /// <summary>The activity, or null.</summary>
    public string? Activity { get; init; }

    /// <summary>When status, text and activity end by themselves; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The audience rule that the person chose; null: none, and the server's holds.</summary>
    public PrivacyRule? OwnPrivacy { get; init; }

    /// <summary>What holds for who never chose; not stored.</summary>
    public PrivacyRule DefaultPrivacy { get; init; } = PrivacyRule.Default;

    /// <summary>The audience rule.</summary>
    public PrivacyRule Privacy
    {
        get => OwnPrivacy ?? DefaultPrivacy;
        init => OwnPrivacy = value;
    }

    /// <summary>When the audience rule was last chosen, by the clock that all nodes share, as cursors are; null: never.</summary>
    public DateTimeOffset? PrivacyAt { get; init; }

    /// <summary>While invisible: the record that others go on seeing, which does not move. Null while visible.</summary>
    public HeldRecord? Held { get; init; }

    /// <summary>When status, text or activity was last chosen; of who never chose one of them, when the first audience rule was. Null: never chose anything.</summary>
    public DateTimeOffset? ChosenAt { get; init; }

    /// <summary>Nothing was ever chosen.</summary>
    public static Profile Empty { get; } = new();

    /// <summary>The profile as it holds at that time: what has expired is gone.</summary>
    public Profile At(DateTimeOffset now) =>
        ExpiresAt <= now ? this with { SetStatus = null, CustomStatus = null, Activity = null, ExpiresAt = null, Held = null } : this;

    /// <summary>Folds one fact in.</summary>
    public Profile Apply(IProfileFact fact) =>
        fact switch
        {
            StatusChosen chosen => this with
            {
                SetStatus = chosen.SetStatus,
                CustomStatus = chosen.CustomStatus,
                Activity = chosen.Activity,
                ExpiresAt = chosen.ExpiresAt,
                Held = chosen.Held,
                ChosenAt = chosen.At,
            },
            PrivacyChosen chosen => this with { Privacy = chosen.Rule, PrivacyAt = chosen.At, ChosenAt = ChosenAt ?? chosen.At },
            _ => this,
        };
}

/// <summary>What others go on seeing of an invisible user, as it was when the user became invisible; the status is offline.</summary>
public sealed record HeldRecord(
    string? CustomStatus,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastSeenAt,
    DateTimeOffset UpdatedAt,
    long Version
);

/// <summary>Something a person chose; journaled.</summary>
public interface IProfileFact;

/// <summary>Status, text, activity and their expiry, all as they are from now on.</summary>
public sealed record StatusChosen(
    OnlineStatus? SetStatus,
    string? CustomStatus,
    string? Activity,
    DateTimeOffset? ExpiresAt,
    HeldRecord? Held,
    DateTimeOffset At
) : IProfileFact;

/// <summary>The audience rule, whole, as it is from now on.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="At">When, by the clock that all nodes share: clients that come back are told whole what was known of a rule before that.</param>
public sealed record PrivacyChosen(PrivacyRule Rule, DateTimeOffset At) : IProfileFact;
