namespace Presence.Core.Users;

/// <summary>A field of an update: absent (stays as it was) or given (null clears).</summary>
/// <param name="Value">The new value.</param>
/// <typeparam name="T">The field's type.</typeparam>
public sealed record Given<T>(T Value);

/// <summary>What a person asks for: at least one of status, text and activity. The expiry holds for those that are named.</summary>
/// <param name="OnlineStatus">The status to set by hand: <c>online</c> clears what was set, <c>offline</c> means invisible; null leaves it as it was.</param>
/// <param name="CustomStatus">The text; null: stays as it was.</param>
/// <param name="Activity">The activity; null: stays as it was.</param>
/// <param name="ExpiresAt">When what is named ends by itself; null: never.</param>
/// <param name="ExpiresIn">The same, counted from now; at most one of the two.</param>
public sealed record PresenceUpdate(
    OnlineStatus? OnlineStatus,
    Given<string?>? CustomStatus,
    Given<string?>? Activity,
    DateTimeOffset? ExpiresAt,
    TimeSpan? ExpiresIn
)
{
    /// <summary>The longest text, in code points.</summary>
    public const int MaxCustomStatus = 140;

    /// <summary>The longest activity, in characters of <c>a-z 0-9 _ -</c>.</summary>
    public const int MaxActivity = 32;

    /// <summary>The farthest expiry, so that no sum of times can overflow.</summary>
    public static readonly TimeSpan MaxExpiry = TimeSpan.FromDays(3660);
}
