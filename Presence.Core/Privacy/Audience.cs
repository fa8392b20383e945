using Presence.Core.Users;

namespace Presence.Core.Privacy;

/// <summary>How much of a user a viewer may see.</summary>
public enum Sight
{
    /// <summary>Nothing: the user looks like one nobody ever heard of.</summary>
    Nothing = 0,

    /// <summary>All but when the user was last seen.</summary>
    WithoutLastSeen = 1,

    /// <summary>All that others may see.</summary>
    Full = 2,
}

/// <summary>Who may see what: decided here, once, for every channel. A block beats an override beats a visibility.</summary>
public static class Audience
{
    /// <summary>What the viewer, who is not the owner, may see under the owner's rule.</summary>
    /// <param name="rule">The owner's rule.</param>
    /// <param name="viewer">The viewer.</param>
    /// <param name="areContacts">Whether the two are contacts.</param>
    /// <param name="viewerBlocks">Whether the viewer blocks the owner: a block works both ways.</param>
    public static Sight SightOf(PrivacyRule rule, UserId viewer, bool areContacts, bool viewerBlocks = false) =>
        viewerBlocks || !SeesStatus(rule, viewer, areContacts) ? Sight.Nothing
        : SeesLastSeen(rule, viewer, areContacts) ? Sight.Full
        : Sight.WithoutLastSeen;

    /// <summary>The record as one with that sight may see it.</summary>
    /// <param name="record">The whole record.</param>
    /// <param name="sight">How much of it may be seen.</param>
    /// <param name="version">The version to tell where the record's own says too much (<see cref="HidesTime"/>): one of the moment in which it is told.</param>
    public static PresenceRecord Show(PresenceRecord record, Sight sight, long version) =>
        sight switch
        {
            Sight.Nothing => PresenceRecord.Unknown(record.UserId),
            Sight.WithoutLastSeen when HidesTime(record, sight) => record with
            {
                LastSeenAt = null,
                UpdatedAt = DateTimeOffset.UnixEpoch,
                Version = version,
            },
            Sight.WithoutLastSeen => record with { LastSeenAt = null },
            _ => record,
        };

    /// <summary>Whether the viewer may not know since when the record is so: for somebody offline, that is when the user was last there.</summary>
    public static bool HidesTime(PresenceRecord record, Sight sight) =>
        sight == Sight.WithoutLastSeen && record is { OnlineStatus: OnlineStatus.Offline, Version: > 0 };

    /// <summary>Whether the viewer may be told that the user types. Who may not see the status sees no typing; switched off beats an override.</summary>
    public static bool SeesTyping(PrivacyRule rule, UserId viewer, bool areContacts, bool viewerBlocks = false) =>
        !viewerBlocks
        && rule.TypingIndicatorsEnabled
        && SeesStatus(rule, viewer, areContacts)
        && (Override(rule, viewer)?.TypingVisible ?? true);

    /// <summary>Which part of the rule decides about the status, for people who ask why: <c>block</c>, <c>override</c> or <c>visibility</c>.</summary>
    public static string DecidingRule(PrivacyRule rule, UserId viewer) =>
        rule.Blocked.Contains(viewer) ? "block"
        : Override(rule, viewer)?.OnlineStatusVisible is not null ? "override"
        : "visibility";

    private static bool SeesStatus(PrivacyRule rule, UserId viewer, bool areContacts) =>
        !rule.Blocked.Contains(viewer) && (Override(rule, viewer)?.OnlineStatusVisible ?? Allows(rule.OnlineStatusVisibility, areContacts));

    private static bool SeesLastSeen(PrivacyRule rule, UserId viewer, bool areContacts) =>
        Override(rule, viewer)?.LastSeenVisible ?? Allows(rule.LastSeenVisibility, areContacts);

    private static ViewerOverride? Override(PrivacyRule rule, UserId viewer) => rule.Overrides.GetValueOrDefault(viewer);

    private static bool Allows(Visibility visibility, bool areContacts) =>
        visibility switch
        {
            Visibility.Everyone => true,
            Visibility.Contacts => areContacts,
            _ => false,
        };
}
