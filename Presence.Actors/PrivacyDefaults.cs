using Presence.Core.Privacy;

namespace Presence.Actors;

/// <summary>Who may see what of a user who has chosen nothing. Configuration section <c>Presence:Privacy</c>.</summary>
public sealed record PrivacyDefaults
{
    /// <summary>Who sees the status (default: everyone).</summary>
    public Visibility OnlineStatusVisibility { get; init; }

    /// <summary>Of those, who sees when the user was last seen (default: everyone).</summary>
    public Visibility LastSeenVisibility { get; init; }

    /// <summary>Whether anyone is told of typing (default: true).</summary>
    public bool TypingIndicatorsEnabled { get; init; } = true;

    /// <summary>The same as a rule.</summary>
    public PrivacyRule Rule =>
        field ??= new()
        {
            OnlineStatusVisibility = OnlineStatusVisibility,
            LastSeenVisibility = LastSeenVisibility,
            TypingIndicatorsEnabled = TypingIndicatorsEnabled,
        };

    internal IEnumerable<string> Problems() =>
        [.. Problem(nameof(OnlineStatusVisibility), OnlineStatusVisibility), .. Problem(nameof(LastSeenVisibility), LastSeenVisibility)];

    private static IEnumerable<string> Problem(string name, Visibility value) =>
        Enum.IsDefined(value) ? [] : [$"Presence:Privacy:{name} is {value}: write everyone, contacts or nobody"];
}
