using System.Text.Json;
using Presence.Actors.Serialization;
using Presence.Actors.Users;
using Presence.Core.Events;
using Presence.Core.Json;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Adapters.Http.Users;

/// <summary>Writes all that is kept of a user, in the contract's words.</summary>
internal static class ExportJson
{
    public static void Write(Utf8JsonWriter writer, PresenceRecord presence, DevicesAre devices, KeptOfUser kept, DateTimeOffset at)
    {
        writer.WriteStartObject();
        writer.WriteString("user_id"u8, kept.UserId.Value);
        writer.WriteTime("exported_at"u8, at);
        writer.WritePropertyName("presence"u8);
        writer.WritePresence(presence);
        writer.WriteTime("last_seen_at"u8, kept.LastSeenAt);
        writer.WritePropertyName("privacy"u8);
        writer.WritePrivacy(kept.Profile?.Privacy ?? Core.Privacy.PrivacyRule.Default);
        writer.WriteDevices(devices);
        WriteIds(writer, "contacts"u8, kept.Contacts.Select(contact => contact.Value));
        WriteIds(writer, "conversations"u8, kept.Conversations.Select(conversation => conversation.Value));
        WriteAll(writer, "events"u8, kept.Events, posted => WriteEvent(writer, posted));
        WriteAll(
            writer,
            "sent_events"u8,
            kept.Sent,
            sent =>
            {
                writer.WriteString("recipient"u8, sent.Recipient.Value);
                WriteEvent(writer, sent.Event);
            }
        );
        WriteAll(writer, "sessions"u8, kept.Sessions, session => WriteSession(writer, session));
        WriteAll(writer, "journal"u8, kept.Journal, entry => WriteEntry(writer, entry));
        writer.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter writer, PostedEvent posted)
    {
        writer.WriteString("event_id"u8, posted.Id.Value);
        writer.WriteString("event_type"u8, posted.EventType);
        writer.WritePropertyName("payload"u8);
        writer.WriteRawValue(posted.Payload.Json);
        writer.WriteString("sender"u8, posted.Sender?.Value);
        writer.WriteTime("sent_at"u8, posted.SentAt);
        writer.WriteTime("expires_at"u8, posted.ExpiresAt);
    }

    private static void WriteSession(Utf8JsonWriter writer, Session session)
    {
        writer.WriteString("device_id"u8, session.DeviceId.Value);
        WriteIds(writer, "subscriptions"u8, session.Subscriptions.Select(user => user.Value));
        WriteIds(writer, "conversations"u8, session.Conversations.Select(conversation => conversation.Value));
        writer.WriteTime("saved_at"u8, session.SavedAt);
    }

    private static void WriteEntry(Utf8JsonWriter writer, JournalEntry entry)
    {
        writer.WriteNumber("sequence"u8, entry.Sequence);
        writer.WriteString("fact"u8, entry.Manifest);
        switch (PresenceSerializer.ReadFact(entry.Manifest, entry.Content.Span))
        {
            case StatusChosen chosen:
                writer.WriteTime("at"u8, chosen.At);
                writer.WriteString("set_status"u8, chosen.SetStatus?.Token());
                writer.WriteString("custom_status"u8, chosen.CustomStatus);
                writer.WriteString("activity"u8, chosen.Activity);
                writer.WriteTime("expires_at"u8, chosen.ExpiresAt);
                WriteEnds(writer, chosen);
                WriteHeld(writer, chosen.Held);
                break;
            case PrivacyChosen chosen:
                writer.WriteTime("at"u8, chosen.At);
                writer.WritePropertyName("privacy"u8);
                writer.WritePrivacy(chosen.Rule);
                break;
            default:
                // A later version wrote it.
                writer.WriteBase64String("content"u8, entry.Content.Span);
                break;
        }
    }

    /// <summary>When each of the three ends, and what then shows again.</summary>
    private static void WriteEnds(Utf8JsonWriter writer, StatusChosen chosen)
    {
        if (chosen.Ends is { } ends)
        {
            writer.WritePropertyName("ends"u8);
            writer.WriteEnds(ends);
        }

        if (chosen.Under is { } under)
        {
            writer.WriteStartObject("under"u8);
            writer.WriteString("set_status"u8, under.OnlineStatus?.Token());
            writer.WriteString("custom_status"u8, under.CustomStatus);
            writer.WriteString("activity"u8, under.Activity);
            writer.WriteEndObject();
        }
    }

    /// <summary>What others go on seeing of one who became invisible by this choice.</summary>
    private static void WriteHeld(Utf8JsonWriter writer, HeldRecord? held)
    {
        if (held is null)
        {
            return;
        }

        writer.WriteStartObject("held"u8);
        writer.WriteString("custom_status"u8, held.CustomStatus);
        writer.WriteString("custom_status_under"u8, held.Under);
        writer.WriteTime("expires_at"u8, held.ExpiresAt);
        writer.WriteTime("last_seen_at"u8, held.LastSeenAt);
        writer.WriteTime("updated_at"u8, held.UpdatedAt);
        writer.WriteNumber("version"u8, held.Version);
        writer.WriteEndObject();
    }

    private static void WriteIds(Utf8JsonWriter writer, ReadOnlySpan<byte> field, IEnumerable<string> ids)
    {
        writer.WriteStartArray(field);
        foreach (var id in ids.Order(StringComparer.Ordinal))
        {
            writer.WriteStringValue(id);
        }

        writer.WriteEndArray();
    }

    private static void WriteAll<T>(Utf8JsonWriter writer, ReadOnlySpan<byte> field, IEnumerable<T> items, Action<T> write)
    {
        writer.WriteStartArray(field);
        foreach (var item in items)
        {
            writer.WriteStartObject();
            write(item);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
