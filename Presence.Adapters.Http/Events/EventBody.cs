using System.Text.Json;
using Presence.Core.Errors;
using Presence.Core.Events;
using Presence.Core.Json;
using Presence.Core.Users;

namespace Presence.Adapters.Http.Events;

/// <summary>The body of <c>POST /events</c>.</summary>
internal sealed record EventBody(string EventType, IReadOnlyList<UserId> Recipients, EventPayload Payload, UserId? Sender, TimeSpan Ttl)
{
    /// <summary>The longest word for what an event is, in characters.</summary>
    public const int MaxEventType = 64;

    /// <summary>The longest time that an event waits for its user.</summary>
    public static readonly TimeSpan MaxTtl = TimeSpan.FromDays(7);

    /// <summary>Reads it.</summary>
    /// <param name="body">The body.</param>
    /// <param name="maxBytes">The largest payload.</param>
    public static Parsed<EventBody> Read(JsonElement body, int maxBytes)
    {
        if (!body.TryGetProperty("event_type", out var typeValue) || !typeValue.TryText(out var type) || !IsEventType(type))
        {
            return Refusal.InvalidPayload("event_type", $"a token of 1 to {MaxEventType} of A-Z a-z 0-9 . _ : -");
        }

        var recipients = Payloads.UserIds(body, "recipients", 1, Payloads.MaxIds);
        if (recipients.Value is not { } users)
        {
            return recipients.Refusal!;
        }

        if (!body.TryGetProperty("payload", out var told) || told.ValueKind != JsonValueKind.Object || !IsSound(told))
        {
            return Refusal.InvalidPayload("payload", "an object, without \\u0000 and lone surrogates in its texts");
        }

        UserId? sender = null;
        if (body.TryGet("sender", out _))
        {
            if (!Payloads.TryId(body, "sender", out var id))
            {
                return Refusal.InvalidId("sender");
            }

            sender = new UserId(id);
        }

        if (!TryTtl(body, out var ttl))
        {
            return Refusal.InvalidPayload("ttl", $"whole seconds, 0 to {MaxTtl.TotalSeconds:0}");
        }

        var payload = EventPayload.Of(told);
        return payload.Bytes > maxBytes
            ? new Refusal(ErrorCodes.TooLarge, $"payload: over {maxBytes} bytes")
            : new EventBody(type, users, payload, sender, ttl);
    }

    private static bool IsEventType(string type) =>
        type.Length is > 0 and <= MaxEventType && type.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-');

    private static bool TryTtl(JsonElement body, out TimeSpan ttl)
    {
        ttl = TimeSpan.Zero;
        if (!body.TryGet("ttl", out var value))
        {
            return true;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var seconds))
        {
            return false;
        }

        ttl = TimeSpan.FromSeconds(seconds);
        return ttl >= TimeSpan.Zero && ttl <= MaxTtl;
    }

    /// <summary>Whether all texts in it, names too, are such as every peer takes.</summary>
    private static bool IsSound(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.TryText(out _),
            JsonValueKind.Array => value.EnumerateArray().All(IsSound),
            JsonValueKind.Object => value.EnumerateObject().All(field => IsSoundName(field) && IsSound(field.Value)),
            _ => true,
        };

    private static bool IsSoundName(JsonProperty field)
    {
        try
        {
            return !field.Name.Contains('\0', StringComparison.Ordinal);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
