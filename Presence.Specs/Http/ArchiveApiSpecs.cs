using System.Net;
using System.Text.Json.Nodes;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Events;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Specs.Http;

/// <summary>All that is kept of a user by HTTP. That each answer fits the document is checked by <see cref="HttpApp"/>.</summary>
public sealed class ArchiveApiSpecs(HttpFixture http) : IClassFixture<HttpFixture>
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly HttpApp _app = http.Fresh();

    [Fact]
    public async Task A_service_is_given_everything_in_the_contracts_words()
    {
        var ann = new UserId("ann");
        var rule = new PrivacyRule { Blocked = [new("eve")] };
        var posted = new PostedEvent(new("e1"), "note", new("""{"n":1}"""), new("ben"), Noon, Noon.AddDays(1), true);
        _app.Users.Answer = message =>
            message switch
            {
                GetPresence { Viewer: null } => new PresenceIs(PresenceRecord.Unknown(ann) with { Owner = new(OnlineStatus.Busy) }),
                GetDevices { All: true } => new DevicesAre([
                    new(new("phone"), new("Phone", null, "web", null), DeviceStatus.Idle, Noon, Noon),
                ]),
                _ => null,
            };
        _app.Archive.Kept = new(
            ann,
            [
                new(1, "status-chosen", """{"set_status":2,"custom_status":"lunch","at":"2026-11-22T12:00:00+00:00"}"""u8.ToArray()),
                new(
                    2,
                    "privacy-chosen",
                    """{"rule":{"typing_indicators_enabled":true,"blocked":["eve"],"overrides":{}},"at":"2026-11-22T12:00:00+00:00"}"""u8.ToArray()
                ),
                new(3, "from-a-later-version", "?"u8.ToArray()),
            ],
            new() { Privacy = rule },
            Noon,
            [],
            [new("ben")],
            [new("room")],
            [posted],
            [new(new("ben"), posted with { Sender = ann })],
            [new(ann, new("phone"), Guid.Empty, 1, [new("cleo")], [new("room")], Noon)]
        );

        var answer = await _app.Send("GET /users/ann/export", "service");

        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        ((string?)answer.Json["presence"]!["set_status"]).ShouldBe("busy");
        ((string?)answer.Json["devices"]![0]!["device_name"]).ShouldBe("Phone");
        ((string?)answer.Json["privacy"]!["blocked"]![0]).ShouldBe("eve");
        ((string?)answer.Json["contacts"]![0]).ShouldBe("ben");
        ((string?)answer.Json["conversations"]![0]).ShouldBe("room");
        ((int?)answer.Json["events"]![0]!["payload"]!["n"]).ShouldBe(1);
        ((string?)answer.Json["sent_events"]![0]!["recipient"]).ShouldBe("ben");
        ((string?)answer.Json["sessions"]![0]!["subscriptions"]![0]).ShouldBe("cleo");
        ((string?)answer.Json["last_seen_at"]).ShouldBe("2026-11-22T12:00:00Z");
        ((string?)answer.Json["journal"]![0]!["custom_status"]).ShouldBe("lunch");
        ((string?)answer.Json["journal"]![1]!["privacy"]!["blocked"]![0]).ShouldBe("eve");
        JsonNode
            .DeepEquals(answer.Json["journal"]![2], JsonNode.Parse("""{"sequence":3,"fact":"from-a-later-version","content":"Pw=="}"""))
            .ShouldBeTrue(answer.Text);
    }

    [Fact]
    public async Task A_store_out_of_reach_makes_it_unavailable()
    {
        _app.Users.Answer = message => message is GetPresence get ? new PresenceIs(PresenceRecord.Unknown(get.UserId)) : new DevicesAre([]);

        (await _app.Send("GET /users/ann/export", "service")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
    }

    [Fact]
    public async Task A_service_erases()
    {
        _app.Users.Answer = _ => Done.Instance;

        (await _app.Send("DELETE /users/ann", "service")).Status.ShouldBe(HttpStatusCode.NoContent);

        _app.Users.Single<EraseUser>().UserId.ShouldBe(new UserId("ann"));
    }

    [Fact]
    public async Task What_could_not_be_erased_is_told_so()
    {
        _app.Users.Answer = _ => new Refused(Refusal.Unavailable);

        (await _app.Send("DELETE /users/ann", "service")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
    }

    [Theory]
    [InlineData("GET /users/ann/export")]
    [InlineData("DELETE /users/ann")]
    public async Task Nobody_but_a_service_may_not_even_of_oneself(string route)
    {
        (await _app.Send(route, "ann")).ShouldBeProblem(HttpStatusCode.Forbidden, "forbidden");
        (await _app.Send(route, "")).ShouldBeProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        _app.Users.Received.ShouldBeEmpty();
    }
}
