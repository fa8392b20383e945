using System.Text.Json;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Core.Json;

/// <summary>Writes the objects of the contract that a socket and HTTP share: <c>snake_case</c>, times in UTC.</summary>
public static class PresenceJson
{
    /// <summary>One record as an object.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="record">What.</param>
    /// <param name="timestamp">For pushes: when it was sent, as one field more.</param>
    public static void WritePresence(this Utf8JsonWriter writer, PresenceRecord record, DateTimeOffset? timestamp = null)
    {
        writer.WriteStartObject();
        writer.WriteString("user_id"u8, record.UserId.Value);
        writer.WriteString("online_status"u8, record.OnlineStatus.Token());
        writer.WriteString("custom_status"u8, record.CustomStatus);
        writer.WriteString("activity"u8, record.Activity);
        writer.WriteTime("expires_at"u8, record.ExpiresAt);
        writer.WriteStartObject("platforms"u8);
        foreach (var (platform, status) in record.Platforms)
        {
            writer.WriteString(platform, status.Token());
        }

        writer.WriteEndObject();
        writer.WriteTime("last_seen_at"u8, record.LastSeenAt);
        writer.WriteTime("updated_at"u8, record.UpdatedAt);
        writer.WriteNumber("version"u8, record.Version);
        writer.WriteString(
            "certainty"u8,
            record.Certainty switch
            {
                Certainty.Grace => "grace"u8,
                Certainty.Unknown => "unknown"u8,
                _ => "confirmed"u8,
            }
        );
        if (record.Owner is { } owner)
        {
            writer.WriteString("set_status"u8, owner.SetStatus?.Token());
            writer.WritePropertyName("ends"u8);
            writer.WriteEnds(owner.Ends);
            writer.WriteNumber("devices"u8, owner.Devices);
            writer.WriteNumber("active_devices"u8, owner.ActiveDevices);
        }

        if (timestamp is not null)
        {
            writer.WriteTime("timestamp"u8, timestamp);
        }

        writer.WriteEndObject();
    }

    /// <summary>When each of the three that can be set ends by itself.</summary>
    public static void WriteEnds(this Utf8JsonWriter writer, Ends ends)
    {
        writer.WriteStartObject();
        writer.WriteTime("online_status"u8, ends.OnlineStatus);
        writer.WriteTime("custom_status"u8, ends.CustomStatus);
        writer.WriteTime("activity"u8, ends.Activity);
        writer.WriteEndObject();
    }

    /// <summary>An audience rule as an object, whole.</summary>
    public static void WritePrivacy(this Utf8JsonWriter writer, PrivacyRule rule)
    {
        writer.WriteStartObject();
        writer.WriteString("online_status_visibility"u8, Token(rule.OnlineStatusVisibility));
        writer.WriteString("last_seen_visibility"u8, Token(rule.LastSeenVisibility));
        writer.WriteBoolean("typing_indicators_enabled"u8, rule.TypingIndicatorsEnabled);
        writer.WriteStartArray("blocked"u8);
        foreach (var user in rule.Blocked.OrderBy(user => user.Value, StringComparer.Ordinal))
        {
            writer.WriteStringValue(user.Value);
        }

        writer.WriteEndArray();
        writer.WriteStartObject("overrides"u8);
        foreach (var (viewer, exception) in rule.Overrides.OrderBy(entry => entry.Key.Value, StringComparer.Ordinal))
        {
            writer.WriteStartObject(viewer.Value);
            WriteWhereGiven(writer, "online_status_visible"u8, exception.OnlineStatusVisible);
            WriteWhereGiven(writer, "last_seen_visible"u8, exception.LastSeenVisible);
            WriteWhereGiven(writer, "typing_visible"u8, exception.TypingVisible);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>How many bytes <see cref="WritePrivacy"/> writes.</summary>
    public static long JsonBytes(this PrivacyRule rule)
    {
        using var writer = new Utf8JsonWriter(Stream.Null);
        writer.WritePrivacy(rule);
        writer.Flush();
        return writer.BytesCommitted;
    }

    /// <summary>The field <c>typing_users</c>: who types and for how long from now if it isn't renewed, in whole seconds, at least 1.</summary>
    public static void WriteTypingUsers(this Utf8JsonWriter writer, IReadOnlyCollection<(UserId Typist, TimeSpan EndsIn)> typists)
    {
        writer.WriteStartArray("typing_users"u8);
        foreach (var (typist, endsIn) in typists)
        {
            writer.WriteStartObject();
            writer.WriteString("user_id"u8, typist.Value);
            writer.WriteNumber("expires_in"u8, WholeSeconds(endsIn));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Whole seconds, rounded up, at least 1.</summary>
    public static int WholeSeconds(TimeSpan span) => Math.Max(1, (int)Math.Ceiling(span.TotalSeconds));

    /// <summary>A time in UTC as RFC 3339 writes it, or null.</summary>
    public static void WriteTime(this Utf8JsonWriter writer, ReadOnlySpan<byte> field, DateTimeOffset? time)
    {
        if (time is { } at)
        {
            writer.WriteString(field, at.UtcDateTime);
        }
        else
        {
            writer.WriteNull(field);
        }
    }

    private static string Token(Visibility visibility) =>
        visibility switch
        {
            Visibility.Contacts => "contacts",
            Visibility.Nobody => "nobody",
            _ => "everyone",
        };

    private static void WriteWhereGiven(Utf8JsonWriter writer, ReadOnlySpan<byte> field, bool? value)
    {
        if (value is { } given)
        {
            writer.WriteBoolean(field, given);
        }
    }
}
