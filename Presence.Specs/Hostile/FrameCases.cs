using System.Text;
using Presence.Core.Errors;
using Presence.Specs.WebSocket;
using static Presence.Specs.Hostile.Reaction;

namespace Presence.Specs.Hostile;

/// <summary>Messages that RFC 6455 has nothing against, and the contract has.</summary>
internal static class FrameCases
{
    private const string Source = "JSON";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SocketCase> All { get; } = [.. Broken(), .. Envelopes(), .. Fields(), .. Values()];

    private static IEnumerable<SocketCase> Broken() =>
        // What is no UTF-8 closes.
        BrokenJson
            .Texts.Where(text => text.All(char.IsAscii))
            .Select(text => Case(BrokenJson.Shown(text), text, ErrorCodes.MalformedJson));

    private static IEnumerable<SocketCase> Envelopes()
    {
        yield return Case("a frame without a type", """{"payload":{}}""", ErrorCodes.InvalidPayload);
        foreach (var value in (string[])["null", "7", "true", "[]", "{}", "\"\\u0000\"", "\"\\ud800\""])
        {
            yield return Case($"a type {value}", $$"""{"type":{{value}}}""", ErrorCodes.InvalidPayload);
            yield return Case($"an id {value}", $$"""{"type":"ping","id":{{value}}}""", ErrorCodes.InvalidPayload);
        }

        foreach (var type in (string[])["", "PING", "ping ", "pong", "connection_ack", "presence_snapshot", "batch", "error", "__proto__"])
        {
            yield return Case($"the type '{type}'", $$"""{"type":"{{type}}"}""", ErrorCodes.UnknownType);
        }

        yield return Case("a type of 50,000 letters", $$"""{"type":"{{new string('a', 50_000)}}"}""", ErrorCodes.UnknownType);
        yield return Case("an id of 65 letters", $$"""{"type":"ping","id":"{{new string('a', 65)}}"}""", ErrorCodes.InvalidPayload);
        foreach (var value in (string[])["7", "true", "[]", "\"{}\""])
        {
            yield return Case($"a payload {value}", $$"""{"type":"heartbeat","payload":{{value}}}""", ErrorCodes.InvalidPayload);
        }

        yield return Case("a batch of frames", """{"type":"batch","payload":{"events":[{"type":"ping"}]}}""", ErrorCodes.UnknownType);
        yield return Case("frames in a list", """[{"type":"ping"},{"type":"ping"}]""", ErrorCodes.MalformedJson);
        yield return Case("two frames in a message", """{"type":"ping"}{"type":"ping"}""", ErrorCodes.MalformedJson);
        yield return Case("a payload named twice", """{"type":"ping","payload":{},"payload":{}}""", ErrorCodes.MalformedJson);
        yield return Case("a frame without a payload that needs one", """{"type":"subscribe"}""", ErrorCodes.InvalidPayload);
    }

    private static IEnumerable<SocketCase> Fields() =>
        FieldCases
            .Of([
                .. FieldCases.Presence("presence_update", Before("presence_update"), "}"),
                .. FieldCases.Typing("typing", Before("typing"), "}"),
                Field("heartbeat", "active", Kind.Bool),
                Field("subscribe", "user_ids", Kind.Ids),
                Field("unsubscribe", "user_ids", Kind.Ids),
                Field("watch_conversation", "conversation_id", Kind.Id),
                Field("unwatch_conversation", "conversation_id", Kind.Id),
                Field("event_ack", "id", Kind.Id),
                Field("authenticate", "token", Kind.Text),
            ])
            .Select(field => Case($"{field.Of}: {field.Field.Name} {BrokenJson.Shown(field.Field.Value)}", field.Sent, field.Field.Code));

    private static IEnumerable<SocketCase> Values()
    {
        yield return Case("subscribe: 1,001 ids", Ids("subscribe", 1_001), ErrorCodes.TooManyIds);
        yield return Case("unsubscribe: 1,001 ids", Ids("unsubscribe", 1_001), ErrorCodes.TooManyIds);
        yield return Case("subscribe: an id of 129 letters", Id("subscribe", new string('a', 129)), ErrorCodes.InvalidId);
        yield return Case("subscribe: an id that is a path", Id("subscribe", "../../etc/passwd"), ErrorCodes.InvalidId);
        yield return Case("subscribe: an id that looks like SQL", Id("subscribe", "a';--"), ErrorCodes.InvalidId);
        yield return Case("subscribe: an id with a letter that only looks like an a", Id("subscribe", "\u0430"), ErrorCodes.InvalidId);
        yield return Of("presence_update", "a time without a zone", """{"activity":"a","expires_at":"2099-01-01T00:00:00"}""");
        yield return Of("presence_update", "a time of no calendar", """{"activity":"a","expires_at":"2099-02-30T00:00:00Z"}""");
        yield return Of("presence_update", "a time in the past", """{"activity":"a","expires_at":"1999-01-01T00:00:00Z"}""");
        yield return Of("presence_update", "a time after any other", """{"activity":"a","expires_at":"99999-01-01T00:00:00Z"}""");
        yield return Of("presence_update", "two expiries", """{"activity":"a","expires_in":1,"expires_at":"2099-01-01T00:00:00Z"}""");
        yield return Of("presence_update", "0 s", """{"activity":"a","expires_in":0}""");
        yield return Of("presence_update", "1e-320 s, which is no tick", """{"activity":"a","expires_in":1e-320}""");
        yield return Of("presence_update", "a number of 50,000 digits", $$"""{"activity":"a","expires_in":{{new string('9', 50_000)}}}""");
        yield return Of(
            "presence_update",
            "a text of 141 letters of 4 bytes",
            $$"""{"custom_status":"{{string.Concat(Enumerable.Repeat("👁", 141))}}"}"""
        );
        yield return Of("presence_update", "an activity of 33 letters", $$"""{"activity":"{{new string('a', 33)}}"}""");
        yield return Case(
            "typing in a conversation of others",
            """{"type":"typing","payload":{"conversation_id":"none","is_typing":true}}""",
            ErrorCodes.NotAParticipant
        );
        yield return Case(
            "watching a conversation of others",
            """{"type":"watch_conversation","payload":{"conversation_id":"none"}}""",
            ErrorCodes.NotAParticipant
        );
    }

    private static SocketCase Of(string type, string name, string payload) =>
        Case($"{type}: {name}", $"{Before(type)}{payload}}}", ErrorCodes.InvalidPayload);

    private static string Id(string type, string id) => $$$"""{"type":"{{{type}}}","payload":{"user_ids":["{{{id}}}"]}}""";

    private static string Ids(string type, int count) =>
        $$$"""{"type":"{{{type}}}","payload":{"user_ids":[{{{string.Join(',', Enumerable.Repeat("\"a\"", count))}}}]}}""";

    private static FieldCases.Field Field(string type, string name, Kind kind) =>
        new(type, name, $$$"""{{{Before(type)}}}{"{{{name}}}":VALUE}}""", kind);

    private static string Before(string type) => $$"""{"type":"{{type}}","payload":""";

    private static SocketCase Case(string name, string text, string code) =>
        new(Source, name, Refused(code), RawSocket.Encode(RawFrame.Text, Encoding.UTF8.GetBytes(text)));
}
