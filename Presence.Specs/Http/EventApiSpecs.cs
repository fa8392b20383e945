using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Presence.Actors;
using Presence.Actors.Events;

namespace Presence.Specs.Http;

/// <summary>Messages from backends: what is taken, what is refused, and who hears of it.</summary>
public sealed class EventApiSpecs(HttpFixture http) : IClassFixture<HttpFixture>
{
    private const string Good = """{"event_type":"note","recipients":["alice"],"payload":{}}""";

    [Fact]
    public async Task An_event_is_stored_for_each_recipient_then_each_is_told_and_then_it_is_answered()
    {
        var app = Silent();

        var answer = await app.Send(
            "POST /events",
            "service",
            """
            {"event_type":"ticket.assigned","recipients":["alice","bob","alice"],"sender":"carol","ttl":86400,"later":true,
             "payload":{"text":"é\n \"<b>\"", "n": 1.50, "deep":[{"a":null}], "huge":12345678901234567890}}
            """
        );

        answer.Status.ShouldBe(HttpStatusCode.Accepted, answer.Text);
        ((int)answer.Json["recipients"]!).ShouldBe(2);
        var (posted, recipients, keep) = app.Events.Appended.ShouldHaveSingleItem();
        posted.Id.Value.ShouldBe((string)answer.Json["event_id"]!);
        posted.EventType.ShouldBe("ticket.assigned");
        posted.Payload.Json.ShouldBe("""{"text":"é\n \"<b>\"","n":1.50,"deep":[{"a":null}],"huge":12345678901234567890}""");
        posted.Sender!.Value.Value.ShouldBe("carol");
        // By the shared clock, which is the wall clock's to within the drift.
        (posted.ExpiresAt - posted.SentAt).ShouldBe(TimeSpan.FromDays(1), TimeSpan.FromMilliseconds(50));
        posted.Durable.ShouldBeTrue();
        keep.ShouldBe(100);
        recipients.Select(user => user.Value).ShouldBe(["alice", "bob"]);
        await Told(app, "alice", "bob");
    }

    [Theory]
    [InlineData("")]
    [InlineData(""","ttl":0""")]
    [InlineData(""","ttl":null,"sender":null""")]
    public async Task One_without_a_ttl_is_kept_for_the_resume_window_and_is_not_durable(string more)
    {
        var app = Silent();

        (await app.Send("POST /presence/events", "service", Good[..^1] + more + "}")).Status.ShouldBe(HttpStatusCode.Accepted);

        var posted = app.Events.Appended.Single().Event;
        posted.Durable.ShouldBeFalse();
        posted.Sender.ShouldBeNull();
        // By the shared clock, which is the wall clock's to within the drift.
        (posted.ExpiresAt - posted.SentAt).ShouldBe(TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(50));
    }

    [Theory]
    [InlineData("""{"recipients":["alice"],"payload":{}}""", "event_type")]
    [InlineData("""{"event_type":"","recipients":["alice"],"payload":{}}""", "event_type")]
    [InlineData("""{"event_type":7,"recipients":["alice"],"payload":{}}""", "event_type")]
    [InlineData("""{"event_type":"a b","recipients":["alice"],"payload":{}}""", "event_type")]
    [InlineData("""{"event_type":"é","recipients":["alice"],"payload":{}}""", "event_type")]
    [InlineData("""{"event_type":"note","payload":{}}""", "recipients")]
    [InlineData("""{"event_type":"note","recipients":[],"payload":{}}""", "recipients")]
    [InlineData("""{"event_type":"note","recipients":"alice","payload":{}}""", "recipients")]
    [InlineData("""{"event_type":"note","recipients":["alice"]}""", "payload")]
    [InlineData("""{"event_type":"note","recipients":["alice"],"payload":null}""", "payload")]
    [InlineData("""{"event_type":"note","recipients":["alice"],"payload":[1]}""", "payload")]
    [InlineData("""{"event_type":"note","recipients":["alice"],"payload":{"a":["\u0000"]}}""", "payload")]
    [InlineData("""{"event_type":"note","recipients":["alice"],"payload":{"a":{"b":"\ud800"}}}""", "payload")]
    [InlineData("""{"event_type":"note","recipients":["alice"],"payload":{"a\u0000":1}}""", "payload")]
    [InlineData("""{"event_type":"note","recipients":["alice"],"payload":{},"ttl":-1}""", "ttl")]
    [InlineData("""{"event_type":"note","recipients":["alice"],"payload":{},"ttl":604801}""", "ttl")]
    [InlineData("""{"event_type":"note","recipients":["alice"],"payload":{},"ttl":1.5}""", "ttl")]
    [InlineData("""{"event_type":"note","recipients":["alice"],"payload":{},"ttl":99999999999}""", "ttl")]
    [InlineData("""{"event_type":"note","recipients":["alice"],"payload":{},"ttl":"60"}""", "ttl")]
    public async Task What_is_missing_or_wrong_is_named_and_nothing_is_stored(string body, string field)
    {
        var app = Silent();

        var answer = await app.Send("POST /events", "service", body);

        answer.ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_payload");
        ((string)answer.Json["detail"]!).ShouldStartWith(field);
        app.Events.Appended.ShouldBeEmpty();
        app.Users.Received.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"event_type":"note","recipients":["no id"],"payload":{}}""", HttpStatusCode.BadRequest, "invalid_id")]
    [InlineData("""{"event_type":"note","recipients":["alice"],"payload":{},"sender":7}""", HttpStatusCode.BadRequest, "invalid_id")]
    [InlineData("""{"event_type":"note","recipients":["alice"],"payload":{"a":1,"a":2}}""", HttpStatusCode.BadRequest, "malformed_json")]
    [InlineData("[]", HttpStatusCode.BadRequest, "malformed_json")]
    public async Task Other_mistakes_have_their_codes(string body, HttpStatusCode status, string code)
    {
        (await Silent().Send("POST /events", "service", body)).ShouldBeProblem(status, code);
    }

    [Fact]
    public async Task More_than_a_thousand_recipients_are_too_many_and_a_thousand_are_not()
    {
        var app = Silent();

        (await app.Send("POST /events", "service", For(1_001))).ShouldBeProblem(HttpStatusCode.BadRequest, "too_many_ids");

        (await app.Send("POST /events", "service", For(1_000))).Status.ShouldBe(HttpStatusCode.Accepted);
        app.Events.Appended.Single().Recipients.Count.ShouldBe(1_000);
    }

    [Fact]
    public async Task A_payload_is_too_large_by_its_bytes_without_white_space()
    {
        var app = Silent();
        var fits = "{\"a\":     \"" + new string('é', (32 * 1024 - 8) / 2) + "\"}";

        (await app.Send("POST /events", "service", Good.Replace("{}", fits))).Status.ShouldBe(HttpStatusCode.Accepted);

        (await app.Send("POST /events", "service", Good.Replace("{}", fits.Replace("\"}", "x\"}")))).ShouldBeProblem(
            HttpStatusCode.RequestEntityTooLarge,
            "too_large"
        );
        app.Events.Appended.Single().Event.Payload.Bytes.ShouldBe(32 * 1024);
    }

    [Fact]
    public async Task A_store_out_of_reach_is_told_and_nobody_hears_of_the_event()
    {
        var app = Silent();
        app.Events.Gate.IsDown = true;

        (await app.Send("POST /events", "service", Good)).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");

        app.Users.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_told_as_unavailable()
    {
        var app = Silent();
        app.Events.Hangs = true;

        (await app.Send("POST /events", "service", Good)).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
    }

    [Fact]
    public async Task A_user_acknowledges_an_event_and_it_is_forgotten_by_the_time_of_the_answer()
    {
        var app = Silent();
        await app.Send("POST /events", "service", Good.Replace("}}", """},"ttl":60}"""));
        var id = app.Events.Appended.Single().Event.Id;

        (await app.Send($"DELETE /events/{id}", "bob")).Status.ShouldBe(HttpStatusCode.NoContent);
        app.Events.Of("alice").ShouldBe([id.Value], "it was another one's");

        (await app.Send($"DELETE /presence/events/{id}", "alice")).Status.ShouldBe(HttpStatusCode.NoContent);
        app.Events.Of("alice").ShouldBeEmpty();
        (await app.Send($"DELETE /events/{id}", "alice")).Status.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task An_event_of_no_id_or_with_the_store_out_of_reach_is_not_acknowledged()
    {
        var app = Silent();

        (await app.Send("DELETE /events/no%20id", "alice")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_id");
        app.Events.Gate.IsDown = true;
        (await app.Send("DELETE /events/e1", "alice")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        app.Events.Gate.IsDown = false;
        app.Events.Gate.Hold();
        (await app.Send("DELETE /events/e1", "alice")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
    }

    [Fact]
    public async Task An_event_is_not_for_those_whom_its_sender_blocks()
    {
        var app = Silent();
        app.Users.OfViewers = new() { Blocked = [new("bob")] };

        var answer = await app.Send(
            "POST /events",
            "service",
            """{"event_type":"note","recipients":["alice","bob"],"payload":{},"sender":"carol"}"""
        );

        ((int)answer.Json["recipients"]!).ShouldBe(2, "nobody is told who blocks whom");
        app.Events.Appended.Single().Recipients.Select(user => user.Value).ShouldBe(["alice"]);
        await Told(app, "alice");
    }

    [Fact]
    public async Task Events_that_had_to_go_are_counted()
    {
        var app = Silent();
        var counted = 0L;
        using var meter = new MeterListener();
        var counter = app.Services.GetRequiredService<NodeCounters>().EventsDropped;
        meter.SetMeasurementEventCallback<long>((instrument, value, _, _) => counted += instrument == counter ? value : 0);
        meter.EnableMeasurementEvents(counter);
        app.Events.Dropped = 3;

        await app.Send("POST /events", "service", Good);

        counted.ShouldBe(3);
    }

    private HttpApp Silent()
    {
        var app = http.Fresh();
        app.Users.Answer = _ => null;
        return app;
    }

    private static async Task Told(HttpApp app, params string[] users)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (app.Users.Received.Count < users.Length)
        {
            await Task.Delay(10, patience.Token);
        }

        app.Users.Received.OfType<EventPosted>().Select(posted => posted.UserId.Value).ShouldBe(users);
    }

    private static string For(int recipients) =>
        $$"""{"event_type":"note","payload":{},"recipients":[{{string.Join(
            ',',
            Enumerable.Range(0, recipients).Select(number => $"\"user-{number}\"")
        )}}]}""";
}
