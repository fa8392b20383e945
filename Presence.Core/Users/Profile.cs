using Presence.Core.Privacy;

namespace Presence.Core.Users;

/// <summary>What a person chose: the durable part of a user. Folded from <see cref="IProfileFact"/>s.</summary>
public sealed record Profile
{
    /// <summary>The status set by hand over all devices (away, busy, invisible), or null.</summary>
    public Layered<OnlineStatus?> Status { get; init; }

    /// <summary>The text, or null.</summary>
    public Layered<string?> Text { get; init; }

    /// <summary>The activity, or null.</summary>
    public Layered<string?> Doing { get; init; }

    /// <summary>The status that shows.</summary>
    public OnlineStatus? SetStatus
    {
        get => Status.Value;
        init => Status = new(value);
    }

    /// <summary>The text that shows.</summary>
    public string? CustomStatus
    {
        get => Text.Value;
        init => Text = new(value);
    }

    /// <summary>The activity that shows.</summary>
    public string? Activity
    {
        get => Doing.Value;
        init => Doing = new(value);
    }

    /// <summary>When each of the three ends by itself.</summary>
    public Ends Ends => new(Status.Until, Text.Until, Doing.Until);

    /// <summary>When the profile next changes by itself, for the owner or for others; null: never.</summary>
    public DateTimeOffset? NextEnd => Ends.First is { } first && !(Held?.ExpiresAt < first) ? first : Held?.ExpiresAt ?? Ends.First;

    /// <summary>The audience rule.</summary>
    public PrivacyRule Privacy { get; init; } = PrivacyRule.Default;

    /// <summary>When the audience rule was last chosen, by the clock that all nodes share, as cursors are; null: never.</summary>
    public DateTimeOffset? PrivacyAt { get; init; }

    /// <summary>While invisible: what others go on seeing. Null while visible.</summary>
    public HeldRecord? Held { get; init; }

    /// <summary>When status, text or activity was last chosen, or the text ended since; of who never chose one of them, when the first audience rule was. Null: never chose anything.</summary>
    public DateTimeOffset? ChosenAt { get; init; }

    /// <summary>Nothing was ever chosen.</summary>
    public static Profile Empty { get; } = new();

    /// <summary>The profile as it holds at that time: what has ended is gone, and what lay under it shows.</summary>
    public Profile At(DateTimeOffset now)
    {
        if (!(Ends.First <= now) && !(Held?.ExpiresAt <= now))
        {
            return this;
        }

        var status = Status.At(now);
        return this with
        {
            Status = status,
            Text = Text.At(now),
            Doing = Doing.At(now),
            Held = status.Value == OnlineStatus.Invisible ? Held?.At(now) : null,
            // Others see the text end, also of somebody offline: when that was is still known when the profile is stored again.
            ChosenAt = Text.Until <= now ? HeldRecord.Later(ChosenAt, Text.Until) : ChosenAt,
        };
    }

    /// <summary>Folds one fact in.</summary>
    public Profile Apply(IProfileFact fact) =>
        fact switch
        {
            StatusChosen chosen => this with
            {
                Status = chosen.Status,
                Text = chosen.Text,
                Doing = chosen.Doing,
                Held = chosen.Held,
                ChosenAt = chosen.At,
            },
            PrivacyChosen chosen => this with
            {
                Privacy = chosen.Rule,
                PrivacyAt = chosen.At,
                ChosenAt = ChosenAt ?? chosen.At,
                Held = Held is { ChosenAt: null } held ? held with { ChosenAt = chosen.At } : Held,
            },
            _ => this,
        };
}

/// <summary>When what was set by hand ends by itself; null: never, or nothing is set.</summary>
/// <param name="OnlineStatus">The status.</param>
/// <param name="CustomStatus">The text.</param>
/// <param name="Activity">The activity.</param>
public readonly record struct Ends(
    DateTimeOffset? OnlineStatus = null,
    DateTimeOffset? CustomStatus = null,
    DateTimeOffset? Activity = null
)
{
    /// <summary>The first of the three; null: none ends.</summary>
    public DateTimeOffset? First => Earlier(OnlineStatus, Earlier(CustomStatus, Activity));

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null ? other
        : other is null ? one
        : one < other ? one
        : other;
}

/// <summary>What others go on seeing of an invisible user: someone who went offline when the user became invisible.</summary>
/// <param name="CustomStatus">The text that showed then.</param>
/// <param name="ExpiresAt">When that text ends.</param>
/// <param name="LastSeenAt">When somebody who went offline at that moment would have been seen last; null: never seen.</param>
/// <param name="UpdatedAt">When the user became invisible. Only earlier builds read it.</param>
/// <param name="Version">The version of that moment. Only earlier builds read it.</param>
/// <param name="Under">The text under the one that ends.</param>
/// <param name="ChosenAt">When something that others could see was last chosen before that, or their text ended since; of who never chose one, when the first audience rule was. Null: never.</param>
public sealed record HeldRecord(
    string? CustomStatus,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastSeenAt,
    DateTimeOffset UpdatedAt,
    long Version,
    string? Under = null,
    DateTimeOffset? ChosenAt = null
)
{
    /// <summary>The same at that time: a text whose end has come is gone. When it ended stays known, since a later load of somebody offline would tell that.</summary>
    public HeldRecord At(DateTimeOffset now) =>
        ExpiresAt <= now ? this with { CustomStatus = Under, ExpiresAt = null, Under = null, ChosenAt = Later(ChosenAt, ExpiresAt) } : this;

    internal static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null ? other
        : other is null ? one
        : one > other ? one
        : other;
}

/// <summary>Something a person chose; journaled.</summary>
public interface IProfileFact;

/// <summary>Status, text and activity, all as they are from now on.</summary>
/// <param name="SetStatus">The status that shows.</param>
/// <param name="CustomStatus">The text that shows.</param>
/// <param name="Activity">The activity that shows.</param>
/// <param name="ExpiresAt">The first end of the three. In a fact without <paramref name="Ends"/>, written by an earlier build, the three end together.</param>
/// <param name="Held">What others go on seeing while invisible.</param>
/// <param name="At">When it was chosen.</param>
/// <param name="Ends">When each ends.</param>
/// <param name="Under">What shows again when each has ended; null: nothing.</param>
public sealed record StatusChosen(
    OnlineStatus? SetStatus,
    string? CustomStatus,
    string? Activity,
    DateTimeOffset? ExpiresAt,
    HeldRecord? Held,
    DateTimeOffset At,
    Ends? Ends = null,
    Lasting? Under = null
) : IProfileFact
{
    internal Layered<OnlineStatus?> Status => Layer(SetStatus, Ends?.OnlineStatus, Under?.OnlineStatus);

    internal Layered<string?> Text => Layer(CustomStatus, Ends?.CustomStatus, Under?.CustomStatus);

    internal Layered<string?> Doing => Layer(Activity, Ends?.Activity, Under?.Activity);

    /// <summary>The fact of those layers.</summary>
    public static StatusChosen Of(
        Layered<OnlineStatus?> status,
        Layered<string?> text,
        Layered<string?> doing,
        HeldRecord? held,
        DateTimeOffset at
    )
    {
        var ends = new Ends(status.Until, text.Until, doing.Until);
        var under = new Lasting(status.Under, text.Under, doing.Under);
        return new(
            status.Value,
            text.Value,
            doing.Value,
            ends.First,
            held,
            at,
            ends.First is null ? null : ends,
            under == Lasting.Nothing ? null : under
        );
    }

    private Layered<T> Layer<T>(T value, DateTimeOffset? end, T under) =>
        value is null ? new(value)
        : Ends is null ? new(value, ExpiresAt)
        : new(value, end, under);
}

/// <summary>What was set without an end and lies under what ends.</summary>
public sealed record Lasting(OnlineStatus? OnlineStatus = null, string? CustomStatus = null, string? Activity = null)
{
    /// <summary>Nothing does.</summary>
    public static Lasting Nothing { get; } = new();
}

/// <summary>The audience rule, whole, as it is from now on.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="At">When, by the clock that all nodes share: clients that come back are told whole what was known of a rule before that.</param>
public sealed record PrivacyChosen(PrivacyRule Rule, DateTimeOffset At) : IProfileFact;
