using System.Net;
using System.Text.Json.Nodes;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Specs.Http;

/// <summary>One's own presence, and that of others.</summary>
public sealed class PresenceApiSpecs(HttpFixture http) : IClassFixture<HttpFixture>
{
    private static readonly UserId Alice = new("alice");

    private static readonly PresenceRecord Away = new(Alice)
    {
        OnlineStatus = OnlineStatus.Away,
        CustomStatus = "back on Monday 🌴",
        Activity = "in_a_call",
        ExpiresAt = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Platforms = PlatformStatuses.From([new("web", OnlineStatus.Online), new("mobile", OnlineStatus.Away)]),
        LastSeenAt = new(2029, 1, 2, 3, 4, 5, TimeSpan.Zero),
        UpdatedAt = new(2029, 6, 7, 8, 9, 10, TimeSpan.Zero),
        Version = 42,
        Certainty = Certainty.Grace,
    };

    [Fact]
    public async Task Of_one_whom_the_viewer_blocks_nothing_is_read()
    {
        var app = http.Fresh();
        app.Users.OfViewers = new() { Blocked = [Alice, new("bob"), new("carl")] };
        app.Users.Answer = message => new PresenceIs(
            message is GetPresence { UserId: var user } && user == Alice ? Away : Away with { UserId = new("carol") }
        );

        (await app.Send("GET /alice", "bob")).Text.ShouldBe((await app.Send("GET /users/alice", "bob")).Text);
        var one = (await app.Send("GET /alice", "bob")).Json;
        ((int)one["version"]!).ShouldBe(0);
        ((string)one["certainty"]!).ShouldBe("confirmed");
        var many = (await app.Send("POST /bulk", "bob", """{"user_ids":["alice","carol"]}""")).Json["presences"]!;
        JsonNode.DeepEquals(many["alice"], one).ShouldBeTrue();
        ((int)many["carol"]!["version"]!).ShouldBe(42);
        ((int)(await app.Send("GET /alice", "service")).Json["version"]!).ShouldBe(42, "a service blocks nobody");
        ((int)(await app.Send("GET /alice", "alice")).Json["version"]!).ShouldBe(42, "nobody is hidden from itself");
        var own = (await app.Send("POST /bulk", "alice", """{"user_ids":["alice"]}""")).Json["presences"]!;
        ((int)own["alice"]!["version"]!).ShouldBe(42);
    }

    [Fact]
    public async Task While_it_is_not_known_whom_the_viewer_blocks_nothing_is_read()
    {
        var app = http.Fresh();
        app.Users.OfViewers = null;
        app.Users.Answer = message => message is GetPrivacy ? new Refused(Refusal.Unavailable) : new PresenceIs(Away);

        (await app.Send("GET /alice", "bob")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        (await app.Send("POST /bulk", "bob", """{"user_ids":["alice"]}""")).ShouldBeProblem(
            HttpStatusCode.ServiceUnavailable,
            "unavailable"
        );
        (await app.Send("GET /users/alice/explain?viewer=bob", "service")).ShouldBeProblem(
            HttpStatusCode.ServiceUnavailable,
            "unavailable"
        );
    }

    [Fact]
    public async Task Why_one_whom_the_viewer_blocks_is_not_seen_is_explained()
    {
        var app = http.Fresh();
        app.Users.OfViewers = new() { Blocked = [Alice] };

        var answer = await app.Send("GET /users/alice/explain?viewer=bob", "service");

        ((string)answer.Json["rule"]!).ShouldBe("block");
        ((bool)answer.Json["visible"]!).ShouldBeFalse();
        ((int)answer.Json["presence"]!["version"]!).ShouldBe(0);
    }

    [Fact]
    public async Task A_posted_presence_reaches_the_users_entity_and_the_own_presence_comes_back()
    {
        var app = http.Fresh();
        app.Users.Answer = _ => new PresenceUpdated(Away with { Owner = new(OnlineStatus.Away) });

        var answer = await app.Send("POST /", "alice", """{"online_status":"away","custom_status":"back on Monday 🌴","expires_in":60}""");

        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.MediaType.ShouldBe("application/json");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        JsonNode
            .DeepEquals(
                answer.Json,
                JsonNode.Parse(
                    """
                    {"user_id":"alice","online_status":"away","custom_status":"back on Monday 🌴","activity":"in_a_call","expires_at":"2030-01-02T03:04:05Z",
                     "platforms":{"mobile":"away","web":"online"},"last_seen_at":"2029-01-02T03:04:05Z","updated_at":"2029-06-07T08:09:10Z","version":42,
                     "certainty":"grace","set_status":"away","ends":{"online_status":null,"custom_status":null,"activity":null},"devices":0,"active_devices":0}
                    """
                )
            )
            .ShouldBeTrue(answer.Text);
        app.Users.Single<UpdatePresence>()
            .ShouldBe(
                new(
                    Alice,
                    new(OnlineStatus.Away, new("back on Monday 🌴"), null, null, TimeSpan.FromSeconds(60)),
                    Device: null,
                    Cause: null
                )
            );
    }

    [Fact]
    public async Task A_posted_presence_that_names_a_device_is_a_heartbeat_of_it()
    {
        var app = http.Fresh();
        app.Users.Answer = _ => new PresenceUpdated(Away);

        await app.Send("POST /", "alice/phone", """{"activity":null}""");

        app.Users.Single<UpdatePresence>().Device.ShouldBe(new CallingDevice(new("phone"), new("Laptop", "desktop", "web", "1.0")));
    }

    [Theory]
    [InlineData("GET /", "alice", "alice", "alice")]
    [InlineData("GET /alice", "bob", "alice", "bob")]
    [InlineData("GET /users/alice", "bob", "alice", "bob")]
    [InlineData("GET /users/bulk", "bob", "bulk", "bob")]
    [InlineData("GET /alice", "service", "alice", null)]
    [InlineData("GET /alice", "service:bob", "alice", "bob")]
    [InlineData("GET /presence", "alice", "alice", "alice")]
    [InlineData("GET /presence/alice", "bob", "alice", "bob")]
    [InlineData("GET /api/v1/presence/users/alice", "bob", "alice", "bob")]
    public async Task A_read_asks_for_the_user_as_the_caller_may_see_it(string request, string identity, string user, string? viewer)
    {
        var app = http.Fresh();
        app.Users.Answer = message => new PresenceIs(PresenceRecord.Unknown(((GetPresence)message).UserId));

        var answer = await app.Send(request, identity);

        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        ((string?)answer.Json["user_id"]).ShouldBe(user);
        answer.Json.AsObject().ContainsKey("set_status").ShouldBeFalse();
        app.Users.Single<GetPresence>().ShouldBe(new(new(user), viewer is null ? null : new UserId(viewer)));
    }

    [Fact]
    public async Task A_bulk_read_asks_for_each_user_once_and_answers_by_id()
    {
        var app = http.Fresh();
        app.Users.Answer = message => new PresenceIs(PresenceRecord.Unknown(((GetPresence)message).UserId) with { Version = 7 });

        var answer = await app.Send("POST /bulk", "bob", """{"user_ids":["alice","carol","alice"]}""");

        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        answer.Json["presences"]!.AsObject().Select(entry => entry.Key).ShouldBe(["alice", "carol"], ignoreOrder: true);
        ((int)answer.Json["presences"]!["alice"]!["version"]!).ShouldBe(7);
        app.Users.Received.ShouldBe([new GetPresence(Alice, new("bob")), new GetPresence(new("carol"), new("bob"))], ignoreOrder: true);
    }

    [Fact]
    public async Task A_bulk_read_tells_a_user_who_cannot_be_had_as_unknown_and_the_others_as_they_are()
    {
        var app = http.Fresh();
        app.Users.Answer = message =>
            message is GetPresence { UserId.Value: "alice" }
                ? new Refused(Refusal.Unavailable)
                : new PresenceIs(Away with { UserId = new("carol") });

        var answer = await app.Send("POST /bulk", "service", """{"user_ids":["alice","carol"]}""");

        ((string?)answer.Json["presences"]!["alice"]!["certainty"]).ShouldBe("unknown");
        ((string?)answer.Json["presences"]!["alice"]!["online_status"]).ShouldBe("offline");
        ((string?)answer.Json["presences"]!["carol"]!["online_status"]).ShouldBe("away");
    }

    [Fact]
    public async Task A_thousand_ids_are_read_at_once_and_one_more_is_refused()
    {
        var app = http.Fresh();
        app.Users.Answer = message => new PresenceIs(PresenceRecord.Unknown(((GetPresence)message).UserId));

        var full = await app.Send("POST /bulk", "bob", Ids(1000));
        var over = await app.Send("POST /bulk", "bob", Ids(1001));

        full.Json["presences"]!.AsObject().Count.ShouldBe(1000);
        over.ShouldBeProblem(HttpStatusCode.BadRequest, "too_many_ids");
    }

    [Fact]
    public async Task An_empty_bulk_read_is_refused()
    {
        var app = http.Fresh();

        (await app.Send("POST /bulk", "bob", """{"user_ids":[]}""")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_payload");
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("{}", null)]
    [InlineData("""{"active":false}""", false)]
    [InlineData("""{"active":true}""", true)]
    public async Task A_heartbeat_reaches_the_entity_with_or_without_a_body(string? body, bool? active)
    {
        var app = http.Fresh();
        app.Users.Answer = _ => Done.Instance;

        var answer = await app.Send("POST /heartbeat", "alice/phone", body);

        answer.Status.ShouldBe(HttpStatusCode.NoContent, answer.Text);
        answer.Text.ShouldBeEmpty();
        app.Users.Single<HeartbeatByHttp>().ShouldBe(new(Alice, new(new("phone"), new("Laptop", "desktop", "web", "1.0")), active));
    }

    [Fact]
    public async Task A_heartbeat_without_a_device_is_refused_and_names_the_header()
    {
        var app = http.Fresh();

        var answer = await app.Send("POST /heartbeat", "alice");

        answer.ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_payload");
        ((string)answer.Json["detail"]!).ShouldContain("X-Device-ID");
    }

    private static string Ids(int count) =>
        $$"""{"user_ids":[{{string.Join(',', Enumerable.Range(0, count).Select(number => $"\"u{number}\""))}}]}""";
}
