using System.Text;
using CsCheck;
using Presence.Actors.Hub;
using Presence.Adapters.WebSocket.Frames;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Specs.WebSocket;

/// <summary>What a client's frame means.</summary>
public sealed class FrameReaderSpecs
{
    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("\"ping\"")]
    [InlineData("null")]
    [InlineData("{\"type\":\"ping\"} {}")]
    [InlineData("{\"type\":\"ping\",\"type\":\"ping\"}")]
    [InlineData("{\"type\":\"heartbeat\",\"payload\":{\"active\":true,\"active\":false}}")]
    [InlineData("{\"type\":\"ping\",}")]
    [InlineData("{\"type\":\"ping\"/* a comment */}")]
    public void What_is_no_json_object_or_names_a_key_twice_is_malformed(string text) =>
        RefusalOf(text).Code.ShouldBe(ErrorCodes.MalformedJson);

    [Fact]
    public void What_nests_too_deep_is_malformed() =>
        RefusalOf("{\"type\":" + new string('[', 100) + new string(']', 100) + "}").Code.ShouldBe(ErrorCodes.MalformedJson);

    [Theory]
    [InlineData("{}", "type")]
    [InlineData("{\"type\":5}", "type")]
    [InlineData("{\"type\":null}", "type")]
    [InlineData("{\"type\":\"ping\\u0000\"}", "type")]
    [InlineData("{\"type\":\"\\ud800\"}", "type")]
    [InlineData("{\"type\":\"ping\",\"id\":7}", "id")]
    [InlineData("{\"type\":\"ping\",\"id\":null}", "id")]
    [InlineData("{\"type\":\"ping\",\"id\":{}}", "id")]
    [InlineData("{\"type\":\"ping\",\"id\":\"a\\u0000b\"}", "id")]
    [InlineData("{\"type\":\"ping\",\"id\":\"\\udc00\"}", "id")]
    [InlineData("{\"type\":\"ping\",\"payload\":[]}", "payload")]
    [InlineData("{\"type\":\"heartbeat\",\"payload\":\"x\"}", "payload")]
    [InlineData("{\"type\":\"heartbeat\",\"payload\":{\"active\":\"yes\"}}", "active")]
    [InlineData("{\"type\":\"heartbeat\",\"payload\":{\"active\":null}}", "active")]
    [InlineData("{\"type\":\"presence_update\"}", "payload")]
    [InlineData("{\"type\":\"presence_update\",\"payload\":{}}", "payload")]
    [InlineData("{\"type\":\"presence_update\",\"payload\":{\"custom_status\":5}}", "custom_status")]
    [InlineData("{\"type\":\"presence_update\",\"payload\":{\"custom_status\":\"a\\u0000\"}}", "custom_status")]
    [InlineData("{\"type\":\"presence_update\",\"payload\":{\"custom_status\":\"\\ud83d\"}}", "custom_status")]
    [InlineData("{\"type\":\"presence_update\",\"payload\":{\"activity\":\"In A Call\"}}", "activity")]
    [InlineData("{\"type\":\"presence_update\",\"payload\":{\"online_status\":\"away\",\"expires_in\":0}}", "expires_in")]
    [InlineData("{\"type\":\"typing\",\"payload\":{\"conversation_id\":\"c\"}}", "is_typing")]
    [InlineData("{\"type\":\"typing\",\"payload\":{\"is_typing\":true}}", "conversation_id")]
    [InlineData("{\"type\":\"typing\",\"payload\":{\"conversation_id\":\"c\",\"is_typing\":1}}", "is_typing")]
    [InlineData("{\"type\":\"subscribe\"}", "user_ids")]
    [InlineData("{\"type\":\"subscribe\",\"payload\":{\"user_ids\":\"bea\"}}", "user_ids")]
    [InlineData("{\"type\":\"unsubscribe\",\"payload\":{\"user_ids\":[]}}", "user_ids")]
    [InlineData("{\"type\":\"watch_conversation\",\"payload\":{}}", "conversation_id")]
    [InlineData("{\"type\":\"authenticate\",\"payload\":{\"token\":7}}", "token")]
    [InlineData("{\"type\":\"event_ack\",\"payload\":{}}", "id")]
    [InlineData("{\"type\":\"event_ack\"}", "id")]
    [InlineData("{\"type\":\"event_ack\",\"id\":\"e1\"}", "id")]
    public void A_field_that_is_wrong_or_missing_is_named(string text, string field)
    {
        var refusal = RefusalOf(text);

        refusal.Code.ShouldBe(ErrorCodes.InvalidPayload);
        refusal.Message.ShouldStartWith(field + ":");
    }

    [Theory]
    [InlineData("{\"type\":\"typing\",\"payload\":{\"conversation_id\":5,\"is_typing\":true}}")]
    [InlineData("{\"type\":\"typing\",\"payload\":{\"conversation_id\":\"no spaces\",\"is_typing\":true}}")]
    [InlineData("{\"type\":\"subscribe\",\"payload\":{\"user_ids\":[\"bea\",\"\"]}}")]
    [InlineData("{\"type\":\"subscribe\",\"payload\":{\"user_ids\":[\"bea\\u0000\"]}}")]
    [InlineData("{\"type\":\"unsubscribe\",\"payload\":{\"user_ids\":[7]}}")]
    [InlineData("{\"type\":\"watch_conversation\",\"payload\":{\"conversation_id\":\"\\ud800\"}}")]
    [InlineData("{\"type\":\"unwatch_conversation\",\"payload\":{\"conversation_id\":null}}")]
    [InlineData("{\"type\":\"event_ack\",\"payload\":{\"id\":7}}")]
    [InlineData("{\"type\":\"event_ack\",\"payload\":{\"id\":\"..\"}}")]
    [InlineData("{\"type\":\"subscribe\",\"payload\":{\"user_ids\":[\".\"]}}")]
    public void An_id_of_the_wrong_type_or_form_is_invalid(string text) => RefusalOf(text).Code.ShouldBe(ErrorCodes.InvalidId);

    [Theory]
    [InlineData("\"asleep\"")]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("\"Online\"")]
    public void A_status_that_there_is_not_is_invalid(string status) =>
        RefusalOf($$$"""{"type":"presence_update","payload":{"online_status":{{{status}}}}}""").Code.ShouldBe(ErrorCodes.InvalidStatus);

    [Fact]
    public void More_than_a_thousand_ids_are_too_many() => RefusalOf(Subscription(1001)).Code.ShouldBe(ErrorCodes.TooManyIds);

    [Fact]
    public void A_thousand_ids_as_long_as_a_uuid_fit_into_a_message()
    {
        var text = Subscription(1000);

        Encoding.UTF8.GetByteCount(text).ShouldBeLessThan(64 * 1024);
        Command<Subscribe>(text).Users.Count.ShouldBe(1000);
    }

    [Theory]
    [InlineData("Ping")]
    [InlineData("connection_ack")]
    [InlineData("")]
    public void A_type_that_there_is_not_is_unknown_and_its_refusal_carries_the_id(string type)
    {
        var frame = Read($$"""{"type":"{{type}}","id":"q1","payload":5}""");

        frame.Refusal.ShouldNotBeNull().Code.ShouldBe(ErrorCodes.UnknownType);
        frame.Id.ShouldBe("q1");
    }

    [Fact]
    public void An_id_of_64_characters_is_carried_back_and_one_of_65_is_refused()
    {
        Read($$"""{"type":"ping","id":"{{new string('é', 64)}}"}""").Id.ShouldBe(new string('é', 64));

        var refused = Read($$"""{"type":"ping","id":"{{new string('é', 65)}}"}""");
        refused.Refusal.ShouldNotBeNull().Code.ShouldBe(ErrorCodes.InvalidPayload);
        refused.Id.ShouldBeNull();
    }

    [Fact]
    public void A_refusal_of_the_payload_carries_the_id() => Read("""{"type":"typing","id":"t","payload":{}}""").Id.ShouldBe("t");

    [Theory]
    [InlineData("{\"type\":\"heartbeat\"}", null)]
    [InlineData("{\"type\":\"heartbeat\",\"payload\":{}}", null)]
    [InlineData("{\"type\":\"heartbeat\",\"payload\":null}", null)]
    [InlineData("{\"payload\":{\"active\":false,\"new\":[1,{\"b\":2}]},\"new\":1,\"type\":\"heartbeat\"}", false)]
    [InlineData("{\"type\":\"heartbeat\",\"payload\":{\"active\":true}}", true)]
    public void A_heartbeat_may_tell_whether_the_person_is_active(string text, bool? active) =>
        Command<Heard>(text).Active.ShouldBe(active);

    [Fact]
    public void A_presence_update_tells_what_is_given_and_leaves_the_rest()
    {
        var update = Command<ChoosePresence>(
            """{"type":"presence_update","payload":{"online_status":"busy","custom_status":null}}"""
        ).Update;

        update.ShouldBe(new PresenceUpdate(OnlineStatus.Busy, new Given<string?>(null), null, null, null));
    }

    [Fact]
    public void The_other_commands_name_whom_and_where()
    {
        Command<TypeIn>("""{"type":"typing","payload":{"conversation_id":"c1","is_typing":false}}""")
            .Request.ShouldBe(new(new("c1"), false));
        Command<Unsubscribe>("""{"type":"unsubscribe","payload":{"user_ids":["bea","bea"]}}""").Users.ShouldBe([new UserId("bea")]);
        Command<WatchConversation>("""{"type":"watch_conversation","payload":{"conversation_id":"c1"}}""")
            .ConversationId.ShouldBe(new("c1"));
        Command<UnwatchConversation>("""{"type":"unwatch_conversation","payload":{"conversation_id":"c1"}}""")
            .ConversationId.ShouldBe(new("c1"));
        Command<Ping>("""{"type":"ping"}""");
        Command<AckEvent>("""{"type":"event_ack","payload":{"id":"e1"}}""").EventId.Value.ShouldBe("e1");
        Command<Authenticate>("""{"type":"authenticate","payload":{"token":"t"}}""").Token.ShouldBe("t");
    }

    [Fact]
    public void Whatever_bytes_come_reading_gives_a_command_or_a_refusal() =>
        Gen.Select(Gen.Int[0, Good.Length - 1].Select(i => Good[i]), Gen.Select(Gen.Int[0, 200], Gen.Byte).List[0, 4])
            .Sample(
                (text, changes) =>
                {
                    var bytes = Encoding.UTF8.GetBytes(text);
                    foreach (var (at, value) in changes)
                    {
                        bytes[at % bytes.Length] = value;
                    }

                    var frame = FrameReader.Read(bytes);

                    (frame.Command is null).ShouldBe(frame.Refusal is not null);
                },
                iter: 10_000
            );

    private static readonly string[] Good =
    [
        """{"type":"presence_update","id":"a","payload":{"online_status":"away","custom_status":"\ud83c\udf89","expires_in":1e3}}""",
        """{"type":"typing","id":"b","payload":{"conversation_id":"c","is_typing":true}}""",
        """{"type":"subscribe","payload":{"user_ids":["bea","carl"]}}""",
        """{"type":"heartbeat","payload":{"active":false}}""",
        """{"type":"event_ack","payload":{"id":"e"}}""",
    ];

    private static string Subscription(int count) =>
        $$$"""{"type":"subscribe","payload":{"user_ids":[{{{string.Join(',', Enumerable.Range(0, count).Select(_ => $"\"{Guid.NewGuid()}\""))}}}]}}""";

    private static ClientFrame Read(string text) => FrameReader.Read(Encoding.UTF8.GetBytes(text));

    private static Refusal RefusalOf(string text)
    {
        var frame = Read(text);
        frame.Command.ShouldBeNull();
        return frame.Refusal.ShouldNotBeNull();
    }

    private static T Command<T>(string text)
    {
        var frame = Read(text);
        frame.Refusal.ShouldBeNull();
        return frame.Command.ShouldBeOfType<T>();
    }
}
