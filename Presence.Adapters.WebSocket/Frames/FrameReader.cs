using System.Text.Json;
using Presence.Actors.Hub;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Events;
using Presence.Core.Json;

namespace Presence.Adapters.WebSocket.Frames;

/// <summary>Reads what a client sends: bytes in, a command or a refusal out; pure.</summary>
internal static class FrameReader
{
    /// <summary>The longest id of a frame, in code points.</summary>
    public const int MaxFrameId = 64;

    private static readonly JsonElement EmptyObject = JsonElement.Parse("{}"u8);

    /// <summary>Reads one message. The bytes are not kept.</summary>
    public static ClientFrame Read(ReadOnlyMemory<byte> message)
    {
        var parsed = JsonObjects.Parse(message);
        if (parsed.Value is not { } document)
        {
            return new(null, null, parsed.Refusal);
        }

        using (document)
        {
            return Read(document.RootElement);
        }
    }

    private static ClientFrame Read(JsonElement frame)
    {
        string? id = null;
        if (frame.TryGetProperty("id", out var idValue))
        {
            if (!idValue.TryText(out var text) || text.EnumerateRunes().Count() > MaxFrameId)
            {
                return new(null, null, Refusal.InvalidPayload("id", $"a string of at most {MaxFrameId} characters"));
            }

            id = text;
        }

        if (!frame.TryGetProperty("type", out var typeValue) || !typeValue.TryText(out var type))
        {
            return new(id, null, Refusal.InvalidPayload("type", "a string, which names what the frame is"));
        }

        if (Reader(type) is not { } read)
        {
            return new(id, null, new Refusal(ErrorCodes.UnknownType, "type: not one that this server knows"));
        }

        if (!frame.TryGet("payload", out var payload))
        {
            payload = EmptyObject;
        }
        else if (payload.ValueKind != JsonValueKind.Object)
        {
            return new(id, null, Refusal.InvalidPayload("payload", "an object"));
        }

        var command = read(payload);
        return new(id, command.Value, command.Refusal);
    }

    private static Func<JsonElement, Parsed<IClientCommand>>? Reader(string type) =>
        type switch
        {
            "heartbeat" => Heartbeat,
            "ping" => static _ => Ping.Instance,
            "presence_update" => static payload => To(Payloads.PresenceUpdate(payload), update => new ChoosePresence(update)),
            "typing" => static payload => To(Payloads.Typing(payload), typing => new TypeIn(typing)),
            "subscribe" => static payload => To(UserIds(payload), users => new Subscribe(users)),
            "unsubscribe" => static payload => To(UserIds(payload), users => new Unsubscribe(users)),
            "watch_conversation" => static payload => InConversation(payload, id => new WatchConversation(id)),
            "unwatch_conversation" => static payload => InConversation(payload, id => new UnwatchConversation(id)),
            "event_ack" => EventAck,
            "authenticate" => Token,
            _ => null,
        };

    private static Parsed<IClientCommand> Heartbeat(JsonElement payload)
    {
        if (!payload.TryGetProperty("active", out var active))
        {
            return new Heard(null);
        }

        return active.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? new Heard(active.GetBoolean())
            : Refusal.InvalidPayload("active", "true or false");
    }

    private static Parsed<IReadOnlyList<Core.Users.UserId>> UserIds(JsonElement payload) =>
        Payloads.UserIds(payload, "user_ids", 1, Payloads.MaxIds);

    private static Parsed<IClientCommand> InConversation(JsonElement payload, Func<ConversationId, IClientCommand> command) =>
        To(Payloads.Id(payload, "conversation_id"), id => command(new ConversationId(id)));

    private static Parsed<IClientCommand> EventAck(JsonElement payload) =>
        To(Payloads.Id(payload, "id"), id => new AckEvent(new EventId(id)));

    private static Parsed<IClientCommand> Token(JsonElement payload) =>
        payload.TryGetProperty("token", out var token) && token.TryText(out var text) && text.Length > 0
            ? new Authenticate(text)
            : Refusal.InvalidPayload("token", "a string");

    private static Parsed<IClientCommand> To<T>(Parsed<T> parsed, Func<T, IClientCommand> command)
        where T : class => parsed.Value is { } value ? new(command(value), null) : new(null, parsed.Refusal);
}
