using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Events;
using Presence.Core.Json;
using Presence.Core.Privacy;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Adapters.WebSocket.Frames;

/// <summary>What a <c>connection_ack</c> tells.</summary>
/// <param name="Connection">The connection: <c>client_id</c>.</param>
/// <param name="User">Whose.</param>
/// <param name="Device">Which device, given or made; null: none, it only listens.</param>
/// <param name="ResumeToken">Opaque; a secret between this client and the server.</param>
/// <param name="Resumed">Whether the client is told what it missed, and no more.</param>
internal sealed record Greeting(ConnectionId Connection, UserId User, DeviceId? Device, string ResumeToken, bool Resumed);

/// <summary>Writes the frames of the server: <c>{"type", "id"?, "payload"}</c>. Each answer is an array of its own, since an outbox keeps it.</summary>
internal static class ServerFrames
{
    private static readonly JsonWriterOptions Options = new()
    {
        // A text frame is no HTML: letters stay letters, a third of the bytes in another script than Latin.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? t_pen;

    /// <summary>The first frame.</summary>
    public static byte[] ConnectionAck(Greeting greeting, PresenceOptions options, DateTimeOffset now) =>
        Frame(
            "connection_ack"u8,
            null,
            (greeting, options, now),
            static (writer, state) =>
            {
                writer.WriteString("status"u8, "connected"u8);
                writer.WriteString("client_id"u8, state.greeting.Connection.ToString());
                writer.WriteString("user_id"u8, state.greeting.User.Value);
                writer.WriteString("device_id"u8, state.greeting.Device?.Value);
                writer.WriteTime("timestamp"u8, state.now);
                writer.WriteNumber("heartbeat_interval"u8, state.options.HeartbeatInterval.TotalSeconds);
                writer.WriteNumber("heartbeat_timeout"u8, state.options.HeartbeatTimeout.TotalSeconds);
                writer.WriteString("resume_token"u8, state.greeting.ResumeToken);
                writer.WriteBoolean("resumed"u8, state.greeting.Resumed);
                WriteLimits(writer, state.options.Limits);
            }
        );

    /// <summary>The answer to a heartbeat.</summary>
    public static byte[] HeartbeatAck(string? id, DateTimeOffset now, Cursor cursor) =>
        Frame(
            "heartbeat_ack"u8,
            id,
            (now, cursor),
            static (writer, state) =>
            {
                writer.WriteTime("server_time"u8, state.now);
                writer.WriteString("cursor"u8, state.cursor.ToString());
            }
        );

    /// <summary>The server is about to go.</summary>
    public static byte[] Reconnect(TimeSpan delay) =>
        Frame(
            "reconnect"u8,
            null,
            delay,
            static (writer, delay) =>
            {
                writer.WriteNumber("delay"u8, Math.Round(delay.TotalSeconds, 3));
                writer.WriteString("reason"u8, "the server is about to go"u8);
            }
        );

    /// <summary>The answer to a ping.</summary>
    public static byte[] Pong(string? id, DateTimeOffset now, Cursor cursor) =>
        Frame(
            "pong"u8,
            id,
            (now, cursor),
            static (writer, state) =>
            {
                writer.WriteTime("timestamp"u8, state.now);
                writer.WriteString("cursor"u8, state.cursor.ToString());
            }
        );

    /// <summary>A fresh token was taken.</summary>
    public static byte[] AuthenticateAck(string? id, TimeSpan expiresIn) => ExpiresIn("authenticate_ack"u8, id, expiresIn);

    /// <summary>A refusal.</summary>
    public static byte[] Error(string? id, Refusal refusal) =>
        Frame(
            "error"u8,
            id,
            refusal,
            static (writer, refusal) =>
            {
                writer.WriteString("code"u8, refusal.Code);
                writer.WriteString("message"u8, refusal.Message);
                if (refusal.RetryAfter is { } after)
                {
                    writer.WriteNumber("retry_after"u8, Math.Ceiling(after.TotalMilliseconds) / 1_000);
                }
            }
        );

    /// <summary>The hub's answer to a frame; null where the contract has none: a <c>typing</c> without an id.</summary>
    public static byte[]? Answer(string? id, IClientAnswer answer) =>
        answer switch
        {
            RefusedAnswer refused => Error(id, refused.Refusal),
            PresenceUpdatedAnswer updated => OwnPresence(id, updated.Own),
            TypingAnswer typing => id is null ? null : OfConversation("typing_ack"u8, id, typing.ConversationId),
            SubscribedAnswer subscribed => Counted("subscribe_ack"u8, id, subscribed.Count),
            UnsubscribedAnswer unsubscribed => Counted("unsubscribe_ack"u8, id, unsubscribed.Count),
            WatchedAnswer watched => OfConversation("watch_conversation_ack"u8, id, watched.ConversationId),
            UnwatchedAnswer unwatched => OfConversation("unwatch_conversation_ack"u8, id, unwatched.ConversationId),
            WatchEndedAnswer ended => WatchEnded(ended.ConversationId),
            PrivacyChangedAnswer changed => PrivacyUpdate(changed.Rule),
            TypingSnapshotAnswer snapshot => TypingSnapshot(id, snapshot),
            TokenExpiring token => ExpiresIn("token_expiring"u8, id, token.In),
            _ => throw new NotSupportedException($"no frame for {answer.GetType().Name}"),
        };

    /// <summary>A push of a presence.</summary>
    public static byte[] PresenceUpdate(PresenceRecord record, DateTimeOffset at) =>
        Write(
            (record, at),
            static (writer, state) =>
            {
                writer.WriteStartObject();
                writer.WriteString("type"u8, "presence_update"u8);
                writer.WritePropertyName("payload"u8);
                writer.WritePresence(state.record, state.at);
                writer.WriteEndObject();
            }
        );

    /// <summary>A record as it stands in a snapshot.</summary>
    public static byte[] Record(PresenceRecord record) => Write(record, static (writer, record) => writer.WritePresence(record));

    /// <summary>A push of somebody's typing, or of its end.</summary>
    public static byte[] Typing(ConversationId conversation, UserId typist, bool isTyping, TimeSpan endsIn, DateTimeOffset at) =>
        Frame(
            "typing_indicator"u8,
            null,
            (conversation, typist, isTyping, endsIn, at),
            static (writer, state) =>
            {
                writer.WriteString("conversation_id"u8, state.conversation.Value);
                writer.WriteString("user_id"u8, state.typist.Value);
                writer.WriteBoolean("is_typing"u8, state.isTyping);
                writer.WriteNumber("expires_in"u8, state.isTyping ? PresenceJson.WholeSeconds(state.endsIn) : 0);
                writer.WriteTime("timestamp"u8, state.at);
            }
        );

    /// <summary>A message from a backend, what it tells in the backend's own words.</summary>
    public static byte[] Event(PostedEvent posted) =>
        Frame(
            "event"u8,
            null,
            posted,
            static (writer, posted) =>
            {
                writer.WriteString("id"u8, posted.Id.Value);
                writer.WriteString("event_type"u8, posted.EventType);
                writer.WritePropertyName("payload"u8);
                writer.WriteRawValue(posted.Payload.Json, skipInputValidation: true);
                if (posted.Sender is { } sender)
                {
                    writer.WriteString("sender"u8, sender.Value);
                }

                writer.WriteTime("sent_at"u8, posted.SentAt);
            }
        );

    private static byte[] OwnPresence(string? id, PresenceRecord own) =>
        Write(
            (id, own),
            static (writer, state) =>
            {
                Begin(writer, "presence_update_ack"u8, state.id);
                writer.WritePropertyName("payload"u8);
                writer.WritePresence(state.own);
                writer.WriteEndObject();
            }
        );

    private static byte[] ExpiresIn(ReadOnlySpan<byte> type, string? id, TimeSpan time) =>
        Frame(type, id, time, static (writer, time) => writer.WriteNumber("expires_in"u8, Math.Max(0, (long)time.TotalSeconds)));

    private static byte[] Counted(ReadOnlySpan<byte> type, string? id, int count) =>
        Frame(type, id, count, static (writer, count) => writer.WriteNumber("count"u8, count));

    private static byte[] OfConversation(ReadOnlySpan<byte> type, string? id, ConversationId conversation) =>
        Frame(type, id, conversation, static (writer, conversation) => writer.WriteString("conversation_id"u8, conversation.Value));

    private static byte[] WatchEnded(ConversationId conversation) =>
        Frame(
            "watch_ended"u8,
            null,
            conversation,
            static (writer, conversation) =>
            {
                writer.WriteString("conversation_id"u8, conversation.Value);
                writer.WriteString("reason"u8, ErrorCodes.NotAParticipant);
            }
        );

    private static byte[] PrivacyUpdate(PrivacyRule rule) =>
        Write(
            rule,
            static (writer, rule) =>
            {
                Begin(writer, "privacy_update"u8, null);
                writer.WritePropertyName("payload"u8);
                writer.WritePrivacy(rule);
                writer.WriteEndObject();
            }
        );

    private static byte[] TypingSnapshot(string? id, TypingSnapshotAnswer snapshot) =>
        Frame(
            "typing_snapshot"u8,
            id,
            snapshot,
            static (writer, snapshot) =>
            {
                writer.WriteString("conversation_id"u8, snapshot.ConversationId.Value);
                writer.WriteTypingUsers([.. snapshot.Typists.Select(typist => (typist.Typist, typist.EndsIn))]);
            }
        );

    private static void WriteLimits(Utf8JsonWriter writer, LimitOptions limits)
    {
        writer.WriteStartObject("limits"u8);
        writer.WriteNumber("message_bytes"u8, limits.MessageBytes);
        writer.WriteNumber("ids"u8, Payloads.MaxIds);
        writer.WriteNumber("subscriptions"u8, limits.Subscriptions);
        writer.WriteNumber("watched_conversations"u8, limits.WatchedConversations);
        writer.WriteNumber("malformed_frames"u8, limits.MalformedFrames);
        writer.WriteNumber("frames_per_second"u8, limits.FramesPerSecond);
        writer.WriteNumber("frames_burst"u8, limits.FramesBurst);
        writer.WriteNumber("frames_per_minute"u8, limits.FramesPerMinute);
        writer.WriteNumber("changes_per_second"u8, limits.ChangesPerSecond);
        writer.WriteNumber("changes_burst"u8, limits.ChangesBurst);
        writer.WriteNumber("typing_per_second"u8, limits.TypingPerSecond);
        writer.WriteNumber("typing_burst"u8, limits.TypingBurst);
        writer.WriteNumber("open_questions"u8, limits.OpenQuestions);
        writer.WriteNumber("targets_per_hour"u8, limits.TargetsPerHour);
        writer.WriteEndObject();
    }

    private static byte[] Frame<T>(ReadOnlySpan<byte> type, string? id, T state, Action<Utf8JsonWriter, T> payload)
    {
        var (buffer, writer) = Pen();
        Begin(writer, type, id);
        writer.WriteStartObject("payload"u8);
        payload(writer, state);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Write<T>(T state, Action<Utf8JsonWriter, T> write)
    {
        var (buffer, writer) = Pen();
        write(writer, state);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Begin(Utf8JsonWriter writer, ReadOnlySpan<byte> type, string? id)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        if (id is not null)
        {
            writer.WriteString("id"u8, id);
        }
    }

    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer) Pen()
    {
        if (t_pen is not { } pen)
        {
            var buffer = new ArrayBufferWriter<byte>(1024);
            t_pen = pen = (buffer, new Utf8JsonWriter(buffer, Options));
        }

        pen.Buffer.ResetWrittenCount();
        pen.Writer.Reset();
        return pen;
    }
}
