namespace Presence.Actors;

/// <summary>The times and limits that a client can notice. Configuration section <c>Presence</c>; times as <c>hh:mm:ss</c>.</summary>
public sealed record PresenceOptions
{
    /// <summary>From a device's end until it counts as gone (default: 10 s).</summary>
    public TimeSpan OfflineGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a client should send a heartbeat (default: 30 s).</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A connection not heard of for that long is closed (default: 90 s). Above the interval.</summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>A typing that isn't renewed ends after that (default: 10 s).</summary>
    public TimeSpan TypingTtl { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client may come back with its resume token (default: 2 min).</summary>
    public TimeSpan ResumeWindow { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How old a stored <c>last_seen_at</c> may be while its user is connected, should the server be killed (default: 2 min).</summary>
    public TimeSpan LastSeenInterval { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>To what multiple of this time <c>last_seen_at</c> is rounded down in what other viewers see (default: none); owners and services see it as it is. From 1970 in UTC: 15 min are the quarters of the hour.</summary>
    public TimeSpan LastSeenRounding { get; init; } = TimeSpan.Zero;

    /// <summary>Who may see what of a user who has chosen nothing.</summary>
    public PrivacyDefaults Privacy { get; init; } = new();

    /// <summary>The limits.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>What is wrong with these, each with what to write instead; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var (key, value) in Times())
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
            {
                yield return $"Presence:{key} is {value:c}: write a time from 00:00:00.001 to 1.00:00:00, such as 00:00:10";
            }
        }

        if (HeartbeatTimeout <= HeartbeatInterval)
        {
            yield return $"Presence:HeartbeatTimeout ({HeartbeatTimeout:c}) must be above Presence:HeartbeatInterval ({HeartbeatInterval:c}): write three times the interval, {HeartbeatInterval * 3:c}";
        }

        if (LastSeenRounding < TimeSpan.Zero || LastSeenRounding > TimeSpan.FromDays(1))
        {
            yield return $"Presence:LastSeenRounding is {LastSeenRounding:c}: write a time up to 1.00:00:00, such as 00:15:00, or 00:00:00 for none";
        }

        foreach (var problem in Privacy.Problems().Concat(Limits.Problems()))
        {
            yield return problem;
        }
    }

    private IEnumerable<(string Key, TimeSpan Value)> Times() =>
        [
            (nameof(OfflineGrace), OfflineGrace),
            (nameof(HeartbeatInterval), HeartbeatInterval),
            (nameof(HeartbeatTimeout), HeartbeatTimeout),
            (nameof(TypingTtl), TypingTtl),
            (nameof(ResumeWindow), ResumeWindow),
            (nameof(LastSeenInterval), LastSeenInterval),
        ];
}
