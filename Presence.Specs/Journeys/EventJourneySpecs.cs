using System.Net;
using System.Text.Json;
using static Presence.Specs.Journeys.JourneyServer;

namespace Presence.Specs.Journeys;

[Collection(JourneyCollection.Name)]
public sealed class EventJourneySpecs(JourneyServer server) : IDisposable
{
    private readonly Api _api = server.Api();
    private readonly string _alice = NewName("alice");
    private readonly string _bob = NewName("bob");

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task An_event_reaches_every_device_of_each_recipient_with_the_payload_as_it_was_sent()
    {
        await using var phone = await server.Connect(_alice, "phone");
        await using var laptop = await server.Connect(_alice, "laptop");
        await using var bob = await server.Connect(_bob);

        var id = await Post([_alice, _bob], """{"text":"\"é\"\n","n":1.50,"type":"x"}""", more: $$""","sender":"{{_bob}}" """);

        foreach (var client in new[] { phone, laptop, bob })
        {
            var told = await client.Next("event");
            told.GetProperty("id").GetString().ShouldBe(id);
            told.GetProperty("event_type").GetString().ShouldBe("note");
            told.GetProperty("payload").GetRawText().ShouldBe("""{"text":"\"é\"\n","n":1.50,"type":"x"}""");
            told.GetProperty("sender").GetString().ShouldBe(_bob);
            told.GetProperty("sent_at").GetDateTimeOffset().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task One_with_a_ttl_waits_until_a_device_has_acknowledged_it()
    {
        var first = await Post([_alice], more: ""","ttl":60""");
        var second = await Post([_alice], more: ""","ttl":60""");

        await using (var phone = await server.Connect(_alice, "phone"))
        {
            (await phone.Next("event")).GetProperty("id").GetString().ShouldBe(first);
            (await phone.Next("event")).GetProperty("id").GetString().ShouldBe(second);
            await Acknowledge(phone, first);
            await phone.IsUsable();
        }

        await using (var laptop = await server.Connect(_alice, "laptop"))
        {
            (await laptop.Next("event")).GetProperty("id").GetString().ShouldBe(second);
        }

        (await _api.Delete($"/events/{second}", _alice)).Status.ShouldBe(HttpStatusCode.NoContent);
        var third = await Post([_alice], more: ""","ttl":60""");
        await using var tablet = await server.Connect(_alice, "tablet");
        (await tablet.Next("event")).GetProperty("id").GetString().ShouldBe(third);
    }

    [Fact]
    public async Task A_stream_that_comes_back_with_its_last_event_id_is_given_each_event_once()
    {
        const string Stream = "/events?user_id={0}&device_id=tv";
        var path = string.Format(System.Globalization.CultureInfo.InvariantCulture, Stream, _alice);
        var alice = await Open(path);
        await Post([_alice], more: ""","ttl":60""");
        await Post([_alice]);
        await alice.Next("event");
        var lastId = (await alice.Any()).ShouldBeOfType("event").Id!;

        for (var time = 0; time < 3; time++)
        {
            await alice.DisposeAsync();
            var next = await Post([_alice], more: ""","ttl":60""");
            alice = await Open(path, ("Last-Event-ID", lastId));
            alice.Ack.GetProperty("resumed").GetBoolean().ShouldBeTrue();
            var told = (await alice.Any()).ShouldBeOfType("event");
            told.Data.GetProperty("id").GetString().ShouldBe(next);
            lastId = told.Id!;
        }

        await alice.DisposeAsync();
        await using var phone = await server.Connect(_alice, "phone");
        (await phone.Next("event")).GetProperty("id").GetString().ShouldNotBeNull();
    }

    [Fact]
    public async Task One_without_a_ttl_is_only_for_who_is_connected()
    {
        await Post([_alice], """{"n":1}""");
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        await using var phone = await server.Connect(_alice);

        await Post([_alice], """{"n":2}""");

        (await phone.Next("event")).GetProperty("payload").GetProperty("n").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task A_stream_tells_what_a_socket_would_and_counts_as_its_device()
    {
        await _api.MakeContacts(_alice, _bob);
        await using var bob = await server.Connect(_bob);
        await using var alice = await Open($"/events?user_id={_alice}&device_id=tv");
        await bob.HearsOf(_alice, "online");

        alice.ContentHeaders.ContentType!.MediaType.ShouldBe("text/event-stream");
        alice.Headers.CacheControl!.NoStore.ShouldBeTrue();
        alice.Headers.GetValues("X-Accel-Buffering").ShouldBe(["no"]);
        alice.Ack.GetProperty("device_id").GetString().ShouldBe("tv");
        alice.Snapshot.Data.GetProperty("presences")[0].GetProperty("user_id").GetString().ShouldBe(_bob);
        alice.Snapshot.Id.ShouldBe(alice.Snapshot.Data.GetProperty("cursor").GetString());

        await bob.Choose("""{"online_status":"busy"}""");
        (await alice.Next("presence_update")).GetProperty("online_status").GetString().ShouldBe("busy");
        var id = await Post([_alice], """{ "a" : "b" }""");
        var told = await alice.Any();
        told.Type.ShouldBe("event");
        told.Data.GetProperty("id").GetString().ShouldBe(id);
        told.Id.ShouldStartWith(alice.Snapshot.Id + "~");

        await alice.DisposeAsync();
        await bob.HearsOf(_alice, "offline");
    }

    [Fact]
    public async Task A_stream_without_a_device_only_listens()
    {
        await using var alice = await Open("/presence/events", ("X-User-ID", _alice));
        await Post([_alice]);

        alice.Ack.GetProperty("device_id").ValueKind.ShouldBe(JsonValueKind.Null);
        (await alice.Next("event")).GetProperty("event_type").GetString().ShouldBe("note");
        (await _api.Get($"/{_alice}")).Json.GetProperty("online_status").GetString().ShouldBe("offline");
        (await _api.Get("/devices", _alice)).Json.GetProperty("count").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task A_stream_that_is_closed_says_why_and_ends()
    {
        await using var stream = await Open($"/events?user_id={_alice}&device_id=tv");
        await using var replaced = await Open($"/events?user_id={_bob}&device_id=tv");

        (await _api.Delete("/devices/tv", _alice)).Status.ShouldBe(HttpStatusCode.NoContent);
        await using var newer = await server.Connect(_bob, "tv");

        (await stream.Next("close")).GetProperty("code").GetInt32().ShouldBe(4403);
        (await replaced.Next("close")).GetProperty("code").GetInt32().ShouldBe(4409);
        await stream.Ended();
        await replaced.Ended();
    }

    [Fact]
    public async Task A_stream_is_refused_as_a_socket_would_be()
    {
        (await _api.Get("/events")).Code.ShouldBe("unauthenticated");
        (await _api.Get("/events?user_id=no%20id")).Code.ShouldBe("invalid_id");
        (await _api.Get("/events?snapshot=some", _alice)).Code.ShouldBe("invalid_payload");
        (await _api.Send("GET", "/events", null, _alice, headers: ("Origin", "https://evil.example"))).Code.ShouldBe("forbidden");
        (await _api.Send("DELETE", "/events", null, _alice)).Code.ShouldBe("method_not_allowed");
        (await _api.Send("POST", $"/events?user_id={_alice}", "{}")).Code.ShouldBe("invalid_payload");
    }

    [Fact]
    public async Task Events_that_wait_survive_a_restart_and_a_stop_ends_the_streams()
    {
        using var folder = new TemporaryFolder();
        var storage = $"Presence:Storage:ConnectionString=Data Source={folder.Database}";
        string id;
        await using (var before = await Started.With(storage, "Presence:HeartbeatInterval=00:00:00.2"))
        {
            using var api = before.Server.Api();
            await using var bob = await EventStreamClient.Open(before.Server.Address, $"/events?user_id={_bob}");
            id = await Post(api, [_alice], "{}", ""","ttl":600""");
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            while (bob.Comments < 2)
            {
                await Task.Delay(20, patience.Token);
            }

            await before.Server.Stop();
            (await bob.Next("close")).GetProperty("code").GetInt32().ShouldBe(1012);
            await bob.Ended();
        }

        await using var after = await Started.With(storage);
        await using var alice = await after.Server.Connect(_alice);
        (await alice.Next("event")).GetProperty("id").GetString().ShouldBe(id);
    }

    private Task<EventStreamClient> Open(string pathAndQuery, params (string Name, string Value)[] headers) =>
        EventStreamClient.Open(server.Address, pathAndQuery, headers);

    private Task<string> Post(string[] recipients, string payload = "{}", string more = "") => Post(_api, recipients, payload, more);

    private static async Task<string> Post(Api api, string[] recipients, string payload, string more)
    {
        var answer = await api.Post(
            "/events",
            $$"""{"event_type":"note","recipients":{{JsonSerializer.Serialize(recipients)}},"payload":{{payload}}{{more}}}"""
        );
        answer.Status.ShouldBe(HttpStatusCode.Accepted, answer.Text);
        answer.Json.GetProperty("recipients").GetInt32().ShouldBe(recipients.Length);
        return answer.Json.GetProperty("event_id").GetString()!;
    }

    private static Task Acknowledge(JourneyClient client, string id) =>
        client.Say($$$"""{"type":"event_ack","payload":{"id":"{{{id}}}"}}""");

    private sealed record Started(JourneyServer Server) : IAsyncDisposable
    {
        public static async Task<Started> With(params string[] settings) => new(await Start(settings));

        public async ValueTask DisposeAsync() => await Server.DisposeAsync();
    }
}
