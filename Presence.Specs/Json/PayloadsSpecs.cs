using System.Text;
using System.Text.Json;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Json;
using Presence.Core.Users;
using Presence.Specs.Support;
using static Presence.Specs.Support.Some;

namespace Presence.Specs.Json;

public sealed class PayloadsSpecs
{
    [Fact]
    public void An_update_is_read_whole()
    {
        var update = Update(
            """{"online_status":"busy","custom_status":"in the lab","activity":"in_a_call","expires_at":"2026-11-22T14:00:00+01:00","x":{}}"""
        );

        update.ShouldBe(new PresenceUpdate(OnlineStatus.Busy, To("in the lab"), To("in_a_call"), At(3600), null));
    }

    [Fact]
    public void What_is_absent_is_not_given_and_null_is()
    {
        Update("""{"online_status":"away"}""").ShouldBe(new PresenceUpdate(OnlineStatus.Away, null, null, null, null));
        Update("""{"custom_status":null,"activity":"","expires_at":null,"expires_in":null}""")
            .ShouldBe(new PresenceUpdate(null, To(null), To(""), null, null));
    }

    [Theory]
    [InlineData("5", 5)]
    [InlineData("0.5", 0.5)]
    [InlineData("1e2", 100)]
    public void Seconds_are_any_number_above_nothing(string json, double seconds) =>
        Update($$"""{"online_status":"away","expires_in":{{json}}}""").ExpiresIn.ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData("  in the lab ", "in the lab")]
    [InlineData("\u00a0\u3000in the lab\u2003", "in the lab")]
    [InlineData("   ", "")]
    public void A_text_is_trimmed_and_one_of_white_space_alone_is_none(string sent, string taken)
    {
        var update = Update($$"""{"custom_status":"{{sent}}"}""");

        update.CustomStatus.ShouldBe(To(taken));
        Nobody().WithDevice(Phone, Active, At(1)).Choose(update, At(2)).Own.CustomStatus.ShouldBe(taken.Length == 0 ? null : taken);
    }

    [Fact]
    public void White_space_around_a_text_does_not_count() =>
        Update($$"""{"custom_status":"  {{new string('a', 140)}}  "}""").CustomStatus!.Value!.Length.ShouldBe(140);

    [Fact]
    public void A_text_has_140_code_points_and_not_140_of_anything_smaller()
    {
        var sheep = string.Concat(Enumerable.Repeat("🐑", 140));

        Update($$"""{"custom_status":"{{sheep}}"}""").CustomStatus!.Value.ShouldBe(sheep);
        RefusedUpdate($$"""{"custom_status":"{{sheep}}a"}""", ErrorCodes.InvalidPayload, "custom_status");
        RefusedUpdate($$"""{"custom_status":"{{new string('a', 141)}}"}""", ErrorCodes.InvalidPayload, "custom_status");
    }

    [Theory]
    [InlineData("""{}""", "payload")]
    [InlineData("""{"expires_in":5}""", "payload")]
    [InlineData("""{"status":"away"}""", "payload")]
    [InlineData("""{"custom_status":7}""", "custom_status")]
    [InlineData("""{"custom_status":["a"]}""", "custom_status")]
    [InlineData("""{"custom_status":"a\u0000b"}""", "custom_status")]
    [InlineData("""{"custom_status":"one\ntwo"}""", "custom_status")]
    [InlineData("""{"custom_status":"\ttabbed"}""", "custom_status")]
    [InlineData("""{"custom_status":"a\u007fb"}""", "custom_status")]
    [InlineData("""{"custom_status":"a\u0085b"}""", "custom_status")]
    [InlineData("""{"custom_status":"\ud800"}""", "custom_status")]
    [InlineData("""{"custom_status":"a\udc00b"}""", "custom_status")]
    [InlineData("""{"activity":true}""", "activity")]
    [InlineData("""{"activity":"In_a_call"}""", "activity")]
    [InlineData("""{"activity":"in a call"}""", "activity")]
    [InlineData("""{"activity":"ça"}""", "activity")]
    [InlineData("""{"activity":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}""", "activity")]
    [InlineData("""{"activity":"\ud83d"}""", "activity")]
    [InlineData("""{"online_status":"away","expires_at":5}""", "expires_at")]
    [InlineData("""{"online_status":"away","expires_at":"soon"}""", "expires_at")]
    [InlineData("""{"online_status":"away","expires_at":"2026-11-22T12:00:00"}""", "expires_at")]
    [InlineData("""{"online_status":"away","expires_at":"9999-12-31T23:59:59-14:00"}""", "expires_at")]
    [InlineData("""{"online_status":"away","expires_at":"2026-11-22T12:00:00\u0000Z"}""", "expires_at")]
    [InlineData("""{"online_status":"away","expires_in":true}""", "expires_in")]
    [InlineData("""{"online_status":"away","expires_in":"5"}""", "expires_in")]
    [InlineData("""{"online_status":"away","expires_in":0}""", "expires_in")]
    [InlineData("""{"online_status":"away","expires_in":-0.0}""", "expires_in")]
    [InlineData("""{"online_status":"away","expires_in":-1}""", "expires_in")]
    [InlineData("""{"online_status":"away","expires_in":1e400}""", "expires_in")]
    [InlineData("""{"online_status":"away","expires_in":-1e400}""", "expires_in")]
    [InlineData("""{"online_status":"away","expires_in":1e17}""", "expires_in")]
    [InlineData("""{"online_status":"away","expires_in":5,"expires_at":"2026-11-22T13:00:00Z"}""", "expires_in")]
    public void A_refused_update_names_its_field(string json, string field) => RefusedUpdate(json, ErrorCodes.InvalidPayload, field);

    [Theory]
    [InlineData("\"Online\"")]
    [InlineData("\"gone\"")]
    [InlineData("\"\"")]
    [InlineData("\"away\\u0000\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("[]")]
    public void A_status_of_no_known_word_is_an_invalid_status(string json) =>
        RefusedUpdate($$"""{"online_status":{{json}}}""", ErrorCodes.InvalidStatus, "online_status");

    [Fact]
    public void An_expiry_in_year_9999_is_a_time_that_is_too_far_away_for_the_rules()
    {
        var update = Update("""{"online_status":"away","expires_at":"9999-12-31T23:59:59.9999999Z"}""");

        var refusal = ProfileRules.Decide(Profile.Empty, update, PresenceRecord.Unknown(Ann), 1, Noon).Refusal!;
        (refusal.Code, refusal.Message.Split(':')[0]).ShouldBe((ErrorCodes.InvalidPayload, "expires_at"));
    }

    [Fact]
    public void A_typing_is_read() =>
        Payloads
            .Typing(Json("""{"conversation_id":"c:1","is_typing":false}"""))
            .Value.ShouldBe(new TypingRequest(new ConversationId("c:1"), false));

    [Theory]
    [InlineData("""{"is_typing":true}""", ErrorCodes.InvalidPayload, "conversation_id")]
    [InlineData("""{"conversation_id":null,"is_typing":true}""", ErrorCodes.InvalidId, "conversation_id")]
    [InlineData("""{"conversation_id":7,"is_typing":true}""", ErrorCodes.InvalidId, "conversation_id")]
    [InlineData("""{"conversation_id":"","is_typing":true}""", ErrorCodes.InvalidId, "conversation_id")]
    [InlineData("""{"conversation_id":"a b","is_typing":true}""", ErrorCodes.InvalidId, "conversation_id")]
    [InlineData("""{"conversation_id":"\ud800","is_typing":true}""", ErrorCodes.InvalidId, "conversation_id")]
    [InlineData("""{"conversation_id":"c"}""", ErrorCodes.InvalidPayload, "is_typing")]
    [InlineData("""{"conversation_id":"c","is_typing":"true"}""", ErrorCodes.InvalidPayload, "is_typing")]
    [InlineData("""{"conversation_id":"c","is_typing":null}""", ErrorCodes.InvalidPayload, "is_typing")]
    [InlineData("""{"conversation_id":"c","is_typing":1}""", ErrorCodes.InvalidPayload, "is_typing")]
    public void A_refused_typing_names_its_field(string json, string code, string field) =>
        Refused(Payloads.Typing(Json(json)).Refusal, code, field);

    [Fact]
    public void Ids_named_twice_count_once_in_the_order_given() =>
        Payloads.UserIds(Json("""{"user_ids":["b","a","b"]}"""), "user_ids", 1, 3).Value.ShouldBe([new UserId("b"), new UserId("a")]);

    [Theory]
    [InlineData("""{}""", ErrorCodes.InvalidPayload)]
    [InlineData("""{"user_ids":null}""", ErrorCodes.InvalidPayload)]
    [InlineData("""{"user_ids":"a"}""", ErrorCodes.InvalidPayload)]
    [InlineData("""{"user_ids":{}}""", ErrorCodes.InvalidPayload)]
    [InlineData("""{"user_ids":[]}""", ErrorCodes.InvalidPayload)]
    [InlineData("""{"user_ids":["a","b","c","d"]}""", ErrorCodes.TooManyIds)]
    [InlineData("""{"user_ids":["a",7]}""", ErrorCodes.InvalidId)]
    [InlineData("""{"user_ids":["a",null]}""", ErrorCodes.InvalidId)]
    [InlineData("""{"user_ids":["a","a b"]}""", ErrorCodes.InvalidId)]
    [InlineData("""{"user_ids":["\udc00"]}""", ErrorCodes.InvalidId)]
    public void A_refused_list_of_ids_names_its_field(string json, string code) =>
        Refused(Payloads.UserIds(Json(json), "user_ids", 1, 3).Refusal, code, "user_ids");

    [Theory]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("\"a\"")]
    public void A_payload_that_is_no_object_is_refused_and_never_throws(string json)
    {
        var payload = Json(json);

        Payloads.PresenceUpdate(payload).Refusal!.Code.ShouldBe(ErrorCodes.InvalidPayload);
        Payloads.Typing(payload).Refusal!.Code.ShouldBe(ErrorCodes.InvalidPayload);
        Payloads.PrivacyRule(payload).Refusal!.Code.ShouldBe(ErrorCodes.InvalidPayload);
        Payloads.UserIds(payload, "user_ids", 1, 3).Refusal!.Code.ShouldBe(ErrorCodes.InvalidPayload);
        Payloads.TryId(payload, "id", out _).ShouldBeFalse();
    }

    internal static JsonElement Json(string json) => JsonDocument.Parse(Encoding.UTF8.GetBytes(json)).RootElement;

    internal static void Refused(Refusal? refusal, string code, string field)
    {
        refusal.ShouldNotBeNull();
        refusal.Code.ShouldBe(code);
        refusal.Message.ShouldStartWith(field + ":");
    }

    private static PresenceUpdate Update(string json)
    {
        var read = Payloads.PresenceUpdate(Json(json));
        read.Refusal.ShouldBeNull();
        return read.Value!;
    }

    private static void RefusedUpdate(string json, string code, string field) =>
        Refused(Payloads.PresenceUpdate(Json(json)).Refusal, code, field);
}
