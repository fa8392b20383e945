using System.ComponentModel.DataAnnotations;

namespace Presence.Adapters.Http.Documents;

// The shapes of the contract, for the document alone: bodies are read and written field by field, and specs hold the two together.
#pragma warning disable CA1812 // Never instantiated: a schema is all that is made of them.

/// <summary>A status as others may see it; `invisible` is seen by its owner, and by a service, alone.</summary>
internal enum StatusWord
{
    Online,
    Away,
    Busy,
    Offline,
    Invisible,
}

/// <summary>How sure a read is: `grace`: the last device is gone and may be back; `unknown`: the part of the cluster that knows is out of reach.</summary>
internal enum CertaintyWord
{
    Confirmed,
    Grace,
    Unknown,
}

/// <summary>Who may see something.</summary>
internal enum VisibilityWord
{
    Everyone,
    Contacts,
    Nobody,
}

/// <summary>How a device is now.</summary>
internal enum DeviceStatusWord
{
    Active,
    Idle,
    Disconnected,
}

/// <summary>How a check, or the whole, is.</summary>
internal enum HealthWord
{
    Healthy,
    Degraded,
    Unhealthy,
}

/// <summary>What the caller may see of a user. One who is unknown, never seen or hidden reads offline, all else null or empty, with version 0.</summary>
internal sealed record PresenceSchema
{
    /// <summary>Whose.</summary>
    [RegularExpression(PresenceDocument.IdPattern)]
    public required string UserId { get; init; }

    /// <summary>The status.</summary>
    public required StatusWord OnlineStatus { get; init; }

    /// <summary>Free text of at most 140 code points; also shown while offline.</summary>
    public required string? CustomStatus { get; init; }

    /// <summary>A token of at most 32 of `a-z 0-9 _ -`, such as `in_a_call`; of others null while offline, the owner sees it as it is set.</summary>
    public required string? Activity { get; init; }

    /// <summary>When the first of what is shown (status, text, activity) ends by itself.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The status by platform; empty while offline.</summary>
    public required Dictionary<string, StatusWord> Platforms { get; init; }

    /// <summary>When a device was last connected; null while hidden, or never.</summary>
    public required DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>When this last changed visibly.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Grows with each change of that user, below 2^53: keep the larger one.</summary>
    public required long Version { get; init; }

    /// <summary>How sure this is.</summary>
    public required CertaintyWord Certainty { get; init; }

    /// <summary>Only in the owner's and a service's view: what was set by hand, or null.</summary>
    public StatusWord? SetStatus { get; init; }

    /// <summary>Only in the owner's and a service's view: when each of what was set ends by itself.</summary>
    public EndsSchema? Ends { get; init; }

    /// <summary>Only in the owner's and a service's view: how many devices are connected.</summary>
    public int? Devices { get; init; }

    /// <summary>Only in the owner's and a service's view: how many of those are not idle.</summary>
    public int? ActiveDevices { get; init; }
}

/// <summary>At least one of status, text and activity. What is absent stays as it was; null or "" clears a text or an activity.</summary>
internal sealed record PresenceUpdateSchema
{
    /// <summary>`online` clears what was set by hand; `offline` means `invisible`.</summary>
    public StatusWord OnlineStatus { get; init; }

    /// <summary>Free text of at most 140 code points, without control characters. It is trimmed; one of white space alone clears.</summary>
    public string? CustomStatus { get; init; }

    /// <summary>A token of at most 32 of `a-z 0-9 _ -`.</summary>
    public string? Activity { get; init; }

    /// <summary>When what this update names ends by itself, and what lay under it shows again; not together with `expires_in`.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The same in seconds from now, above 0.</summary>
    public double? ExpiresIn { get; init; }
}

/// <summary>Whose presences to read.</summary>
internal sealed record UserIdsSchema
{
    /// <summary>1 to 1,000 ids.</summary>
    [MinLength(1), MaxLength(1000)]
    public required IReadOnlyList<string> UserIds { get; init; }
}

/// <summary>The presences by user id.</summary>
internal sealed record PresencesSchema
{
    /// <summary>One for each id that was asked for; `certainty` is `unknown` where it could not be had.</summary>
    public required Dictionary<string, PresenceSchema> Presences { get; init; }
}

/// <summary>Taken as a socket would send it; it need not be there.</summary>
internal sealed record HeartbeatSchema
{
    /// <summary>Whether the person is active; absent: as it was.</summary>
    public bool Active { get; init; }
}

/// <summary>A keystroke or its end.</summary>
internal sealed record TypingSchema
{
    /// <summary>Where.</summary>
    [RegularExpression(PresenceDocument.IdPattern)]
    public required string ConversationId { get; init; }

    /// <summary>False: stopped.</summary>
    public required bool IsTyping { get; init; }
}

/// <summary>Who types, the caller left out.</summary>
internal sealed record TypingUsersSchema
{
    /// <summary>Where.</summary>
    public required string ConversationId { get; init; }

    /// <summary>By user id.</summary>
    public required IReadOnlyList<TypistSchema> TypingUsers { get; init; }

    /// <summary>How many.</summary>
    public required int Count { get; init; }
}

/// <summary>Somebody types.</summary>
internal sealed record TypistSchema
{
    /// <summary>Who.</summary>
    public required string UserId { get; init; }

    /// <summary>For how many seconds if it isn't renewed.</summary>
    public required int ExpiresIn { get; init; }
}

/// <summary>A user's devices.</summary>
internal sealed record DevicesSchema
{
    /// <summary>By id.</summary>
    public required IReadOnlyList<DeviceSchema> Devices { get; init; }

    /// <summary>How many.</summary>
    public required int Count { get; init; }
}

/// <summary>One installation of a client.</summary>
internal sealed record DeviceSchema
{
    /// <summary>Which.</summary>
    public required string DeviceId { get; init; }

    /// <summary>As it told when it connected.</summary>
    public required string? DeviceName { get; init; }

    /// <summary>As it told when it connected.</summary>
    public required string? DeviceType { get; init; }

    /// <summary>As it told when it connected.</summary>
    public required string? Platform { get; init; }

    /// <summary>As it told when it connected.</summary>
    public required string? AppVersion { get; init; }

    /// <summary>How it is now.</summary>
    public required DeviceStatusWord Status { get; init; }

    /// <summary>When it last connected.</summary>
    public required DateTimeOffset ConnectedAt { get; init; }

    /// <summary>When it was last heard of.</summary>
    public required DateTimeOffset LastActiveAt { get; init; }
}

/// <summary>Who may see what of a user. A block beats an override beats a visibility. In a `PUT`, what is absent takes its default.</summary>
internal sealed record PrivacySchema
{
    /// <summary>Who does not may see nothing at all, typing included (default: everyone).</summary>
    public VisibilityWord OnlineStatusVisibility { get; init; }

    /// <summary>Of those who see the status (default: everyone).</summary>
    public VisibilityWord LastSeenVisibility { get; init; }

    /// <summary>Whether anyone is told of typing (default: true).</summary>
    public bool TypingIndicatorsEnabled { get; init; }

    /// <summary>They see nothing; at most 10,000 (default: nobody).</summary>
    public IReadOnlyList<string> Blocked { get; init; } = [];

    /// <summary>Exceptions by viewer; at most 10,000 (default: none).</summary>
    public Dictionary<string, OverrideSchema> Overrides { get; init; } = [];
}

/// <summary>For one viewer: true allows, false denies, absent leaves it to the visibility.</summary>
internal sealed record OverrideSchema
{
    /// <summary>Whether this viewer sees the status.</summary>
    public bool OnlineStatusVisible { get; init; }

    /// <summary>Whether this viewer, seeing the status, sees when the user was last seen.</summary>
    public bool LastSeenVisible { get; init; }

    /// <summary>Whether this viewer, seeing the status, sees the user type.</summary>
    public bool TypingVisible { get; init; }
}

/// <summary>A user's contacts.</summary>
internal sealed record ContactsSchema
{
    /// <summary>Sorted; at most 10,000, the user itself not among them.</summary>
    [MaxLength(10_000)]
    public required IReadOnlyList<string> Contacts { get; init; }
}

/// <summary>Who takes part in a conversation.</summary>
internal sealed record ParticipantsSchema
{
    /// <summary>Sorted; at most 10,000.</summary>
    [MaxLength(10_000)]
    public required IReadOnlyList<string> Participants { get; init; }
}

/// <summary>A message of a backend to users.</summary>
internal sealed record EventSchema
{
    /// <summary>The backend's own word for what it is.</summary>
    [RegularExpression("^[A-Za-z0-9._:-]{1,64}$")]
    public required string EventType { get; init; }

    /// <summary>For whom: 1 to 1,000; named twice counts once.</summary>
    public required IReadOnlyList<string> Recipients { get; init; }

    /// <summary>What it tells; passed on as it is.</summary>
    public required Dictionary<string, System.Text.Json.JsonElement> Payload { get; init; }

    /// <summary>The user in whose name it is sent.</summary>
    public string? Sender { get; init; }

    /// <summary>For how many seconds it waits for a device to acknowledge it, at most 604800; 0, the default: only for who is connected, or comes back within the resume window.</summary>
    [Range(0, 604_800)]
    public int Ttl { get; init; }
}

/// <summary>A message that was taken.</summary>
internal sealed record EventTakenSchema
{
    /// <summary>Its id, by which devices acknowledge it.</summary>
    public required string EventId { get; init; }

    /// <summary>For how many users.</summary>
    public required int Recipients { get; init; }
}

/// <summary>A line of an import: `user_id` with `contacts`, or `conversation_id` with `participants`. It replaces that whole list.</summary>
internal sealed record ImportLineSchema
{
    /// <summary>Whose contacts.</summary>
    public string? UserId { get; init; }

    /// <summary>The whole list.</summary>
    public IReadOnlyList<string>? Contacts { get; init; }

    /// <summary>Which conversation's participants.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The whole set.</summary>
    public IReadOnlyList<string>? Participants { get; init; }
}

/// <summary>What an import came to.</summary>
internal sealed record ImportSchema
{
    /// <summary>How many lists of contacts were taken.</summary>
    public required long Users { get; init; }

    /// <summary>How many sets of participants were taken.</summary>
    public required long Conversations { get; init; }

    /// <summary>The lines that were not, at most the first 1,000.</summary>
    public required IReadOnlyList<RefusedLineSchema> Refused { get; init; }

    /// <summary>How many were not, listed or not.</summary>
    public required long RefusedTotal { get; init; }
}

/// <summary>A line that was not taken.</summary>
internal sealed record RefusedLineSchema
{
    /// <summary>Which, from 1.</summary>
    public required long Line { get; init; }

    /// <summary>The stable code.</summary>
    public required string Code { get; init; }

    /// <summary>For a person.</summary>
    public required string Message { get; init; }
}

/// <summary>All that is kept of a user.</summary>
internal sealed record ExportSchema
{
    /// <summary>Who.</summary>
    public required string UserId { get; init; }

    /// <summary>When this was read.</summary>
    public required DateTimeOffset ExportedAt { get; init; }

    /// <summary>As the user sees it.</summary>
    public required PresenceSchema Presence { get; init; }

    /// <summary>As stored: it may be some minutes behind while a device is connected.</summary>
    public required DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>Who may see what.</summary>
    public required PrivacySchema Privacy { get; init; }

    /// <summary>All that are known, by id.</summary>
    public required IReadOnlyList<DeviceSchema> Devices { get; init; }

    /// <summary>Sorted.</summary>
    public required IReadOnlyList<string> Contacts { get; init; }

    /// <summary>Those in which the user takes part, sorted.</summary>
    public required IReadOnlyList<string> Conversations { get; init; }

    /// <summary>The events that wait for the user, in order.</summary>
    public required IReadOnlyList<KeptEventSchema> Events { get; init; }

    /// <summary>The events that wait for others, and were sent in the user's name.</summary>
    public required IReadOnlyList<SentEventSchema> SentEvents { get; init; }

    /// <summary>What belongs to the sockets of the user's devices.</summary>
    public required IReadOnlyList<KeptSessionSchema> Sessions { get; init; }

    /// <summary>What the user chose, each choice, in order.</summary>
    public required IReadOnlyList<FactSchema> Journal { get; init; }
}

/// <summary>An event that waits.</summary>
internal record KeptEventSchema
{
    /// <summary>Its id.</summary>
    public required string EventId { get; init; }

    /// <summary>The backend's own word for what it is.</summary>
    public required string EventType { get; init; }

    /// <summary>What it tells.</summary>
    public required Dictionary<string, System.Text.Json.JsonElement> Payload { get; init; }

    /// <summary>In whose name it was sent, or null.</summary>
    public required string? Sender { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>Until when it waits.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>An event that waits for somebody else.</summary>
internal sealed record SentEventSchema : KeptEventSchema
{
    /// <summary>For whom.</summary>
    public required string Recipient { get; init; }
}

/// <summary>What belongs to the socket of a device.</summary>
internal sealed record KeptSessionSchema
{
    /// <summary>Which device.</summary>
    public required string DeviceId { get; init; }

    /// <summary>The users subscribed to, sorted.</summary>
    public required IReadOnlyList<string> Subscriptions { get; init; }

    /// <summary>The conversations watched, sorted.</summary>
    public required IReadOnlyList<string> Conversations { get; init; }

    /// <summary>When it was last stored.</summary>
    public required DateTimeOffset SavedAt { get; init; }
}

/// <summary>A choice, as it was journaled: `status-chosen` with status, text, activity and expiry, or `privacy-chosen` with the rule.</summary>
internal sealed record FactSchema
{
    /// <summary>Its number, from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>Which kind.</summary>
    public required string Fact { get; init; }

    /// <summary>When it was chosen.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>What was set by hand.</summary>
    public StatusWord? SetStatus { get; init; }

    /// <summary>The text.</summary>
    public string? CustomStatus { get; init; }

    /// <summary>The activity.</summary>
    public string? Activity { get; init; }

    /// <summary>When the first of it ends by itself.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When each ends; absent: in a fact of an early version, all at that time; else none ends.</summary>
    public EndsSchema? Ends { get; init; }

    /// <summary>What shows again when each has ended; absent: nothing.</summary>
    public UnderSchema? Under { get; init; }

    /// <summary>Of one who became invisible: what others go on seeing.</summary>
    public HeldSchema? Held { get; init; }

    /// <summary>Who may see what.</summary>
    public PrivacySchema? Privacy { get; init; }

    /// <summary>Of a fact that this version can't read: as it is stored, in base64.</summary>
    public string? Content { get; init; }
}

/// <summary>When what was set ends by itself; null: never.</summary>
internal sealed record EndsSchema
{
    /// <summary>The status.</summary>
    public required DateTimeOffset? OnlineStatus { get; init; }

    /// <summary>The text.</summary>
    public required DateTimeOffset? CustomStatus { get; init; }

    /// <summary>The activity.</summary>
    public required DateTimeOffset? Activity { get; init; }
}

/// <summary>What was set without an end, and lies under what ends.</summary>
internal sealed record UnderSchema
{
    /// <summary>The status.</summary>
    public required StatusWord? SetStatus { get; init; }

    /// <summary>The text.</summary>
    public required string? CustomStatus { get; init; }

    /// <summary>The activity.</summary>
    public required string? Activity { get; init; }
}

/// <summary>What others see of an invisible user.</summary>
internal sealed record HeldSchema
{
    /// <summary>The text.</summary>
    public required string? CustomStatus { get; init; }

    /// <summary>When it ends by itself.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The text that shows when it has ended.</summary>
    public required string? CustomStatusUnder { get; init; }

    /// <summary>When a device was last connected.</summary>
    public required DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>When this last changed visibly.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Its version.</summary>
    public required long Version { get; init; }
}

/// <summary>Why a viewer sees what it sees.</summary>
internal sealed record ExplanationSchema
{
    /// <summary>Of whom.</summary>
    public required string UserId { get; init; }

    /// <summary>Who looks.</summary>
    public required string Viewer { get; init; }

    /// <summary>What it sees.</summary>
    public required PresenceSchema Presence { get; init; }

    /// <summary>Whether it sees the user at all.</summary>
    public required bool Visible { get; init; }

    /// <summary>What decided.</summary>
    public required string Rule { get; init; }

    /// <summary>The steps, for a person.</summary>
    public required IReadOnlyList<string> Because { get; init; }
}

/// <summary>What is counted.</summary>
internal record CountsSchema
{
    /// <summary>Users with a device connected.</summary>
    public required long UsersOnline { get; init; }

    /// <summary>Devices connected.</summary>
    public required long Devices { get; init; }

    /// <summary>Sockets open.</summary>
    public required long Connections { get; init; }

    /// <summary>Sockets opened since the start.</summary>
    public required long Connects { get; init; }

    /// <summary>Sockets ended since the start, by reason.</summary>
    public required Dictionary<string, long> Disconnects { get; init; }

    /// <summary>Sockets and streams refused since the start, by cause: an error code, or `origin`.</summary>
    public required Dictionary<string, long> Refused { get; init; }
}

/// <summary>What the service counts.</summary>
internal sealed record StatsSchema : CountsSchema
{
    /// <summary>The same by node.</summary>
    public required IReadOnlyList<NodeSchema> Nodes { get; init; }
}

/// <summary>What a node counts.</summary>
internal sealed record NodeSchema : CountsSchema
{
    /// <summary>Its address.</summary>
    public required string Node { get; init; }
}

/// <summary>A ticket.</summary>
internal sealed record TicketSchema
{
    /// <summary>For `?ticket=`, once; opaque.</summary>
    public required string Ticket { get; init; }

    /// <summary>How long it may be used, in seconds.</summary>
    public required int ExpiresIn { get; init; }
}

/// <summary>Which tokens are not to be taken any more: either those of a user, perhaps of one of its devices, or one by its id.</summary>
internal record RevocationSchema
{
    /// <summary>Whose tokens.</summary>
    [RegularExpression(PresenceDocument.IdPattern)]
    public string? UserId { get; init; }

    /// <summary>Those alone that this device brings.</summary>
    [RegularExpression(PresenceDocument.IdPattern)]
    public string? DeviceId { get; init; }

    /// <summary>The id of one token; by itself.</summary>
    [StringLength(256, MinimumLength = 1)]
    public string? Jti { get; init; }

    /// <summary>Until when it is held: such tokens have expired then. As long as a token may live where it is absent.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>What was revoked.</summary>
internal sealed record RevokedSchema
{
    /// <summary>Whose tokens.</summary>
    [RegularExpression(PresenceDocument.IdPattern)]
    public string? UserId { get; init; }

    /// <summary>Those alone that this device brings.</summary>
    [RegularExpression(PresenceDocument.IdPattern)]
    public string? DeviceId { get; init; }

    /// <summary>The id of one token.</summary>
    public string? Jti { get; init; }

    /// <summary>What was issued up to then is not taken any more.</summary>
    public required DateTimeOffset RevokedAt { get; init; }

    /// <summary>Until when it is held.</summary>
    public required DateTimeOffset Until { get; init; }
}

/// <summary>Whether the service is well.</summary>
internal sealed record HealthSchema
{
    /// <summary>The worst of the checks.</summary>
    public required HealthWord Status { get; init; }

    /// <summary>The checks by name.</summary>
    public required Dictionary<string, HealthWord> Checks { get; init; }

    /// <summary>Why a check is not healthy, by its name, where it says so.</summary>
    public Dictionary<string, string>? Reasons { get; init; }
}

/// <summary>A refusal (RFC 9457).</summary>
internal sealed record ProblemSchema
{
    /// <summary>`about:blank`: the `code` tells which.</summary>
    public required string Type { get; init; }

    /// <summary>The phrase of the status.</summary>
    public required string Title { get; init; }

    /// <summary>The status.</summary>
    public required int Status { get; init; }

    /// <summary>For a person; names the field where there is one.</summary>
    public required string Detail { get; init; }

    /// <summary>The stable code that a client programs against, the same as in a socket's `error`.</summary>
    public required string Code { get; init; }

    /// <summary>When to try again, in seconds.</summary>
    public int? RetryAfter { get; init; }
}
