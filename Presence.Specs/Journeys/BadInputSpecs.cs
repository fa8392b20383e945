using System.Net;
using System.Text;
using Presence.Specs.WebSocket;
using static Presence.Specs.Journeys.JourneyServer;

namespace Presence.Specs.Journeys;

[Collection(JourneyCollection.Name)]
public sealed class BadInputSpecs(JourneyServer server) : IDisposable
{
    private readonly Api _api = server.Api();
    private readonly string _mallory = NewName("mallory");
    private readonly string _healthy = NewName("healthy");

    public void Dispose() => _api.Dispose();

    [Theory]
    [InlineData("{\"type\":\"ping\"", "malformed_json")]
    [InlineData("not json", "malformed_json")]
    [InlineData("[]", "malformed_json")]
    [InlineData("null", "malformed_json")]
    [InlineData("{\"type\":\"ping\",\"type\":\"ping\"}", "malformed_json")]
    [InlineData("{\"type\":\"presence_update\",\"payload\":{\"custom_status\":\"a\",\"custom_status\":\"b\"}}", "malformed_json")]
    [InlineData("{\"payload\":{}}", "invalid_payload")]
    [InlineData("{\"type\":7}", "invalid_payload")]
    [InlineData("{\"type\":\"ping\",\"id\":7}", "invalid_payload")]
    [InlineData("{\"type\":\"fly\"}", "unknown_type")]
    [InlineData("{\"type\":\"presence_update\",\"payload\":[]}", "invalid_payload")]
    [InlineData("{\"type\":\"presence_update\",\"payload\":{}}", "invalid_payload")]
    [InlineData("{\"type\":\"presence_update\",\"payload\":{\"online_status\":\"asleep\"}}", "invalid_status")]
    [InlineData("{\"type\":\"presence_update\",\"payload\":{\"custom_status\":7}}", "invalid_payload")]
    [InlineData("{\"type\":\"presence_update\",\"payload\":{\"custom_status\":\"a\\u0000b\"}}", "invalid_payload")]
    [InlineData("{\"type\":\"presence_update\",\"payload\":{\"custom_status\":\"a\\ud800b\"}}", "invalid_payload")]
    [InlineData("{\"type\":\"presence_update\",\"payload\":{\"activity\":\"In A Call\"}}", "invalid_payload")]
    [InlineData("{\"type\":\"presence_update\",\"payload\":{\"online_status\":\"busy\",\"expires_in\":0}}", "invalid_payload")]
    [InlineData(
        "{\"type\":\"presence_update\",\"payload\":{\"online_status\":\"busy\",\"expires_at\":\"2001-01-01T00:00:00Z\"}}",
        "invalid_payload"
    )]
    [InlineData("{\"type\":\"heartbeat\",\"payload\":{\"active\":\"yes\"}}", "invalid_payload")]
    [InlineData("{\"type\":\"typing\",\"payload\":{\"conversation_id\":\"c\"}}", "invalid_payload")]
    [InlineData("{\"type\":\"typing\",\"payload\":{\"is_typing\":true}}", "invalid_payload")]
    [InlineData("{\"type\":\"typing\",\"payload\":{\"conversation_id\":\"a b\",\"is_typing\":true}}", "invalid_id")]
    [InlineData("{\"type\":\"typing\",\"payload\":{\"conversation_id\":7,\"is_typing\":true}}", "invalid_id")]
    [InlineData("{\"type\":\"typing\",\"payload\":{\"conversation_id\":\"no-such\",\"is_typing\":true}}", "not_a_participant")]
    [InlineData("{\"type\":\"watch_conversation\",\"payload\":{\"conversation_id\":\"no-such\"}}", "not_a_participant")]
    [InlineData("{\"type\":\"subscribe\",\"payload\":{\"user_ids\":[]}}", "invalid_payload")]
    [InlineData("{\"type\":\"subscribe\",\"payload\":{\"user_ids\":[\"not an id\"]}}", "invalid_id")]
    [InlineData("{\"type\":\"subscribe\",\"payload\":{\"user_ids\":\"alice\"}}", "invalid_payload")]
    public async Task A_bad_frame_gets_its_error_and_the_socket_stays_usable(string frame, string code)
    {
        await using var mallory = await server.Connect(_mallory);

        await mallory.Say(frame);

        (await mallory.Next("error")).GetProperty("code").GetString().ShouldBe(code);
        await mallory.IsUsable();
        (await mallory.Choose("""{"custom_status":"still here"}""")).GetProperty("custom_status").GetString().ShouldBe("still here");
    }

    [Fact]
    public async Task An_error_carries_the_id_of_the_frame_it_answers()
    {
        await using var mallory = await server.Connect(_mallory);

        await mallory.Say("""{"type":"fly","id":"f-1"}""");

        (await mallory.Until(frame => JourneyClient.TypeOf(frame) == "error"))[^1].GetProperty("id").GetString().ShouldBe("f-1");
    }

    [Fact]
    public async Task More_than_a_thousand_ids_are_too_many_and_a_thousand_uuids_fit()
    {
        await using var mallory = await server.Connect(_mallory);

        await mallory.Say(Subscribe(1_001, _ => "u"));
        (await mallory.Next("error")).GetProperty("code").GetString().ShouldBe("too_many_ids");
        await mallory.Say(Subscribe(1_000, _ => Guid.NewGuid().ToString()));
        (await mallory.Next("subscribe_ack")).GetProperty("count").GetInt32().ShouldBe(1_000);
    }

    [Theory]
    [InlineData(RawFrame.Binary, "{}", 1003)]
    [InlineData(RawFrame.Text, "\u00ff\u00fe", 1007)]
    [InlineData(RawFrame.Text, "", 1009)]
    public async Task A_frame_that_breaks_the_protocol_closes_its_socket_and_a_healthy_one_notices_nothing(
        byte opcode,
        string latin,
        int code
    )
    {
        await _api.MakeContacts(_mallory, _healthy);
        await using var healthy = await server.Connect(_healthy);
        await using var mallory = await server.Connect(_mallory);
        await healthy.HearsOf(_mallory, "online");

        await mallory.Send(opcode, code == 1009 ? new byte[65_537] : Encoding.Latin1.GetBytes(latin));

        (await mallory.Closed).ShouldBe(code);
        var frames = await healthy.Until(frame => frame.ToString().Contains("\"offline\"", StringComparison.Ordinal));
        frames.Count.ShouldBe(1, "nothing but that the other went");
        await healthy.IsUsable();
    }

    [Fact]
    public async Task The_tenth_malformed_frame_is_answered_and_closes()
    {
        await using var mallory = await server.Connect(_mallory);

        for (var i = 0; i < 10; i++)
        {
            // Only malformed JSON counts.
            await mallory.Say("""{"type":"fly"}""");
            await mallory.Say("{");
        }

        (await mallory.Closed).ShouldBe(4400);
        (await mallory.Rest()).Count(frame => frame.ToString().Contains("malformed_json", StringComparison.Ordinal)).ShouldBe(10);
    }

    [Theory]
    [InlineData("POST", "/", "{", "application/json", 400, "malformed_json")]
    [InlineData("POST", "/", "[]", "application/json", 400, "malformed_json")]
    [InlineData("POST", "/", "{\"custom_status\":\"a\",\"custom_status\":\"b\"}", "application/json", 400, "malformed_json")]
    [InlineData("POST", "/", "{}", "application/json", 400, "invalid_payload")]
    [InlineData("POST", "/", "{\"online_status\":\"asleep\"}", "application/json", 400, "invalid_status")]
    [InlineData("POST", "/", "{\"custom_status\":\"\\u0000\"}", "application/json", 400, "invalid_payload")]
    [InlineData("POST", "/", "{\"custom_status\":\"\\ud800\"}", "application/json", 400, "invalid_payload")]
    [InlineData("POST", "/", "custom_status=a", "application/x-www-form-urlencoded", 415, "unsupported_media_type")]
    [InlineData("POST", "/bulk", "{\"user_ids\":[]}", "application/json", 400, "invalid_payload")]
    [InlineData("POST", "/bulk", "{\"user_ids\":[\"a b\"]}", "application/json", 400, "invalid_id")]
    [InlineData("POST", "/typing", "{\"conversation_id\":\"no-such\",\"is_typing\":true}", "application/json", 403, "not_a_participant")]
    [InlineData("PUT", "/privacy", "{\"online_status_visibility\":\"friends\"}", "application/json", 400, "invalid_payload")]
    [InlineData("PATCH", "/privacy", "{}", "application/json", 405, "method_not_allowed")]
    [InlineData("GET", "/no/such/route", null, "", 404, "not_found")]
    [InlineData("GET", "/not%20an%20id", null, "", 400, "invalid_id")]
    [InlineData("GET", "/users/%C3%A9", null, "", 400, "invalid_id")]
    [InlineData("GET", "/typing/no-such", null, "", 403, "not_a_participant")]
    public async Task A_bad_request_gets_its_problem(string method, string path, string? body, string mediaType, int status, string code)
    {
        var answer = await _api.Send(method, path, body, _mallory, mediaType: mediaType);

        ((int)answer.Status).ShouldBe(status, answer.Text);
        answer.MediaType.ShouldBe("application/problem+json");
        answer.Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_too_large()
    {
        var body = $$"""{"custom_status":"{{new string('x', 1_100_000)}}"}""";

        // The server answers and closes without reading on: a client that is still sending may see no answer.
        var answer = await _api.Send("POST", "/", body, _mallory, headers: ("Expect", "100-continue"));

        answer.Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        answer.Code.ShouldBe("too_large");
    }

    [Theory]
    [InlineData("a b", null, 400, "invalid_id")]
    [InlineData("alice", "a/b", 400, "invalid_id")]
    [InlineData(null, null, 401, "unauthenticated")]
    public async Task A_bad_or_missing_id_in_a_header_is_refused_on_both_channels(string? user, string? device, int status, string code)
    {
        var answer = await _api.Get("/devices", user, device);

        ((int)answer.Status).ShouldBe(status);
        answer.Code.ShouldBe(code);
        (string, string)[] headers = [.. new[] { ("X-User-ID", user), ("X-Device-ID", device) }.Where(pair => pair.Item2 is not null)!];
        var refused = await RawSocket.ConnectAsync(server.Address, "/ws", headers).ShouldThrowAsync<InvalidOperationException>();
        refused.Message.ShouldStartWith($"HTTP/1.1 {status}");
    }

    private static string Subscribe(int count, Func<int, string> id) =>
        $$"""{"type":"subscribe","payload":{"user_ids":[{{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{id(i)}\""))}}]} }""";
}
