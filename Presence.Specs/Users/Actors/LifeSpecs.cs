using Akka.Actor;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Users.Actors;

/// <summary>How a user's entity starts, fails, stops, and comes back.</summary>
public sealed class LifeSpecs : ActorSpec
{
    private readonly FakeHub _hub;

    public LifeSpecs()
    {
        _hub = FakeHub.In(World);
    }

    [Fact]
    public void It_passivates_only_when_nobody_is_connected_watches_or_waits()
    {
        var connection = _hub.Attach("ann", "phone");
        World.Advance(120);
        World.Passivated.ShouldBeEmpty();

        _hub.Watch("ann");
        _hub.Detach("ann", "phone", connection);
        World.Advance(120);
        World.Passivated.ShouldBeEmpty();

        _hub.Unwatch("ann");
        World.Advance(20);
        World.Seen("ann");
        World.Advance(20);
        World.Passivated.ShouldBeEmpty();
        World.Advance(20);
        World.Passivated.ShouldBe(["ann"]);
    }

    [Fact]
    public void An_unwatch_that_a_later_watch_has_overtaken_ends_nothing()
    {
        _hub.Attach("ann", "phone");
        _hub.Watch("ann", number: 2);
        _hub.Unwatch("ann", number: 1);
        _hub.Forget();

        World.Choose("ann", OnlineStatus.Away);
        _hub.ToldOf("ann").ShouldBe(["away"]);

        _hub.Unwatch("ann", number: 3);
        World.Choose("ann", OnlineStatus.Busy);
        _hub.ToldOf("ann").ShouldBe(["away"]);
    }

    [Fact]
    public void A_hub_whose_node_is_not_in_the_cluster_attaches_nothing()
    {
        var node = new RootActorPath(new Address("akka.tcp", "presence", "gone", 1));
        var hub = new EmptyLocalActorRef(((ExtendedActorSystem)Sys).Provider, node / "user" / "hub", Sys.EventStream);

        World.Users.Tell(
            new AttachDevice(
                new("ann"),
                new("phone"),
                ConnectionId.New(),
                new DeviceInfo(null, null, "web", null),
                Active: true,
                World.SharedNow,
                Again: true,
                default
            ),
            hub
        );

        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
    }

    [Fact]
    public void One_who_was_only_read_passivates_and_reads_the_same_again()
    {
        World.Choose("ann", null, "back on Monday");
        var before = World.Seen("ann");
        World.Advance(60);
        World.Passivated.ShouldBe(["ann"]);
        var after = World.Seen("ann");
        after.ShouldBe(before with { Version = after.Version });
        after.Version.ShouldBeGreaterThanOrEqualTo(before.Version);
    }

    [Fact]
    public void One_that_stops_with_devices_writes_when_they_were_last_seen()
    {
        _hub.Attach("ann", "phone");
        World.Advance(50);
        World.Kill("ann");
        World.Advance(1);

        var written = World.Store.LastSeen[new("ann")];
        written.Connected.ShouldBeTrue();
        (World.Now - written.At).ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        World.Counters.Devices.ShouldBe(0);
        World.Counters.UsersOnline.ShouldBe(0);
    }

    [Fact]
    public void One_that_fails_is_gone_so_that_the_hubs_notice()
    {
        ExpectFault("a fault of the store");
        _hub.Attach("ann", "phone");
        var entity = World.Entity("ann");
        _hub.Ref.Tell(new Recorder.Death(entity), ActorRefs.NoSender);
        World.Store.DevicesFault = new InvalidOperationException("a fault of the store");
        World.Ask(new GetDevices(new("ann"), All: true)).ShouldBeNull();

        _hub.Only<Terminated>().ActorRef.ShouldBe(entity);
        World.Counters.Devices.ShouldBe(0);
    }

    [Fact]
    public void Last_seen_is_written_now_and_then_while_a_device_is_heard_of_and_when_the_last_one_is_gone()
    {
        var connection = _hub.Attach("ann", "phone");
        World.Advance(1);
        for (var minute = 0; minute < 10; minute++)
        {
            World.Advance(30);
            _hub.Heard("ann", "phone", connection);
            World.Advance(1);
            (World.Now - World.Store.LastSeen[new("ann")].At).ShouldBeLessThanOrEqualTo(Options.LastSeenInterval);
        }

        World.Store.Saves.Count(save => save.LastSeen.Count > 0).ShouldBeLessThan(8);
        var leftAt = World.Now;
        _hub.Detach("ann", "phone", connection);
        World.Advance(Options.OfflineGrace + TimeSpan.FromSeconds(1));
        World.Store.LastSeen[new("ann")].ShouldBe(new LastSeen(new("ann"), leftAt, Connected: false));
    }

    [Fact]
    public void Last_seen_of_who_calls_by_http_alone_is_written_now_and_then_too()
    {
        for (var call = 0; call < 10; call++)
        {
            World.Ask<Done>(new HeartbeatByHttp(new("ann"), new(new("script"), DeviceInfo.Empty)));
            World.Advance(31);
            (World.Now - World.Store.LastSeen[new("ann")].At).ShouldBeLessThanOrEqualTo(Options.LastSeenInterval);
        }
    }

    [Fact]
    public void Last_seen_of_one_who_came_back_after_a_restart_is_written_on()
    {
        StoredAsConnected("ann", TimeSpan.FromSeconds(20));
        var connection = _hub.Attach("ann", "phone");
        for (var call = 0; call < 10; call++)
        {
            World.Advance(31);
            _hub.Heard("ann", "phone", connection);
        }

        World.Advance(1);
        (World.Now - World.Store.LastSeen[new("ann")].At).ShouldBeLessThanOrEqualTo(Options.LastSeenInterval);
    }

    [Fact]
    public void Late_word_of_a_device_that_is_gone_makes_nobody_connected()
    {
        var connection = _hub.Attach("ann", "phone");
        _hub.Detach("ann", "phone", connection);
        _hub.Watch("ann");
        World.Advance(Options.LastSeenInterval * 2);
        _hub.Heard("ann", "phone", connection);
        World.Advance(1);

        World.Store.LastSeen[new("ann")].Connected.ShouldBeFalse();
    }

    [Fact]
    public void One_who_was_connected_a_moment_ago_is_presumed_so_and_reads_grace_and_is_offline_if_nobody_comes()
    {
        var seenAt = StoredAsConnected("ann", TimeSpan.FromSeconds(20));
        World.Seen("ann").Certainty.ShouldBe(Certainty.Grace);
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Online);
        _hub.Watch("ann");
        World.Advance(Options.OfflineGrace);

        _hub.ToldOf("ann").ShouldBe(["online", "offline"]);
        _hub.LastOf("ann").LastSeenAt.ShouldBe(seenAt);
    }

    [Fact]
    public void What_the_entity_before_it_stored_too_late_for_it_is_what_it_says_of_who_did_not_come_back()
    {
        StoredAsConnected("ann", TimeSpan.FromSeconds(60));
        World.Seen("ann").Certainty.ShouldBe(Certainty.Grace);
        var leftAt = StoredAsConnected("ann", TimeSpan.FromSeconds(1));
        World.Advance(Options.OfflineGrace);

        World.Seen("ann").LastSeenAt.ShouldBe(leftAt);
        World.Advance(1);
        World.Store.LastSeen[new("ann")].ShouldBe(new LastSeen(new("ann"), leftAt, Connected: false));
        World.Kill("ann");
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
    }

    [Fact]
    public void One_who_did_not_come_back_is_offline_also_while_the_store_is_away()
    {
        var seenAt = StoredAsConnected("ann", TimeSpan.FromSeconds(20));
        _hub.Watch("ann");
        World.Store.Gate.IsDown = true;
        World.Advance(Options.OfflineGrace);

        _hub.LastOf("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
        _hub.LastOf("ann").LastSeenAt.ShouldBe(seenAt);
    }

    [Fact]
    public void One_presumed_connected_who_comes_back_was_never_offline()
    {
        StoredAsConnected("ann", TimeSpan.FromSeconds(20));
        _hub.Watch("ann");
        _hub.Attach("ann", "phone");
        World.Advance(60);

        _hub.ToldOf("ann").ShouldNotContain("offline");
        World.Seen("ann").Platforms.Select(platform => platform.Key).ShouldBe(["web"]);
        World.Ask<DevicesAre>(new GetDevices(new("ann"), All: false)).Devices.Length.ShouldBe(1);
        World.Counters.Devices.ShouldBe(1);
    }

    [Fact]
    public void One_who_was_connected_too_long_ago_is_offline()
    {
        var seenAt = StoredAsConnected("ann", Options.LastSeenInterval + Options.OfflineGrace + TimeSpan.FromSeconds(1));
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
        World.Seen("ann").LastSeenAt.ShouldBe(seenAt);
    }

    [Fact]
    public void A_journal_ahead_of_its_projection_wins_and_the_projection_is_mended()
    {
        World.Journal.Append(new("ann"), new StatusChosen(OnlineStatus.Busy, "stored", null, null, null, World.Now));
        World.Own("ann").CustomStatus.ShouldBe("stored");
        World.Advance(1);

        World.Store.Profiles[new("ann")].Sequence.ShouldBe(1);
        World.Store.Profiles[new("ann")].Profile.CustomStatus.ShouldBe("stored");
        World.Kill("ann");
        World.Own("ann").CustomStatus.ShouldBe("stored");
        World.Journal.Recoveries.ShouldBe(1);
    }

    [Fact]
    public void A_journal_ahead_that_cannot_be_read_refuses_who_waits()
    {
        World.Journal.Append(new("ann"), new StatusChosen(OnlineStatus.Invisible, null, null, null, null, World.Now));
        World.Journal.Reads = JournalMood.Fails;
        PresenceWorld.IsUnavailable(World.Ask(new GetPresence(new("ann"), null))).ShouldBeTrue();

        World.Journal.Reads = JournalMood.Works;
        World.Own("ann").Owner!.SetStatus.ShouldBe(OnlineStatus.Invisible);
    }

    [Fact]
    public void Who_asks_while_the_store_is_down_is_refused_and_the_next_message_tries_again()
    {
        World.Store.Gate.IsDown = true;
        PresenceWorld.IsUnavailable(World.Ask(new GetPresence(new("ann"), null))).ShouldBeTrue();
        World.AskNumbered(7, new GetPresence(new("ann"), null));
        PresenceWorld.IsUnavailable(World.AnswerTo(7)).ShouldBeTrue();
        var connection = _hub.Attach("ann", "phone");
        _hub.Only<AttachRefused>().ShouldBe(new AttachRefused(new("ann"), connection, Refusal.Unavailable));

        World.Store.Gate.IsDown = false;
        _hub.Attach("ann", "phone", connection: connection);
        _hub.Only<DeviceAttached>().Connection.ShouldBe(connection);
    }

    [Fact]
    public void Who_asks_while_the_loader_does_not_answer_is_refused_in_the_end()
    {
        World.Store.Gate.Hold();
        World.Ask(new GetPresence(new("ann"), null)).ShouldBeNull();
        World.Advance(10);
        World.Asker.Only<Refused>().Refusal.ShouldBe(Refusal.Unavailable);
    }

    [Fact]
    public void What_came_while_it_was_loading_is_handled_in_order_after_that()
    {
        World.Store.Gate.Hold();
        var connection = _hub.Attach("ann", "phone");
        _hub.Watch("ann");
        _hub.Heard("ann", "phone", connection, active: false);
        _hub.ToString().ShouldBeEmpty();

        World.Store.Gate.Release();
        _hub.Only<DeviceAttached>();
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Away);
    }

    private DateTimeOffset StoredAsConnected(string user, TimeSpan ago)
    {
        var at = World.Now - ago;
        World.Store.LastSeen[new(user)] = new(new(user), at, Connected: true);
        return at;
    }
}
