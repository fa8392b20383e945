using System.Net;
using static Presence.Specs.Journeys.JourneyServer;

namespace Presence.Specs.Journeys;

[Collection(JourneyCollection.Name)]
public sealed class DeviceJourneySpecs(JourneyServer server) : IDisposable
{
    private readonly Api _api = server.Api();
    private readonly string _alice = NewName("alice");
    private readonly string _bob = NewName("bob");

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task A_user_is_away_when_all_devices_are_idle_and_offline_when_the_last_is_gone()
    {
        await _api.MakeContacts(_alice, _bob);
        await using var bob = await server.Connect(_bob);
        await using var phone = await server.Connect(_alice, "phone");
        await using var laptop = await server.Connect(_alice, "laptop");
        await bob.HearsOf(_alice, "online");

        await phone.Say("""{"type":"heartbeat","payload":{"active":false}}""");
        await phone.Next("heartbeat_ack");
        await laptop.Say("""{"type":"heartbeat","payload":{"active":false}}""");
        await bob.HearsOf(_alice, "away");
        await phone.Say("""{"type":"heartbeat","payload":{"active":true}}""");
        await bob.HearsOf(_alice, "online");

        phone.Break();
        await bob.HearsOf(_alice, "away");
        laptop.Break();
        (await bob.HearsOf(_alice, "offline")).GetProperty("last_seen_at").GetString().ShouldNotBeNull();
        (await _api.Get("/devices?all=1", _alice)).Json.GetProperty("count").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task A_reconnect_within_the_grace_time_is_seen_by_nobody()
    {
        await _api.MakeContacts(_alice, _bob);
        await using var bob = await server.Connect(_bob);
        var first = await server.Connect(_alice);
        var online = await bob.HearsOf(_alice, "online");

        first.Break();
        await using var second = await server.Connect(_alice);
        await second.Choose("""{"custom_status":"back"}""");

        var frames = await bob.Until(frame => frame.ToString().Contains("\"back\"", StringComparison.Ordinal));
        frames.Count.ShouldBe(1, string.Join('\n', frames));
        frames[0].GetProperty("payload").GetProperty("version").GetInt64().ShouldBeGreaterThan(online.GetProperty("version").GetInt64());
        await first.DisposeAsync();
    }

    [Fact]
    public async Task A_second_socket_of_the_same_device_replaces_the_first()
    {
        await _api.MakeContacts(_alice, _bob);
        await using var bob = await server.Connect(_bob);
        await using var first = await server.Connect(_alice);
        await bob.HearsOf(_alice, "online");

        await using var second = await server.Connect(_alice);

        (await first.Closed).ShouldBe(4409);
        await second.Choose("""{"custom_status":"second"}""");
        var frames = await bob.Until(frame => frame.ToString().Contains("\"second\"", StringComparison.Ordinal));
        frames.Count.ShouldBe(1, string.Join('\n', frames));
    }

    [Fact]
    public async Task The_own_other_device_gets_the_owners_view()
    {
        await using var phone = await server.Connect(_alice, "phone");
        await using var laptop = await server.Connect(_alice, "laptop");

        await phone.Choose("""{"online_status":"invisible","custom_status":"for me"}""");

        var seen = await laptop.HearsOf(_alice, "invisible");
        seen.GetProperty("set_status").GetString().ShouldBe("invisible");
        seen.GetProperty("custom_status").GetString().ShouldBe("for me");
    }

    [Fact]
    public async Task A_device_that_is_removed_is_closed_and_one_that_never_was_is_not_found()
    {
        await using var phone = await server.Connect(_alice, "phone");

        (await _api.Delete("/devices/phone", _alice)).Status.ShouldBe(HttpStatusCode.NoContent);

        (await phone.Closed).ShouldBe(4403);
        (await _api.Delete("/devices/never", _alice)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_socket_that_is_not_heard_of_is_closed_and_its_user_goes_offline()
    {
        await using var own = await AsServer(
            "Presence:HeartbeatInterval=00:00:00.5",
            "Presence:HeartbeatTimeout=00:00:02",
            "Presence:OfflineGrace=00:00:00.3",
            // Bob does not rest.
            "Presence:Limits:FramesBurst=1000000",
            "Presence:Limits:FramesPerMinute=1000000"
        );
        using var api = own.Server.Api();
        await api.MakeContacts(_alice, _bob);
        await using var bob = await own.Server.Connect(_bob);
        await using var alice = await own.Server.Connect(_alice);
        await bob.HearsOf(_alice, "online");

        // Bob goes on, Alice falls silent.
        while (!alice.IsClosed)
        {
            await bob.IsUsable();
        }

        (await alice.Closed).ShouldBe(4408);
        await bob.HearsOf(_alice, "offline");
    }

    [Fact]
    public async Task A_device_by_http_alone_is_online_until_its_heartbeat_is_missed()
    {
        await using var own = await AsServer(
            "Presence:HeartbeatInterval=00:00:00.5",
            "Presence:HeartbeatTimeout=00:00:01",
            "Presence:OfflineGrace=00:00:00.3"
        );
        using var api = own.Server.Api();

        (await api.Post("/heartbeat", null, _alice, "tablet")).Status.ShouldBe(HttpStatusCode.NoContent);

        (await api.Get($"/{_alice}")).Json.GetProperty("online_status").GetString().ShouldBe("online");
        (await api.Post("/heartbeat", null, _alice)).Status.ShouldBe(HttpStatusCode.BadRequest);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await api.Get($"/{_alice}")).Json.GetProperty("online_status").GetString() != "offline")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
    }

    private static async Task<OwnServer> AsServer(params string[] settings) => new(await Start(settings));

    private sealed record OwnServer(JourneyServer Server) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Server.DisposeAsync();
    }
}
