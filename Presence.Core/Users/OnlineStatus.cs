namespace Presence.Core.Users;

/// <summary>What a person is, as a viewer may see it. <see cref="Invisible"/> is seen by its owner, and by a service, alone.</summary>
public enum OnlineStatus
{
    /// <summary>No device connected.</summary>
    Offline = 0,

    /// <summary>Some device is active.</summary>
    Online = 1,

    /// <summary>All devices are idle, or set so by hand.</summary>
    Away = 2,

    /// <summary>Set by hand: not to be disturbed.</summary>
    Busy = 3,

    /// <summary>Set by hand: here, and seen as offline.</summary>
    Invisible = 4,
}

/// <summary>How statuses are written on the wire.</summary>
public static class OnlineStatusTokens
{
    /// <summary>The word of the contract.</summary>
    public static string Token(this OnlineStatus status) =>
        status switch
        {
            OnlineStatus.Online => "online",
            OnlineStatus.Away => "away",
            OnlineStatus.Busy => "busy",
            OnlineStatus.Invisible => "invisible",
            _ => "offline",
        };

    /// <summary>Reads the word of the contract; nothing else, in no other case.</summary>
    public static bool TryParse(string? token, out OnlineStatus status)
    {
        (var known, status) = token switch
        {
            "online" => (true, OnlineStatus.Online),
            "away" => (true, OnlineStatus.Away),
            "busy" => (true, OnlineStatus.Busy),
            "invisible" => (true, OnlineStatus.Invisible),
            "offline" => (true, OnlineStatus.Offline),
            _ => (false, default),
        };
        return known;
    }
}
