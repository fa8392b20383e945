using System.Net;
using System.Text.Json.Nodes;
using Presence.Actors.Conversations;
using Presence.Actors.Hub;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Specs.Http;

/// <summary>Devices, privacy, typing, and what operators ask.</summary>
public sealed class UserApiSpecs(HttpFixture http) : IClassFixture<HttpFixture>
{
    private static readonly UserId Alice = new("alice");
    private static readonly ConversationId Standup = new("standup");

    [Theory]
    [InlineData("", false)]
    [InlineData("?all=1", true)]
    [InlineData("?all=true", true)]
    [InlineData("?all=0", false)]
    public async Task Devices_are_listed_with_what_they_told_of_themselves(string query, bool all)
    {
        var app = http.Fresh();
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        app.Users.Answer = _ => new DevicesAre([
            new(new("phone"), new("My phone", "phone", "mobile", "1.2"), DeviceStatus.Idle, at, at.AddSeconds(1)),
            new(new("web-1"), DeviceInfo.Empty, DeviceStatus.Active, at, at),
            new(new("web-2"), DeviceInfo.Empty, DeviceStatus.Disconnected, at, at),
        ]);

        var answer = await app.Send("GET /devices" + query, "alice");

        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        app.Users.Single<GetDevices>().ShouldBe(new(Alice, all));
        ((int)answer.Json["count"]!).ShouldBe(3);
        JsonNode
            .DeepEquals(
                answer.Json["devices"]![0],
                JsonNode.Parse(
                    """
                    {"device_id":"phone","device_name":"My phone","device_type":"phone","platform":"mobile","app_version":"1.2","status":"idle",
                     "connected_at":"2026-01-02T03:04:05Z","last_active_at":"2026-01-02T03:04:06Z"}
                    """
                )
            )
            .ShouldBeTrue(answer.Text);
        answer.Json["devices"]!.AsArray().Select(device => (string)device!["status"]!).ShouldBe(["idle", "active", "disconnected"]);
    }

    [Fact]
    public async Task A_flag_that_is_none_is_refused()
    {
        (await http.Fresh().Send("GET /devices?all=maybe", "alice")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_payload");
    }

    [Theory]
    [InlineData("DELETE /devices/phone", "alice", false)]
    [InlineData("DELETE /users/alice/devices/phone", "service", true)]
    public async Task A_device_is_removed_by_its_user_or_by_a_service(string request, string identity, bool byService)
    {
        var app = http.Fresh();
        app.Users.Answer = _ => Done.Instance;

        (await app.Send(request, identity)).Status.ShouldBe(HttpStatusCode.NoContent);

        app.Users.Single<RemoveDevice>().ShouldBe(new(Alice, new("phone"), byService));
    }

    [Fact]
    public async Task A_device_that_is_not_there_is_not_found()
    {
        var app = http.Fresh();
        app.Users.Answer = _ => new Refused(new(ErrorCodes.NotFound, "no such device"));

        (await app.Send("DELETE /devices/phone", "alice")).ShouldBeProblem(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task A_service_disconnects_a_user()
    {
        var app = http.Fresh();
        app.Users.Answer = _ => Done.Instance;

        (await app.Send("POST /users/alice/disconnect", "service")).Status.ShouldBe(HttpStatusCode.NoContent);

        app.Users.Single<DisconnectUser>().ShouldBe(new(Alice));
    }

    [Fact]
    public async Task Privacy_is_replaced_as_a_whole_and_comes_back_whole()
    {
        var app = http.Fresh();
        app.Users.Answer = message => new PrivacyIs(((SetPrivacy)message).Rule);

        var answer = await app.Send(
            "PUT /privacy",
            "alice",
            """{"online_status_visibility":"contacts","blocked":["mallory"],"overrides":{"bob":{"last_seen_visible":false}}}"""
        );

        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        JsonNode
            .DeepEquals(
                answer.Json,
                JsonNode.Parse(
                    """
                    {"online_status_visibility":"contacts","last_seen_visibility":"everyone","typing_indicators_enabled":true,"blocked":["mallory"],
                     "overrides":{"bob":{"last_seen_visible":false}}}
                    """
                )
            )
            .ShouldBeTrue(answer.Text);
        app.Users.Single<SetPrivacy>()
            .Rule.ShouldBe(
                new PrivacyRule
                {
                    OnlineStatusVisibility = Visibility.Contacts,
                    Blocked = [new("mallory")],
                    Overrides = PrivacyRule.Default.Overrides.Add(new("bob"), new(null, false, null)),
                }
            );
    }

    [Fact]
    public async Task Privacy_is_read_by_its_owner()
    {
        var app = http.Fresh();
        app.Users.OfViewers = null;
        app.Users.Answer = _ => new PrivacyIs(PrivacyRule.Default);

        var answer = await app.Send("GET /privacy", "alice");

        ((string)answer.Json["online_status_visibility"]!).ShouldBe("everyone");
        app.Users.Single<GetPrivacy>().ShouldBe(new(Alice));
    }

    [Theory]
    [InlineData("alice", null)]
    [InlineData("alice/phone", "phone")]
    public async Task Typing_by_http_names_no_device_that_could_end_it_but_is_a_heartbeat_of_the_calling_one(
        string identity,
        string? device
    )
    {
        var app = http.Fresh();
        app.Users.Answer = _ => TypingAccepted.Instance;

        var answer = await app.Send("POST /typing", identity, """{"conversation_id":"standup","is_typing":true}""");

        answer.Status.ShouldBe(HttpStatusCode.NoContent, answer.Text);
        var message = app.Users.Single<Actors.Users.Type>();
        message.UserId.ShouldBe(Alice);
        message.Request.ShouldBe(new(Standup, true));
        message.Device.ShouldBeNull();
        message.Caller?.DeviceId.Value.ShouldBe(device);
    }

    [Fact]
    public async Task Typing_where_one_takes_no_part_is_not_allowed()
    {
        var app = http.Fresh();
        app.Users.Answer = _ => new Refused(Refusal.NotAParticipant);

        (await app.Send("POST /typing", "alice", """{"conversation_id":"standup","is_typing":true}""")).ShouldBeProblem(
            HttpStatusCode.Forbidden,
            "not_a_participant"
        );
    }

    [Fact]
    public async Task Who_types_is_read_by_a_participant_through_its_own_entity()
    {
        var app = http.Fresh();
        app.Users.Answer = _ => new TypingIs(Standup, [new(new("bob"), TimeSpan.FromSeconds(7.2))]);

        var answer = await app.Send("GET /typing/standup", "alice");

        answer.Text.ShouldBe("""{"conversation_id":"standup","typing_users":[{"user_id":"bob","expires_in":8}],"count":1}""");
        app.Users.Single<GetTypingSeenBy>().ShouldBe(new(Alice, Standup));
    }

    [Fact]
    public async Task Who_types_is_read_by_a_service_from_the_conversation_and_by_a_service_as_a_user_through_the_user()
    {
        var app = http.Fresh();
        app.Users.Answer = app.Conversations.Answer = _ => new TypingIs(Standup, []);

        await app.Send("GET /typing/standup", "service");
        await app.Send("GET /typing/standup", "service:alice");

        var asked = app.Conversations.Single<GetTyping>();
        (asked.ConversationId, asked.Viewer).ShouldBe((Standup, null));
        app.Users.Single<GetTypingSeenBy>().UserId.ShouldBe(Alice);
    }

    [Fact]
    public async Task A_service_asks_why_a_viewer_sees_what_it_sees()
    {
        var app = http.Fresh();
        app.Users.Answer = _ => new Explanation(
            PresenceRecord.Unknown(Alice),
            new("mallory"),
            false,
            "block",
            ["alice has blocked mallory"]
        );

        var answer = await app.Send("GET /users/alice/explain?viewer=mallory", "service");

        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        app.Users.Single<Explain>().ShouldBe(new(Alice, new("mallory")));
        ((string)answer.Json["user_id"]!).ShouldBe("alice");
        ((string)answer.Json["viewer"]!).ShouldBe("mallory");
        ((bool)answer.Json["visible"]!).ShouldBeFalse();
        ((string)answer.Json["rule"]!).ShouldBe("block");
        answer.Json["because"]!.AsArray().Select(step => (string)step!).ShouldBe(["alice has blocked mallory"]);
        ((int)answer.Json["presence"]!["version"]!).ShouldBe(0);
    }

    [Theory]
    [InlineData("", "invalid_payload")]
    [InlineData("?viewer=", "invalid_id")]
    [InlineData("?viewer=a%20b", "invalid_id")]
    [InlineData("?viewer=a&viewer=b", "invalid_id")]
    public async Task A_question_that_names_no_viewer_is_refused(string query, string code)
    {
        (await http.Fresh().Send("GET /users/alice/explain" + query, "service")).ShouldBeProblem(HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task Stats_are_those_of_all_nodes()
    {
        var app = http.Fresh();
        var node = new NodeStats(
            "akka://presence",
            2,
            3,
            4,
            9,
            System.Collections.Immutable.ImmutableDictionary<string, long>.Empty.Add("normal", 5),
            System.Collections.Immutable.ImmutableDictionary<string, long>.Empty.Add("origin", 2)
        );
        app.Hub.Answer = _ => new ClusterStats([node]);

        var answer = await app.Send("GET /stats", "service");

        const string Counts = """
            "users_online":2,"devices":3,"connections":4,"connects":9,"disconnects":{"normal":5},"refused":{"origin":2}
            """;
        JsonNode
            .DeepEquals(answer.Json, JsonNode.Parse("{" + Counts + ",\"nodes\":[{\"node\":\"akka://presence\"," + Counts + "}]}"))
            .ShouldBeTrue(answer.Text);
        app.Hub.Single<GetClusterStats>();
    }
}
