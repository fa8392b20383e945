using System.Net;
using static Presence.Specs.Journeys.JourneyServer;

namespace Presence.Specs.Journeys;

/// <summary>Privacy as clients meet it, on each channel.</summary>
[Collection(JourneyCollection.Name)]
public sealed class PrivacyJourneySpecs(JourneyServer server) : IDisposable
{
    private readonly Api _api = server.Api();

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task The_unknown_the_hidden_the_blocked_and_the_erased_read_alike_byte_for_byte()
    {
        var (eve, other) = (NewName("eve"), NewName("other"));
        var unknown = NewName("unknown");
        var hidden = await Somebody("hidden", """{"online_status_visibility":"nobody"}""");
        var blocked = await Somebody("blocked", $$"""{"blocked":["{{eve}}"]}""");
        var erased = await Somebody("erased", "{}");
        (await _api.Delete($"/users/{erased}")).Status.ShouldBe(HttpStatusCode.NoContent);
        await using var socket = await server.Connect(eve);

        var seen = new List<string>();
        foreach (var user in new[] { unknown, hidden, blocked, erased })
        {
            await socket.Say($$$"""{"type":"subscribe","payload":{"user_ids":["{{{user}}}"]} }""");
            var snapshot = (await socket.Next("presence_snapshot")).GetProperty("presences").GetRawText();
            var get = (await _api.Get($"/users/{user}", eve)).Text;
            var bulk = (await _api.Post("/bulk", $$"""{"user_ids":["{{user}}"]}""", eve)).Text;
            seen.Add(string.Join('\n', snapshot, get, bulk).Replace(user, "X", StringComparison.Ordinal));
        }

        seen.Distinct().ShouldHaveSingleItem();
        (await _api.Get($"/users/{blocked}", other)).Text.ShouldContain("\"custom_status\":\"a secret\"");
    }

    [Fact]
    public async Task A_block_takes_effect_on_a_stream_and_on_typing_as_on_a_socket()
    {
        var (ann, eve, room) = (NewName("ann"), NewName("eve"), NewName("room"));
        await _api.MakeContacts(ann, eve);
        await _api.MakeConversation(room, ann, eve);
        await using var phone = await server.Connect(ann);
        await using var stream = await EventStreamClient.Open(server.Address, "/events", ("X-User-ID", eve));
        await _api.Post("/typing", $$"""{"conversation_id":"{{room}}","is_typing":true}""", ann);
        (await stream.Next("typing_indicator")).GetProperty("is_typing").GetBoolean().ShouldBeTrue();

        await _api.Put("/privacy", $$"""{"blocked":["{{eve}}"]}""", ann);
        await phone.Choose("""{"online_status":"busy","custom_status":"a secret"}""");
        await _api.Post("/typing", $$"""{"conversation_id":"{{room}}","is_typing":true}""", ann);
        // It goes the way of all pushes, and after them.
        await _api.Post("/events", $$$"""{"event_type":"last","recipients":["{{{eve}}}"],"payload":{} }""");

        var heard = new List<StreamEvent>();
        do
        {
            heard.Add(await stream.Any());
        } while (heard[^1].Type != "event");
        heard
            .Where(push => push.Type == "presence_update")
            .ShouldHaveSingleItem()
            .Data.GetProperty("online_status")
            .GetString()
            .ShouldBe("offline");
        heard
            .Where(push => push.Type == "typing_indicator")
            .ShouldHaveSingleItem()
            .Data.GetProperty("is_typing")
            .GetBoolean()
            .ShouldBeFalse();
        heard.ShouldAllBe(push => !push.Data.GetRawText().Contains("a secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Last_seen_is_rounded_for_others_on_every_channel_and_exact_for_the_owner_and_services()
    {
        await using var rounding = await Start("Presence:LastSeenRounding=01:00:00", "Presence:OfflineGrace=00:00:00.100");
        using var api = rounding.Api();
        await using var cleo = await rounding.Connect("cleo");
        await cleo.Say("""{"type":"subscribe","payload":{"user_ids":["ann"]}}""");
        await cleo.Next("presence_snapshot");
        await using (var ann = await rounding.Connect("ann"))
        {
            IsRounded((await cleo.HearsOf("ann", "online")).GetProperty("last_seen_at").GetString()!);
        }

        var push = (await cleo.HearsOf("ann", "offline")).GetProperty("last_seen_at").GetString()!;

        IsRounded(push);
        (await api.Get("/users/ann", "cleo")).Json.GetProperty("last_seen_at").GetString().ShouldBe(push);
        (await api.Post("/bulk", """{"user_ids":["ann"]}""", "cleo"))
            .Json.GetProperty("presences")
            .GetProperty("ann")
            .GetProperty("last_seen_at")
            .GetString()
            .ShouldBe(push);
        (await api.Get("/users/ann/explain?viewer=cleo"))
            .Json.GetProperty("presence")
            .GetProperty("last_seen_at")
            .GetString()
            .ShouldBe(push);
        var exact = (await api.Get("/users/ann")).Json.GetProperty("last_seen_at").GetString();
        exact.ShouldNotBe(push);
        (await api.Get("/", "ann")).Json.GetProperty("last_seen_at").GetString().ShouldBe(exact);
    }

    private static void IsRounded(string time) => time.ShouldEndWith(":00:00Z");

    private async Task<string> Somebody(string name, string privacy)
    {
        var user = NewName(name);
        await _api.Put("/privacy", privacy, user);
        await _api.Post("/", """{"online_status":"busy","custom_status":"a secret"}""", user, "phone");
        return user;
    }
}
