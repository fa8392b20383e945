using System.Collections.Immutable;
using System.Text.Json;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Core.Json;

/// <summary>A request to say that one types.</summary>
public sealed record TypingRequest(ConversationId ConversationId, bool IsTyping);

/// <summary>Reads the payloads that a socket and HTTP share. Unknown fields are ignored; all else that is wrong is a refusal that names the field.</summary>
public static class Payloads
{
    /// <summary>The most ids one request may name.</summary>
    public const int MaxIds = 1000;

    private static readonly Refusal NotAnObject = Refusal.InvalidPayload("payload", "an object");

    /// <summary>The payload of <c>presence_update</c> and of <c>POST /</c>.</summary>
    public static Parsed<PresenceUpdate> PresenceUpdate(JsonElement payload)
    {
        if (payload.ValueKind != JsonValueKind.Object)
        {
            return NotAnObject;
        }

        OnlineStatus? status = null;
        if (payload.TryGetProperty("online_status", out var statusValue))
        {
            if (!statusValue.TryText(out var token) || !OnlineStatusTokens.TryParse(token, out var parsed))
            {
                return new Refusal(ErrorCodes.InvalidStatus, "online_status: one of online, away, busy, invisible, offline");
            }

            status = parsed;
        }

        if (
            !TryOptionalText(payload, "custom_status", out var text)
            || text?.Value?.Any(char.IsControl) == true
            || (text = Trimmed(text))?.Value?.EnumerateRunes().Count() > Users.PresenceUpdate.MaxCustomStatus
        )
        {
            return Refusal.InvalidPayload(
                "custom_status",
                $"a text of at most {Users.PresenceUpdate.MaxCustomStatus} code points without control characters, or null"
            );
        }

        if (!TryOptionalText(payload, "activity", out var activity) || !IsActivity(activity?.Value))
        {
            return Refusal.InvalidPayload("activity", $"a token of at most {Users.PresenceUpdate.MaxActivity} of a-z 0-9 _ -, or null");
        }

        if (!TryTime(payload, "expires_at", out var expiresAt))
        {
            return Refusal.InvalidPayload("expires_at", "an RFC 3339 time, or null");
        }

        if (!TrySeconds(payload, "expires_in", Users.PresenceUpdate.MaxExpiry, out var expiresIn))
        {
            return Refusal.InvalidPayload(
                "expires_in",
                $"seconds, above 0, at most {Users.PresenceUpdate.MaxExpiry.TotalSeconds:0}, or null"
            );
        }

        if (expiresAt is not null && expiresIn is not null)
        {
            return Refusal.InvalidPayload("expires_in", "not together with expires_at");
        }

        return status is null && text is null && activity is null
            ? Refusal.InvalidPayload("payload", "one of online_status, custom_status and activity must be there")
            : new PresenceUpdate(status, text, activity, expiresAt, expiresIn);
    }

    /// <summary>The payload of <c>typing</c> and of <c>POST /typing</c>.</summary>
    public static Parsed<TypingRequest> Typing(JsonElement payload)
    {
        var id = Id(payload, "conversation_id");
        if (id.Refusal is not null)
        {
            return id.Refusal;
        }

        return payload.TryGetProperty("is_typing", out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? new TypingRequest(new ConversationId(id.Value!), value.GetBoolean())
            : Refusal.InvalidPayload("is_typing", "true or false");
    }

    /// <summary>The text of an id: a field that is missing is an <c>invalid_payload</c>, one of the wrong type or form an <c>invalid_id</c>.</summary>
    public static Parsed<string> Id(JsonElement payload, string field) =>
        TryId(payload, field, out var text) ? text
        : payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(field, out _) ? Refusal.InvalidId(field)
        : Refusal.InvalidPayload(field, "is missing");

    /// <summary>A list of user ids: at least <paramref name="min"/>, at most <paramref name="max"/>; named twice counts once.</summary>
    public static Parsed<IReadOnlyList<UserId>> UserIds(JsonElement payload, string field, int min, int max)
    {
        if (
            payload.ValueKind != JsonValueKind.Object
            || !payload.TryGetProperty(field, out var value)
            || value.ValueKind != JsonValueKind.Array
        )
        {
            return Refusal.InvalidPayload(field, "a list of ids");
        }

        var length = value.GetArrayLength();
        if (length > max)
        {
            return new Refusal(ErrorCodes.TooManyIds, $"{field}: at most {max} ids");
        }

        if (length < min)
        {
            return Refusal.InvalidPayload(field, $"at least {min} id");
        }

        var seen = new HashSet<UserId>(length);
        var ids = new List<UserId>(length);
        foreach (var item in value.EnumerateArray())
        {
            if (!item.TryText(out var text) || !UserId.TryParse(text, out var id))
            {
                return Refusal.InvalidId(field);
            }

            if (seen.Add(id))
            {
                ids.Add(id);
            }
        }

        return ids;
    }

    /// <summary>Whether the field is there and has the form of an id.</summary>
    public static bool TryId(JsonElement payload, string field, out string text)
    {
        text = "";
        return payload.ValueKind == JsonValueKind.Object
            && payload.TryGetProperty(field, out var value)
            && value.TryText(out text)
            && Identifier.IsValid(text);
    }

    /// <summary>The body of <c>PUT /privacy</c>: what is absent takes its default.</summary>
    public static Parsed<PrivacyRule> PrivacyRule(JsonElement payload) => PrivacyRule(payload, Privacy.PrivacyRule.Default);

    /// <summary>The same with the defaults of a server.</summary>
    public static Parsed<PrivacyRule> PrivacyRule(JsonElement payload, PrivacyRule defaults)
    {
        if (payload.ValueKind != JsonValueKind.Object)
        {
            return NotAnObject;
        }

        if (!TryVisibility(payload, "online_status_visibility", defaults.OnlineStatusVisibility, out var status))
        {
            return Refusal.InvalidPayload("online_status_visibility", "one of everyone, contacts, nobody");
        }

        if (!TryVisibility(payload, "last_seen_visibility", defaults.LastSeenVisibility, out var lastSeen))
        {
            return Refusal.InvalidPayload("last_seen_visibility", "one of everyone, contacts, nobody");
        }

        if (!TryBool(payload, "typing_indicators_enabled", out var typing))
        {
            return Refusal.InvalidPayload("typing_indicators_enabled", "true or false");
        }

        IReadOnlyList<UserId> blocked = [];
        if (payload.TryGetProperty("blocked", out _))
        {
            var list = UserIds(payload, "blocked", 0, MaxPrivacyEntries);
            if (list.Refusal is not null)
            {
                return list.Refusal;
            }

            blocked = list.Value!;
        }

        var overrides = Overrides(payload);
        return overrides.Refusal is not null
            ? overrides.Refusal
            : new PrivacyRule
            {
                OnlineStatusVisibility = status,
                LastSeenVisibility = lastSeen,
                TypingIndicatorsEnabled = typing ?? defaults.TypingIndicatorsEnabled,
                Blocked = [.. blocked],
                Overrides = overrides.Value!,
            };
    }

    /// <summary>The most blocked, and the most overrides, of one user.</summary>
    public const int MaxPrivacyEntries = 10_000;

    private static Parsed<ImmutableDictionary<UserId, ViewerOverride>> Overrides(JsonElement payload)
    {
        if (!payload.TryGetProperty("overrides", out var value))
        {
            return ImmutableDictionary<UserId, ViewerOverride>.Empty;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            return Refusal.InvalidPayload("overrides", "an object by user id");
        }

        var overrides = ImmutableDictionary.CreateBuilder<UserId, ViewerOverride>();
        foreach (var entry in value.EnumerateObject())
        {
            if (!TryName(entry, out var name) || !UserId.TryParse(name, out var viewer))
            {
                return Refusal.InvalidId("overrides");
            }

            if (
                entry.Value.ValueKind != JsonValueKind.Object
                || !TryBool(entry.Value, "online_status_visible", out var status)
                || !TryBool(entry.Value, "last_seen_visible", out var lastSeen)
                || !TryBool(entry.Value, "typing_visible", out var typing)
            )
            {
                return Refusal.InvalidPayload("overrides", "online_status_visible, last_seen_visible and typing_visible are true or false");
            }

            overrides[viewer] = new(status, lastSeen, typing);
        }

        return overrides.Count > MaxPrivacyEntries
            ? new Refusal(ErrorCodes.TooManyIds, $"overrides: at most {MaxPrivacyEntries}")
            : overrides.ToImmutable();
    }

    private static bool TryName(JsonProperty property, out string name)
    {
        try
        {
            name = property.Name;
            return true;
        }
        catch (InvalidOperationException)
        {
            name = "";
            return false;
        }
    }

    private static bool TryVisibility(JsonElement payload, string field, Visibility absent, out Visibility visibility)
    {
        visibility = absent;
        if (!payload.TryGetProperty(field, out var value))
        {
            return true;
        }

        (var known, visibility) = value.TryText(out var text) ? FromToken(text) : (false, default);
        return known;
    }

    private static (bool Known, Visibility Visibility) FromToken(string token) =>
        token switch
        {
            "everyone" => (true, Visibility.Everyone),
            "contacts" => (true, Visibility.Contacts),
            "nobody" => (true, Visibility.Nobody),
            _ => (false, default),
        };

    private static bool TryBool(JsonElement payload, string field, out bool? value)
    {
        value = null;
        if (!payload.TryGetProperty(field, out var element))
        {
            return true;
        }

        if (element.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            return false;
        }

        value = element.GetBoolean();
        return true;
    }

    private static bool TryOptionalText(JsonElement payload, string field, out Given<string?>? given)
    {
        given = null;
        if (!payload.TryGetProperty(field, out var value))
        {
            return true;
        }

        if (value.ValueKind == JsonValueKind.Null)
        {
            given = new(null);
            return true;
        }

        var read = value.TryText(out var text);
        given = new(text);
        return read;
    }

    private static Given<string?>? Trimmed(Given<string?>? given) => given?.Value is { } text ? new(text.Trim()) : given;

    private static bool IsActivity(string? token) =>
        token is null
        || (
            token.Length <= Users.PresenceUpdate.MaxActivity
            && token.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-')
        );

    private static bool TryTime(JsonElement payload, string field, out DateTimeOffset? time)
    {
        time = null;
        if (!payload.TryGet(field, out var value))
        {
            return true;
        }

        var read = value.TryText(out var text) & Rfc3339.TryParse(text, out var parsed);
        time = parsed;
        return read;
    }

    private static bool TrySeconds(JsonElement payload, string field, TimeSpan max, out TimeSpan? span)
    {
        span = null;
        if (!payload.TryGet(field, out var value))
        {
            return true;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var seconds) || !(seconds > 0) || seconds > max.TotalSeconds)
        {
            return false;
        }

        span = TimeSpan.FromSeconds(seconds);
        return true;
    }
}
