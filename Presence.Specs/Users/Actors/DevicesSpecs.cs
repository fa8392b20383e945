using Akka.Actor;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Users.Actors;

/// <summary>A user's status out of its devices: connecting, idling, leaving, grace.</summary>
public sealed class DevicesSpecs : ActorSpec
{
    private readonly FakeHub _hub;

    public DevicesSpecs()
    {
        _hub = FakeHub.In(World);
    }

    private double Grace => Options.OfflineGrace.TotalSeconds;

    [Fact]
    public void A_user_who_connects_is_online()
    {
        _hub.Watch("ann");
        var connection = _hub.Attach("ann", "phone", "mobile");

        var attached = _hub.Only<DeviceAttached>();
        attached.Connection.ShouldBe(connection);
        attached.Own.OnlineStatus.ShouldBe(OnlineStatus.Online);
        attached.Own.Owner.ShouldNotBeNull();
        _hub.ToldOf("ann").ShouldBe(["offline", "online"]);
        _hub.LastOf("ann").Platforms.ShouldBe([KeyValuePair.Create("mobile", OnlineStatus.Online)]);
    }

    [Fact]
    public void The_same_attachment_again_is_acknowledged_and_changes_nothing()
    {
        _hub.Watch("ann");
        var connection = _hub.Attach("ann", "phone");
        _hub.Attach("ann", "phone", connection: connection);

        _hub.Count<DeviceAttached>().ShouldBe(2);
        _hub.Count<EndConnection>().ShouldBe(0);
        _hub.ToldOf("ann").ShouldBe(["offline", "online"]);
    }

    [Fact]
    public void A_second_device_shows_its_platform_and_keeps_the_user_online_when_the_first_leaves()
    {
        var phone = _hub.Attach("ann", "phone", "mobile");
        _hub.Attach("ann", "laptop", "web");
        _hub.Watch("ann");
        _hub.LastOf("ann").Platforms.Select(platform => platform.Key).ShouldBe(["mobile", "web"]);

        _hub.Detach("ann", "phone", phone);
        World.Advance(Grace);

        _hub.LastOf("ann").OnlineStatus.ShouldBe(OnlineStatus.Online);
        _hub.LastOf("ann").Platforms.Select(platform => platform.Key).ShouldBe(["web"]);
    }

    [Fact]
    public void A_user_whose_devices_are_all_idle_is_away_and_online_again_when_one_is_not()
    {
        var connection = _hub.Attach("ann", "phone");
        _hub.Watch("ann");
        _hub.Heard("ann", "phone", connection, active: false);
        _hub.Heard("ann", "phone", connection);
        _hub.Heard("ann", "phone", connection, active: true);

        _hub.ToldOf("ann").ShouldBe(["online", "away", "online"]);
    }

    [Fact]
    public void Word_of_another_connection_changes_nothing()
    {
        _hub.Attach("ann", "phone");
        _hub.Watch("ann");
        _hub.Heard("ann", "phone", ConnectionId.New(), active: false);
        _hub.Heard("ann", "laptop", ConnectionId.New(), active: false);

        _hub.ToldOf("ann").ShouldBe(["online"]);
    }

    [Fact]
    public void A_user_whose_last_device_is_gone_reads_grace_and_is_offline_after_exactly_that_time()
    {
        var connection = _hub.Attach("ann", "phone");
        _hub.Watch("ann");
        var leftAt = World.Now;
        _hub.Detach("ann", "phone", connection);

        World.Seen("ann").Certainty.ShouldBe(Certainty.Grace);
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Online);
        World.Own("ann").Certainty.ShouldBe(Certainty.Grace);

        World.Advance(Options.OfflineGrace - TimeSpan.FromMilliseconds(1));
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Online);

        World.Advance(TimeSpan.FromMilliseconds(1));
        var gone = World.Seen("ann");
        gone.OnlineStatus.ShouldBe(OnlineStatus.Offline);
        gone.Certainty.ShouldBe(Certainty.Confirmed);
        gone.LastSeenAt.ShouldBe(leftAt);
        gone.UpdatedAt.ShouldBe(World.Now);
        _hub.LastOf("ann").ShouldBe(gone);
    }

    [Fact]
    public void A_reconnect_within_grace_moves_neither_status_nor_version()
    {
        var connection = _hub.Attach("ann", "phone");
        var before = World.Seen("ann");
        _hub.Detach("ann", "phone", connection);
        World.Advance(Grace - 1);
        _hub.Attach("ann", "phone");
        World.Advance(Grace * 2);

        World.Seen("ann").ShouldBe(before with { LastSeenAt = World.Seen("ann").LastSeenAt });
    }

    [Fact]
    public void A_device_attached_as_its_grace_ends_never_shows_offline()
    {
        // Whichever of the two comes first: the message, or the end of the grace in the step that brings both.
        foreach (var before in new[] { 0.001, 0 })
        {
            var hub = FakeHub.In(NewWorld());
            var connection = hub.Attach("ann", "phone");
            hub.Watch("ann");
            hub.Detach("ann", "phone", connection);
            Sys.Scheduler.Advanced.ScheduleOnce(Options.OfflineGrace - TimeSpan.FromSeconds(before), () => hub.Attach("ann", "phone"));
            World.Advance(Grace - 1);
            ((Akka.TestKit.TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(1));

            if (before > 0)
            {
                hub.ToldOf("ann").ShouldNotContain("offline");
            }

            hub.LastOf("ann").OnlineStatus.ShouldBe(OnlineStatus.Online);
            World.Advance(Grace * 2);
            World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Online);
        }
    }

    [Fact]
    public void A_newer_socket_of_a_device_replaces_the_older_and_its_late_end_changes_nothing()
    {
        var older = _hub.Attach("ann", "phone");
        var otherHub = FakeHub.In(World);
        var newer = otherHub.Attach("ann", "phone");
        _hub.Only<EndConnection>().ShouldBe(new EndConnection(older, CloseReason.Replaced));

        _hub.Detach("ann", "phone", older);
        World.Advance(Grace * 2);

        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Online);
        World.Seen("ann").Certainty.ShouldBe(Certainty.Confirmed);
        otherHub.Count<EndConnection>().ShouldBe(0);
        otherHub.Detach("ann", "phone", newer);
        World.Seen("ann").Certainty.ShouldBe(Certainty.Grace);
    }

    [Fact]
    public void A_heartbeat_by_http_keeps_a_device_until_the_heartbeat_timeout_and_grace_follows()
    {
        World.Ask<Done>(Heartbeat("ann", "script"));
        World.Advance(Options.HeartbeatTimeout - TimeSpan.FromSeconds(1));
        World.Ask<Done>(Heartbeat("ann", "script"));
        World.Advance(Options.HeartbeatTimeout - TimeSpan.FromMilliseconds(1));
        World.Seen("ann").Certainty.ShouldBe(Certainty.Confirmed);

        World.Advance(TimeSpan.FromMilliseconds(1));
        World.Seen("ann").Certainty.ShouldBe(Certainty.Grace);
        World.Advance(Grace);
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
    }

    [Fact]
    public void A_call_by_http_that_names_its_device_is_a_heartbeat()
    {
        World.Ask<PresenceUpdated>(
            new UpdatePresence(new("ann"), PresenceWorld.Update(null, "hi"), new(new("script"), DeviceInfo.Empty), null)
        );
        World
            .Ask<DevicesAre>(new GetDevices(new("ann"), All: false))
            .Devices.ShouldHaveSingleItem()
            .DeviceId.ShouldBe(new DeviceId("script"));
    }

    [Fact]
    public void A_device_over_the_limit_is_refused_and_one_known_is_not()
    {
        Options = new() { Limits = new() { Devices = 2 } };
        NewWorld();
        var hub = FakeHub.In(World);
        hub.Attach("ann", "one");
        hub.Attach("ann", "two");
        var third = hub.Attach("ann", "three");

        var refused = hub.Only<AttachRefused>();
        refused.Connection.ShouldBe(third);
        refused.Refusal.Code.ShouldBe(ErrorCodes.TooManyDevices);
        World.Ask<Refused>(Heartbeat("ann", "four")).Refusal.Code.ShouldBe(ErrorCodes.TooManyDevices);
        var typing = new Presence.Core.Json.TypingRequest(new("room"), true);
        World
            .Ask<Refused>(new Presence.Actors.Users.Type(new("ann"), typing, null, new(new("four"), DeviceInfo.Empty)))
            .Refusal.Code.ShouldBe(ErrorCodes.TooManyDevices);
        hub.Attach("ann", "two");
        hub.Count<DeviceAttached>().ShouldBe(3);
    }

    [Fact]
    public void The_list_of_devices_names_those_connected_by_id_and_on_demand_all_known()
    {
        _hub.Attach("ann", "phone", "mobile");
        var laptop = _hub.Attach("ann", "laptop");
        var old = _hub.Attach("ann", "old");
        _hub.Heard("ann", "laptop", laptop, active: false);
        _hub.Detach("ann", "old", old);
        World.Advance(Grace);

        var connected = World.Ask<DevicesAre>(new GetDevices(new("ann"), All: false)).Devices;
        connected
            .Select(device => (device.DeviceId.Value, device.Status))
            .ShouldBe([("laptop", DeviceStatus.Idle), ("phone", DeviceStatus.Active)]);
        var all = World.Ask<DevicesAre>(new GetDevices(new("ann"), All: true)).Devices;
        all.Select(device => (device.DeviceId.Value, device.Status))
            .ShouldBe([("laptop", DeviceStatus.Idle), ("old", DeviceStatus.Disconnected), ("phone", DeviceStatus.Active)]);
    }

    [Fact]
    public void A_removed_device_that_is_connected_is_closed_with_4403_and_offline_at_once()
    {
        var connection = _hub.Attach("ann", "phone");
        _hub.Watch("ann");
        World.Ask<Done>(new RemoveDevice(new("ann"), new("phone")));

        _hub.Only<EndConnection>().ShouldBe(new EndConnection(connection, CloseReason.Forbidden));
        _hub.ToldOf("ann").ShouldBe(["online", "offline"]);
    }

    [Fact]
    public void A_removed_device_that_is_not_connected_is_forgotten_and_is_not_found_after_that()
    {
        var connection = _hub.Attach("ann", "phone");
        _hub.Detach("ann", "phone", connection);
        World.Advance(Grace + 1);
        World.Store.Known.ShouldContainKey((new("ann"), new("phone")));

        World.Ask<Done>(new RemoveDevice(new("ann"), new("phone")));
        World.Store.Known.ShouldBeEmpty();
        World.Ask<Refused>(new RemoveDevice(new("ann"), new("phone"))).Refusal.Code.ShouldBe(ErrorCodes.NotFound);
    }

    [Fact]
    public void A_disconnected_user_loses_all_its_sockets_with_4403_and_is_offline_at_once()
    {
        _hub.Attach("ann", "phone");
        _hub.Attach("ann", "laptop");
        World.Ask<Done>(new DisconnectUser(new("ann")));

        _hub.All<EndConnection>().ShouldAllBe(end => end.Reason == CloseReason.Forbidden);
        _hub.Count<EndConnection>().ShouldBe(2);
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
    }

    [Fact]
    public void The_devices_of_a_hub_that_died_are_in_grace()
    {
        _hub.Attach("ann", "phone");
        var other = FakeHub.In(World);
        _hub.Ref.Tell(PoisonPill.Instance);

        World.Seen("ann").Certainty.ShouldBe(Certainty.Grace);
        other.Attach("ann", "laptop");
        World.Advance(Grace);
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Online);
    }

    private static HeartbeatByHttp Heartbeat(string user, string device) => new(new(user), new(new(device), DeviceInfo.Empty));
}
