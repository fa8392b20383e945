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

        foreach (var problem in Limits.Problems())
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

/// <summary>Limits, each with the attack or accident it stops. Configuration section <c>Presence:Limits</c>.</summary>
public sealed record LimitOptions
{
    /// <summary>The largest message from a client, in bytes (default: 65,536: 1,000 UUIDs fit); over it 1009. Against memory filled by one frame.</summary>
    public int MessageBytes { get; init; } = 64 * 1024;

    /// <summary>The largest body of an HTTP request but <c>/import</c>, in bytes (default: 1 MiB); over it 413.</summary>
    public int BodyBytes { get; init; } = 1024 * 1024;

    /// <summary>Malformed frames on a socket before it is closed with 4400 (default: 10). Against a broken client that never stops.</summary>
    public int MalformedFrames { get; init; } = 10;

    /// <summary>Users one socket may subscribe to, contacts aside (default: 10,000); over it <c>too_many_ids</c>. Against one socket that watches everybody.</summary>
    public int Subscriptions { get; init; } = 10_000;

    /// <summary>Conversations one socket may watch (default: 1,000); over it <c>too_many_ids</c>.</summary>
    public int WatchedConversations { get; init; } = 1_000;

    /// <summary>Devices one user may have connected (default: 50); over it <c>too_many_devices</c>.</summary>
    public int Devices { get; init; } = 50;

    /// <summary>Frames waiting for one slow reader beside conflated ones (default: 1,000); over it the socket is closed with 4503.</summary>
    public int OutboxFrames { get; init; } = 1_000;

    /// <summary>A reader that takes nothing for that long is closed with 4503 (default: 15 s).</summary>
    public TimeSpan SlowReader { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Participants online above which typing goes only to the sockets that watch the conversation (default: 100).</summary>
    public int LargeConversation { get; init; } = 100;

    /// <summary>Events waiting for one user, of durable ones and of the others each (default: 100; at most 250); over it the oldest go. Against a user who never comes back, or never acknowledges.</summary>
    public int Events { get; init; } = 100;

    /// <summary>The largest payload of an event, in bytes (default: 32,768; at most 65,536, which one message between nodes can carry); over it <c>too_large</c>.</summary>
    public int EventBytes { get; init; } = 32 * 1024;

    /// <summary>The most that <see cref="EventBytes"/> may be.</summary>
    private const int MaxEventBytes = 64 * 1024;

    /// <summary>The most that <see cref="Events"/> may be: a client that connects is given twice as many at once, and must have room for what else waits for its first snapshot.</summary>
    private const int MaxEvents = 250;

    internal IEnumerable<string> Problems()
    {
        if (Events > MaxEvents)
        {
            yield return $"Presence:Limits:Events is {Events}: write a number from 1 to {MaxEvents}";
        }

        if (EventBytes > MaxEventBytes)
        {
            yield return $"Presence:Limits:EventBytes is {EventBytes}: write a number from 1 to {MaxEventBytes}";
        }

        foreach (var (key, value) in Counts())
        {
            if (value <= 0)
            {
                yield return $"Presence:Limits:{key} is {value}: write a number above 0";
            }
        }

        if (SlowReader <= TimeSpan.Zero)
        {
            yield return $"Presence:Limits:SlowReader is {SlowReader:c}: write a time above 0, such as 00:00:15";
        }
    }

    private IEnumerable<(string Key, int Value)> Counts() =>
        [
            (nameof(MessageBytes), MessageBytes),
            (nameof(BodyBytes), BodyBytes),
            (nameof(MalformedFrames), MalformedFrames),
            (nameof(Subscriptions), Subscriptions),
            (nameof(WatchedConversations), WatchedConversations),
            (nameof(Devices), Devices),
            (nameof(OutboxFrames), OutboxFrames),
            (nameof(LargeConversation), LargeConversation),
            (nameof(Events), Events),
            (nameof(EventBytes), EventBytes),
        ];
}
