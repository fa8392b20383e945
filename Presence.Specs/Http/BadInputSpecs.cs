using System.Net;
using System.Text;

namespace Presence.Specs.Http;

/// <summary>Each kind of bad input gets its documented refusal, and no message goes to anybody.</summary>
public sealed class BadInputSpecs(HttpFixture http) : IClassFixture<HttpFixture>
{
    public static TheoryData<string, string> WithBody =>
        new()
        {
            { "POST /", "alice" },
            { "POST /bulk", "alice" },
            { "POST /typing", "alice" },
            { "PUT /privacy", "alice" },
            { "POST /heartbeat", "alice/phone" },
            { "PUT /users/alice/contacts", "service" },
            { "PUT /conversations/standup/participants", "service" },
        };

    [Theory]
    [MemberData(nameof(WithBody))]
    public async Task What_is_no_json_object_is_malformed(string request, string identity)
    {
        var app = http.Fresh();
        string[] bodies =
        [
            " ",
            "{",
            "[]",
            "null",
            "\"text\"",
            "{} {}",
            "{'a':1}",
            """{"a":1,"a":2}""",
            """{"a":{"b":1,"b":2}}""",
            """{"\ud800":1}""",
            new string('[', 100) + new string(']', 100),
        ];
        foreach (var body in bodies)
        {
            (await app.Send(request, identity, body)).ShouldBeProblem(HttpStatusCode.BadRequest, "malformed_json");
        }

        Untouched(app);
    }

    [Theory]
    [MemberData(nameof(WithBody))]
    public async Task A_body_that_is_no_utf8_is_malformed_wherever_the_bad_byte_is(string request, string identity)
    {
        var app = http.Fresh();
        byte[] body = [.. "{\"ignored\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        (await app.Send(request, identity, HttpApp.Content(body, "application/json"))).ShouldBeProblem(
            HttpStatusCode.BadRequest,
            "malformed_json"
        );

        Untouched(app);
    }

    [Theory]
    [MemberData(nameof(WithBody))]
    public async Task A_body_over_the_limit_is_too_large_whether_or_not_its_length_is_told(string request, string identity)
    {
        var app = http.Fresh();
        var body = Encoding.UTF8.GetBytes($$"""{"ignored":"{{new string('x', 1024 * 1024)}}"}""");

        (await app.Send(request, identity, HttpApp.Content(body, "application/json"))).ShouldBeProblem(
            HttpStatusCode.RequestEntityTooLarge,
            "too_large"
        );
        using var chunked = new StreamContent(new Unmeasured(body)) { Headers = { ContentType = new("application/json") } };
        (await app.Send(request, identity, chunked)).ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "too_large");

        Untouched(app);
    }

    [Theory]
    [MemberData(nameof(WithBody))]
    public async Task A_body_of_another_media_type_is_refused(string request, string identity)
    {
        var app = http.Fresh();
        string?[] types = [null, "text/plain", "application/xml", "application/x-ndjson", "application/json; charset=utf-16"];
        foreach (var type in types)
        {
            (await app.Send(request, identity, HttpApp.Content("{}"u8.ToArray(), type))).ShouldBeProblem(
                HttpStatusCode.UnsupportedMediaType,
                "unsupported_media_type"
            );
        }

        using var compressed = HttpApp.Content("{}"u8.ToArray(), "application/json");
        compressed.Headers.ContentEncoding.Add("gzip");
        (await app.Send(request, identity, compressed)).ShouldBeProblem(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
        Untouched(app);
    }

    [Theory]
    [InlineData("POST /")]
    [InlineData("POST /bulk")]
    [InlineData("POST /typing")]
    [InlineData("PUT /privacy")]
    public async Task A_body_that_is_missing_is_malformed(string request)
    {
        var app = http.Fresh();

        (await app.Send(request, "alice")).ShouldBeProblem(HttpStatusCode.BadRequest, "malformed_json");

        Untouched(app);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("APPLICATION/JSON")]
    [InlineData("application/vnd.presence+json")]
    public async Task Json_by_any_of_its_names_is_taken_and_a_byte_order_mark_skipped(string type)
    {
        var app = http.Fresh();
        app.Users.Answer = _ => Actors.Users.TypingAccepted.Instance;
        byte[] body = [0xEF, 0xBB, 0xBF, .. """{"conversation_id":"standup","is_typing":true,"unknown":[1]}"""u8];

        (await app.Send("POST /typing", "alice", HttpApp.Content(body, type))).Status.ShouldBe(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData("POST /", "alice", "{}", "invalid_payload", "online_status")]
    [InlineData("POST /", "alice", """{"online_status":"sleeping"}""", "invalid_status", "online_status")]
    [InlineData("POST /", "alice", """{"online_status":7}""", "invalid_status", "online_status")]
    [InlineData("POST /", "alice", """{"custom_status":7}""", "invalid_payload", "custom_status")]
    [InlineData("POST /", "alice", """{"custom_status":"a\u0000b"}""", "invalid_payload", "custom_status")]
    [InlineData("POST /", "alice", """{"custom_status":"\ud800"}""", "invalid_payload", "custom_status")]
    [InlineData("POST /", "alice", """{"activity":"In A Call"}""", "invalid_payload", "activity")]
    [InlineData("POST /", "alice", """{"activity":"x","expires_in":0}""", "invalid_payload", "expires_in")]
    [InlineData("POST /", "alice", """{"activity":"x","expires_at":"tomorrow"}""", "invalid_payload", "expires_at")]
    [InlineData("POST /bulk", "alice", "{}", "invalid_payload", "user_ids")]
    [InlineData("POST /bulk", "alice", """{"user_ids":"bob"}""", "invalid_payload", "user_ids")]
    [InlineData("POST /bulk", "alice", """{"user_ids":[7]}""", "invalid_id", "user_ids")]
    [InlineData("POST /bulk", "alice", """{"user_ids":["a b"]}""", "invalid_id", "user_ids")]
    [InlineData("POST /bulk", "alice", """{"user_ids":["a\u0000"]}""", "invalid_id", "user_ids")]
    [InlineData("POST /typing", "alice", """{"is_typing":true}""", "invalid_payload", "conversation_id")]
    [InlineData("POST /typing", "alice", """{"conversation_id":7,"is_typing":true}""", "invalid_id", "conversation_id")]
    [InlineData("POST /typing", "alice", """{"conversation_id":"standup"}""", "invalid_payload", "is_typing")]
    [InlineData("POST /typing", "alice", """{"conversation_id":"standup","is_typing":"yes"}""", "invalid_payload", "is_typing")]
    [InlineData("POST /heartbeat", "alice/phone", """{"active":"no"}""", "invalid_payload", "active")]
    [InlineData("PUT /privacy", "alice", """{"last_seen_visibility":"friends"}""", "invalid_payload", "last_seen_visibility")]
    [InlineData("PUT /privacy", "alice", """{"typing_indicators_enabled":1}""", "invalid_payload", "typing_indicators_enabled")]
    [InlineData("PUT /privacy", "alice", """{"blocked":["a b"]}""", "invalid_id", "blocked")]
    [InlineData("PUT /privacy", "alice", """{"overrides":{"a b":{}}}""", "invalid_id", "overrides")]
    [InlineData("PUT /privacy", "alice", """{"overrides":{"bob":{"typing_visible":1}}}""", "invalid_payload", "overrides")]
    [InlineData("PUT /users/alice/contacts", "service", "{}", "invalid_payload", "contacts")]
    [InlineData("PUT /users/alice/contacts", "service", """{"contacts":[null]}""", "invalid_id", "contacts")]
    [InlineData("PUT /conversations/standup/participants", "service", "{}", "invalid_payload", "participants")]
    [InlineData("PUT /conversations/standup/participants", "service", """{"participants":[""]}""", "invalid_id", "participants")]
    public async Task A_value_that_is_wrong_or_missing_is_refused_by_its_name(
        string request,
        string identity,
        string body,
        string code,
        string field
    )
    {
        var app = http.Fresh();

        var answer = await app.Send(request, identity, body);

        answer.ShouldBeProblem(HttpStatusCode.BadRequest, code);
        ((string)answer.Json["detail"]!).ShouldContain(field);
        Untouched(app);
    }

    [Theory]
    [InlineData("GET /a%20b", "alice", "user_id")]
    [InlineData("GET /users/%C3%A9", "service", "user_id")]
    [InlineData("GET /users/a%2Fb", "service", "user_id")]
    [InlineData("GET /typing/a%20b", "alice", "conversation_id")]
    [InlineData("DELETE /devices/a%20b", "alice", "device_id")]
    [InlineData("DELETE /users/alice/devices/a%20b", "service", "device_id")]
    [InlineData("POST /users/a%20b/disconnect", "service", "user_id")]
    [InlineData("GET /users/a%20b/explain?viewer=bob", "service", "user_id")]
    [InlineData("GET /users/a%20b/contacts", "service", "user_id")]
    [InlineData("PUT /users/alice/contacts/a%20b", "service", "contact_id")]
    [InlineData("DELETE /users/alice/contacts/a%20b", "service", "contact_id")]
    [InlineData("GET /conversations/a%20b/participants", "service", "conversation_id")]
    [InlineData("PUT /conversations/standup/participants/a%20b", "service", "user_id")]
    public async Task An_id_in_the_path_that_has_not_the_form_of_one_is_refused_by_its_name(string request, string identity, string field)
    {
        var app = http.Fresh();

        var answer = await app.Send(request, identity);

        answer.ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_id");
        ((string)answer.Json["detail"]!).ShouldContain(field);
        Untouched(app);
    }

    [Fact]
    public async Task An_id_of_128_characters_is_taken_and_one_of_129_is_not()
    {
        var app = http.Fresh();
        app.Users.Answer = message => new Actors.Users.PresenceIs(new(((Actors.Users.GetPresence)message).UserId));

        (await app.Send("GET /users/" + new string('a', 128), "bob")).Status.ShouldBe(HttpStatusCode.OK);
        (await app.Send("GET /users/" + new string('a', 129), "bob")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_id");
    }

    private static void Untouched(HttpApp app)
    {
        app.Users.Received.ShouldBeEmpty();
        app.Conversations.Received.ShouldBeEmpty();
        app.Loader.Received.ShouldBeEmpty();
    }

    /// <summary>A stream that does not tell its length, so that it is sent in chunks.</summary>
    private sealed class Unmeasured(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
