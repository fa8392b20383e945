using System.Collections.Immutable;
using Presence.Core.Users;

namespace Presence.Core.Privacy;

/// <summary>Who may see something.</summary>
public enum Visibility
{
    /// <summary>Every user. The default.</summary>
    Everyone = 0,

    /// <summary>Only contacts.</summary>
    Contacts = 1,

    /// <summary>No one but the owner and services.</summary>
    Nobody = 2,
}

/// <summary>An exception for one viewer: true allows, false denies, null leaves it to the visibility.</summary>
/// <param name="OnlineStatusVisible">Whether this viewer sees the status.</param>
/// <param name="LastSeenVisible">Whether this viewer, seeing the status, sees when the user was last seen.</param>
/// <param name="TypingVisible">Whether this viewer, seeing the status, sees the user type.</param>
public sealed record ViewerOverride(bool? OnlineStatusVisible, bool? LastSeenVisible, bool? TypingVisible);

/// <summary>A user's audience rule: what the person chose about who may see what.</summary>
public sealed record PrivacyRule
{
    /// <summary>Who sees the status; who does not may see nothing at all of the user. Default: everyone.</summary>
    public Visibility OnlineStatusVisibility { get; init; }

    /// <summary>Of those who see the status, who sees when the user was last seen. Default: everyone.</summary>
    public Visibility LastSeenVisibility { get; init; }

    /// <summary>Whether anyone is told of typing. Default: true.</summary>
    public bool TypingIndicatorsEnabled { get; init; } = true;

    /// <summary>They see nothing of the user, and the user nothing of them. Default: nobody.</summary>
    public ImmutableHashSet<UserId> Blocked { get; init; } = [];

    /// <summary>Exceptions by viewer. Default: none.</summary>
    public ImmutableDictionary<UserId, ViewerOverride> Overrides { get; init; } = ImmutableDictionary<UserId, ViewerOverride>.Empty;

    /// <summary>Whether it can matter who is a contact.</summary>
    public bool AsksForContacts => OnlineStatusVisibility == Visibility.Contacts || LastSeenVisibility == Visibility.Contacts;

    /// <summary>What holds for who never chose, unless the server says otherwise.</summary>
    public static PrivacyRule Default { get; } = new();

    /// <summary>Equal by content, the sets too.</summary>
    public bool Equals(PrivacyRule? other) =>
        ReferenceEquals(this, other)
        || other is not null
            && OnlineStatusVisibility == other.OnlineStatusVisibility
            && LastSeenVisibility == other.LastSeenVisibility
            && TypingIndicatorsEnabled == other.TypingIndicatorsEnabled
            && Blocked.SetEquals(other.Blocked)
            && Overrides.Count == other.Overrides.Count
            && Overrides.All(mine => other.Overrides.TryGetValue(mine.Key, out var theirs) && mine.Value == theirs);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(OnlineStatusVisibility, LastSeenVisibility, TypingIndicatorsEnabled, Blocked.Count, Overrides.Count);
}
