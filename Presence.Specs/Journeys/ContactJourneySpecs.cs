using System.Net;
using System.Text.Json;
using static Presence.Specs.Journeys.JourneyServer;

namespace Presence.Specs.Journeys;

[Collection(JourneyCollection.Name)]
public sealed class ContactJourneySpecs(JourneyServer server) : IDisposable
{
    private readonly Api _api = server.Api();
    private readonly string _alice = NewName("alice");
    private readonly string _bob = NewName("bob");

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task Two_contacts_see_each_others_status_and_typing()
    {
        var chat = NewName("chat");
        await _api.MakeContacts(_alice, _bob);
        await _api.MakeConversation(chat, _alice, _bob);
        await using var alice = await server.Connect(_alice);
        alice.Snapshot.GetProperty("presences").GetArrayLength().ShouldBe(0, "a contact it doesn't name is offline");
        await using var bob = await server.Connect(_bob);
        bob.Snapshot.GetProperty("presences").EnumerateArray().Single().GetProperty("user_id").GetString().ShouldBe(_alice);
        await alice.HearsOf(_bob, "online");

        var own = await bob.Choose("""{"online_status":"busy","custom_status":"In a meeting","activity":"in_a_call"}""");

        own.GetProperty("set_status").GetString().ShouldBe("busy");
        var seen = await alice.HearsOf(_bob, "busy");
        seen.GetProperty("custom_status").GetString().ShouldBe("In a meeting");
        seen.GetProperty("activity").GetString().ShouldBe("in_a_call");
        seen.GetProperty("version").GetInt64().ShouldBe(own.GetProperty("version").GetInt64());
        seen.TryGetProperty("set_status", out _).ShouldBeFalse();

        await bob.Say($$"""{"type":"typing","payload":{"conversation_id":"{{chat}}","is_typing":true} }""");
        var typing = await alice.Next("typing_indicator");
        typing.GetProperty("user_id").GetString().ShouldBe(_bob);
        typing.GetProperty("is_typing").GetBoolean().ShouldBeTrue();
        var ended = await alice.Next("typing_indicator");
        ended.GetProperty("is_typing").GetBoolean().ShouldBeFalse("what isn't renewed ends by itself");
    }

    [Fact]
    public async Task A_contact_added_or_removed_is_told_at_once()
    {
        await using var alice = await server.Connect(_alice);
        await using var bob = await server.Connect(_bob);

        await _api.MakeContacts(_alice, _bob);
        await alice.HearsOf(_bob, "online");
        var told = await bob.HearsOf(_alice, "online");

        await _api.Delete($"/users/{_alice}/contacts/{_bob}");
        await alice.HearsOf(_bob, "offline");
        (await bob.HearsOf(_alice, "offline"))
            .GetProperty("version")
            .GetInt64()
            .ShouldBeGreaterThan(told.GetProperty("version").GetInt64());
    }

    [Theory]
    [InlineData("""{"online_status_visibility":"nobody"}""")]
    [InlineData("""{"blocked":["BOB"]}""")]
    [InlineData("""{"overrides":{"BOB":{"online_status_visible":false}}}""")]
    public async Task Who_may_no_longer_see_a_user_is_told_so_at_once_on_every_channel(string privacy)
    {
        var chat = NewName("chat");
        await _api.MakeContacts(_alice, _bob);
        await _api.MakeConversation(chat, _alice, _bob);
        await using var alice = await server.Connect(_alice);
        await using var bob = await server.Connect(_bob);
        await alice.Choose("""{"custom_status":"secret"}""");
        await bob.Hears(_alice, seen => seen.GetProperty("custom_status").GetString() == "secret");

        await _api.Put("/privacy", privacy.Replace("BOB", _bob, StringComparison.Ordinal), _alice);

        var lost = await bob.HearsOf(_alice, "offline");
        lost.GetProperty("custom_status").ValueKind.ShouldBe(JsonValueKind.Null);
        var nobody = NewName("nobody");
        var unknown = (await _api.Get($"/{nobody}", _bob)).Text.Replace(nobody, _alice, StringComparison.Ordinal);
        (await _api.Get($"/{_alice}", _bob)).Text.ShouldBe(unknown);
        var bulk = await _api.Post("/bulk", $$"""{"user_ids":["{{_alice}}"]}""", _bob);
        bulk.Json.GetProperty("presences").GetProperty(_alice).GetProperty("version").GetInt64().ShouldBe(0);
        await _api.Post("/typing", $$"""{"conversation_id":"{{chat}}","is_typing":true}""", _alice);
        (await _api.Get($"/typing/{chat}", _bob)).Json.GetProperty("count").GetInt32().ShouldBe(0);
        (await _api.Get($"/typing/{chat}")).Json.GetProperty("count").GetInt32().ShouldBe(1, "a service sees it");

        await _api.Put("/privacy", "{}", _alice);
        (await bob.HearsOf(_alice, "online")).GetProperty("custom_status").GetString().ShouldBe("secret");
    }

    [Fact]
    public async Task Contacts_only_hides_from_a_stranger_who_has_subscribed()
    {
        await using var alice = await server.Connect(_alice);
        await using var bob = await server.Connect(_bob);
        await bob.Say($$"""{"type":"subscribe","id":"1","payload":{"user_ids":["{{_alice}}"]} }""");
        (await bob.Next("subscribe_ack")).GetProperty("count").GetInt32().ShouldBe(1);
        var snapshot = await bob.Next("presence_snapshot");
        snapshot.GetProperty("presences")[0].GetProperty("online_status").GetString().ShouldBe("online");

        await _api.Put("/privacy", """{"online_status_visibility":"contacts"}""", _alice);
        await bob.HearsOf(_alice, "offline");

        await _api.MakeContacts(_alice, _bob);
        await bob.HearsOf(_alice, "online");
    }

    [Fact]
    public async Task An_invisible_user_goes_offline_for_others_and_what_it_changes_is_held_back()
    {
        await _api.MakeContacts(_alice, _bob);
        await using var alice = await server.Connect(_alice);
        await using var bob = await server.Connect(_bob);

        (await alice.Choose("""{"online_status":"invisible"}""")).GetProperty("online_status").GetString().ShouldBe("invisible");
        var gone = await bob.HearsOf(_alice, "offline");
        (await alice.Choose("""{"custom_status":"hidden"}""")).GetProperty("custom_status").GetString().ShouldBe("hidden");
        var read = (await _api.Get($"/{_alice}", _bob)).Json;
        read.GetProperty("version").GetInt64().ShouldBe(gone.GetProperty("version").GetInt64());
        read.GetProperty("custom_status").ValueKind.ShouldBe(JsonValueKind.Null);
        (await _api.Get($"/{_alice}")).Json.GetProperty("online_status").GetString().ShouldBe("invisible", "a service sees it");

        await alice.Choose("""{"online_status":"online"}""");
        (await bob.HearsOf(_alice, "online")).GetProperty("custom_status").GetString().ShouldBe("hidden");
    }

    [Fact]
    public async Task A_status_with_an_expiry_ends_by_itself()
    {
        await _api.MakeContacts(_alice, _bob);
        await using var alice = await server.Connect(_alice);
        await using var bob = await server.Connect(_bob);

        await alice.Choose("""{"online_status":"busy","custom_status":"lunch","expires_in":1}""");

        (await bob.HearsOf(_alice, "busy")).GetProperty("expires_at").ValueKind.ShouldBe(JsonValueKind.String);
        (await bob.HearsOf(_alice, "online")).GetProperty("custom_status").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task An_update_and_typing_by_http_are_told_as_on_the_socket()
    {
        var chat = NewName("chat");
        await _api.MakeContacts(_alice, _bob);
        await _api.MakeConversation(chat, _alice, _bob);
        await using var alice = await server.Connect(_alice);
        await using var bob = await server.Connect(_bob);

        var updated = await _api.Post("/", """{"online_status":"away","custom_status":"by HTTP"}""", _alice);
        updated.Status.ShouldBe(HttpStatusCode.OK);
        var seen = await bob.HearsOf(_alice, "away");
        seen.GetProperty("version").GetInt64().ShouldBe(updated.Json.GetProperty("version").GetInt64());
        (await alice.HearsOf(_alice, "away"))
            .GetProperty("set_status")
            .GetString()
            .ShouldBe("away", "its own device sees the owner's view");

        var typed = await _api.Post("/typing", $$"""{"conversation_id":"{{chat}}","is_typing":true}""", _alice);
        typed.Status.ShouldBe(HttpStatusCode.NoContent);
        (await bob.Next("typing_indicator")).GetProperty("user_id").GetString().ShouldBe(_alice);
        (await _api.Get($"/typing/{chat}", _bob)).Json.GetProperty("typing_users")[0].GetProperty("user_id").GetString().ShouldBe(_alice);
        (await _api.Get($"/typing/{chat}", _alice)).Json.GetProperty("count").GetInt32().ShouldBe(0, "the caller is left out");
    }

    [Fact]
    public async Task What_was_imported_is_there_for_who_connects_and_the_snapshot_is_as_asked()
    {
        var carol = NewName("carol");
        var lines = $$"""
            {"user_id":"{{_alice}}","contacts":["{{_bob}}","{{carol}}"]}
            {"user_id":"bad id","contacts":[]}
            {"conversation_id":"{{NewName("chat")}}","participants":["{{_alice}}"]}
            """;
        var imported = await _api.Send("POST", "/import", lines, mediaType: "application/x-ndjson");
        imported.Json.GetProperty("users").GetInt32().ShouldBe(1);
        imported.Json.GetProperty("conversations").GetInt32().ShouldBe(1);
        imported.Json.GetProperty("refused")[0].GetProperty("line").GetInt32().ShouldBe(2);
        imported.Json.GetProperty("refused")[0].GetProperty("code").GetString().ShouldBe("invalid_id");

        await using var bob = await server.Connect(_bob);
        await using var some = await server.Connect(_alice, "one");
        Named(some).ShouldBe([_bob]);
        await using var full = await server.Connect(_alice, "two", "?snapshot=full");
        Named(full).ShouldBe([_bob, carol], ignoreOrder: true);
        await using var none = await server.Connect(_alice, "three", "?snapshot=none");
        await bob.Choose("""{"online_status":"busy"}""");
        var frames = await none.Until(frame =>
            JourneyClient.TypeOf(frame) == "presence_update" && frame.ToString().Contains("busy", StringComparison.Ordinal)
        );
        frames.ShouldNotContain(frame => JourneyClient.TypeOf(frame) == "presence_snapshot");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/presence")]
    [InlineData("/api/v1/presence")]
    public async Task Sockets_and_http_are_served_under_each_prefix(string prefix)
    {
        await using var alice = await server.Connect(_alice, path: prefix + "/ws");

        var read = await _api.Get($"{prefix}/users/{_alice}", _bob);

        read.Json.GetProperty("online_status").GetString().ShouldBe("online");
        (await _api.Get(prefix.Length == 0 ? "/" : prefix, _alice)).Json.GetProperty("user_id").GetString().ShouldBe(_alice);
    }

    private static List<string?> Named(JourneyClient client) =>
        [.. client.Snapshot.GetProperty("presences").EnumerateArray().Select(presence => presence.GetProperty("user_id").GetString())];
}
