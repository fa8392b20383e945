using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Users.Actors;

/// <summary>A user whose entity moves, and hubs that repeat what was not answered.</summary>
public sealed class MovesSpecs : ActorSpec
{
    private readonly FakeHub _one;
    private readonly FakeHub _other;
    private readonly FakeHub _watcher;

    public MovesSpecs()
    {
        _one = FakeHub.In(World);
        _other = FakeHub.In(World);
        _watcher = FakeHub.In(World);
    }

    [Fact]
    public void A_command_that_is_told_twice_is_done_once_and_answered_twice()
    {
        var busy = Choice(OnlineStatus.Busy, ConnectionId.New());
        World.AskNumbered(7, busy);
        var first = World.AnswerTo(7);
        World.Choose("ann", OnlineStatus.Away);

        World.Asker.Forget();
        World.AskNumbered(7, busy);

        first.ShouldBeOfType<PresenceUpdated>();
        World.AnswerTo(7).ShouldBe(first);
        World.Own("ann").Owner!.SetStatus.ShouldBe(OnlineStatus.Away);
        World.Journal.FactsOf(new("ann")).Count.ShouldBe(2);
    }

    [Fact]
    public void A_command_that_is_told_twice_while_it_is_being_stored_is_stored_once()
    {
        var busy = Choice(OnlineStatus.Busy, ConnectionId.New());
        World.Own("ann");
        World.Journal.Writes = JournalMood.Hangs;
        World.AskNumbered(7, busy);
        World.AskNumbered(7, busy);
        World.Journal.Release();

        World.Asker.All<Answer>().ShouldHaveSingleItem().Content.ShouldBeOfType<PresenceUpdated>();
        World.Journal.FactsOf(new("ann")).Count.ShouldBe(1);
    }

    [Fact]
    public void A_command_that_a_later_one_of_the_same_connection_has_overtaken_is_not_done()
    {
        var connection = ConnectionId.New();
        World.AskNumbered(8, Choice(OnlineStatus.Busy, connection));
        World.AskNumbered(7, Choice(OnlineStatus.Away, connection));
        World.AnswerTo(7).ShouldBeNull();
        World.AskNumbered(3, Choice(OnlineStatus.Away, ConnectionId.New()));
        World.AnswerTo(3).ShouldBeOfType<PresenceUpdated>();
    }

    [Fact]
    public void A_command_of_an_earlier_connection_that_comes_late_does_not_undo_what_was_chosen_over_the_next_one()
    {
        var openedAt = World.SharedNow;
        var older = _one.Attach("ann", "phone");
        var laptop = _one.Attach("ann", "laptop");
        World.Advance(1);
        var newer = _other.Attach("ann", "phone");
        World.AskNumbered(1, Choice(OnlineStatus.Busy, newer, "phone", World.SharedNow));

        World.AskNumbered(2, Choice(OnlineStatus.Away, older, "phone", openedAt));
        _other.Detach("ann", "phone", newer);
        World.AskNumbered(3, Choice(OnlineStatus.Away, older, "phone", openedAt));

        World.AnswerTo(1).ShouldBeOfType<PresenceUpdated>();
        World.AnswerTo(2).ShouldBeNull();
        World.AnswerTo(3).ShouldBeNull();
        World.Own("ann").Owner!.SetStatus.ShouldBe(OnlineStatus.Busy);
        World.AskNumbered(4, Choice(OnlineStatus.Away, laptop, "laptop", openedAt));
        World.AnswerTo(4).ShouldBeOfType<PresenceUpdated>();
    }

    [Fact]
    public void An_older_connection_that_attaches_again_does_not_replace_the_newer_one()
    {
        var openedAt = World.SharedNow;
        var older = _one.Attach("ann", "phone");
        World.Advance(1);
        var newer = _other.Attach("ann", "phone");
        _one.Forget();

        Again(_one, older, openedAt);

        _one.Only<EndConnection>().ShouldBe(new EndConnection(older, CloseReason.Replaced));
        _other.Count<EndConnection>().ShouldBe(0);
        Again(_other, newer, openedAt.AddSeconds(1));
        _other.Last<DeviceAttached>().Connection.ShouldBe(newer);
    }

    [Fact]
    public void Nor_does_it_where_both_attach_again_at_once()
    {
        World.Store.Gate.Hold();
        var (older, newer) = (ConnectionId.New(), ConnectionId.New());
        Again(_other, newer, World.SharedNow);
        Again(_one, older, World.SharedNow.AddSeconds(-1));

        World.Store.Gate.Release();

        _one.Only<EndConnection>().ShouldBe(new EndConnection(older, CloseReason.Replaced));
        _other.Count<EndConnection>().ShouldBe(0);
        _other.Only<DeviceAttached>().Connection.ShouldBe(newer);
    }

    [Fact]
    public void A_user_who_is_disconnected_while_its_entity_moves_loses_all_connections_opened_before()
    {
        var phone = World.Connect("ann", "phone");
        var listener = World.Listen("ann");
        World.Advance(1);
        World.Kill("ann");

        World.Ask<Done>(new DisconnectUser(new("ann")));
        World.Advance(1);
        var laptop = World.Connect("ann", "laptop");
        World.Advance(Options.OfflineGrace);

        phone.Closed.ShouldBe(CloseReason.Forbidden);
        listener.Closed.ShouldBe(CloseReason.Forbidden);
        laptop.Closed.ShouldBeNull();
        Devices().ShouldBe(["laptop"]);
        // Nor is it, when it attaches again.
        World.Hub.Tell(new EntityBegun(new("ann"), 0), Akka.Actor.ActorRefs.NoSender);
        World.Advance(1);
        laptop.Closed.ShouldBeNull();
    }

    [Fact]
    public void A_device_that_is_removed_while_its_users_entity_moves_loses_its_connection_and_is_forgotten()
    {
        var phone = World.Connect("ann", "phone");
        var laptop = World.Connect("ann", "laptop");
        var listener = World.Listen("ann");
        World.Advance(1);
        World.Kill("ann");

        World.Ask<Done>(new RemoveDevice(new("ann"), new("phone")));
        World.Advance(1);

        phone.Closed.ShouldBe(CloseReason.Forbidden);
        (laptop.Closed, listener.Closed).ShouldBe((null, null));
        World.Ask<DevicesAre>(new GetDevices(new("ann"), All: true)).Devices.ShouldHaveSingleItem().DeviceId.Value.ShouldBe("laptop");
        World.Connect("ann", "phone").Closed.ShouldBeNull();
        Devices().ShouldBe(["laptop", "phone"]);
    }

    [Fact]
    public void A_hub_that_was_not_reached_by_a_removal_does_not_attach_the_device_again()
    {
        var openedAt = World.SharedNow;
        var phone = _one.Attach("ann", "phone");
        World.Ask<Done>(new RemoveDevice(new("ann"), new("phone")));
        _one.Forget();

        Again(_one, phone, openedAt);

        _one.Only<EndConnection>().ShouldBe(new EndConnection(phone, CloseReason.Forbidden));
        Devices().ShouldBeEmpty();
    }

    [Fact]
    public void Of_very_many_removed_devices_the_latest_are_known()
    {
        Options = new() { Limits = new() { Devices = 2 } };
        NewWorld();
        var hub = FakeHub.In(World);
        foreach (var number in Enumerable.Range(0, 9))
        {
            World.Ask<Refused>(new RemoveDevice(new("ann"), new($"device-{number}"))).Refusal.Code.ShouldBe(ErrorCodes.NotFound);
        }

        Again(hub, ConnectionId.New(), World.SharedNow, "device-1");
        Again(hub, ConnectionId.New(), World.SharedNow, "device-8");

        hub.Count<DeviceAttached>().ShouldBe(1);
        hub.Count<EndConnection>().ShouldBe(1);
    }

    [Fact]
    public void A_user_who_is_moved_while_idle_is_not_seen_online_in_between()
    {
        var phone = _one.Attach("ann", "phone", active: false);
        var laptop = _other.Attach("ann", "laptop", active: false);
        World.Advance(1);
        World.Kill("ann");

        _watcher.Watch("ann");
        World.Advance(0.1);
        Again(_one, phone, World.SharedNow, active: false);
        World.Advance(0.5);
        // Nor is it read to be: not before all have had the time to come back.
        World.Own("ann").Certainty.ShouldBe(Certainty.Grace);
        Again(_other, laptop, World.SharedNow, "laptop", active: false);
        World.Advance(20);

        Certain().ShouldBe(["away"]);
    }

    [Fact]
    public void Nor_when_its_devices_come_back_late()
    {
        var phone = _one.Attach("ann", "phone", active: false);
        World.Advance(1);
        World.Kill("ann");

        _watcher.Watch("ann");
        World.Advance(5);
        Again(_one, phone, World.SharedNow, active: false);
        World.Advance(20);

        Certain().ShouldBe(["away"]);
    }

    [Fact]
    public void Epoch_and_version_go_on_above_what_a_hub_knows_of_an_earlier_entity_with_a_faster_clock()
    {
        _one.Attach("ann", "phone");
        var ahead = Core.Users.Versions.Of(World.SharedNow.AddSeconds(30));

        World.Users.Tell(new Watch(new("ann"), new(ahead, ahead, ahead, true), 1), _watcher.Ref);

        var told = _watcher.Only<PresenceChanged>();
        told.Epoch.ShouldBeGreaterThan(ahead);
        told.Version.ShouldBeGreaterThan(ahead);
        told.Presence.Version.ShouldBeGreaterThan(ahead);
    }

    private IEnumerable<string> Devices() =>
        World.Ask<DevicesAre>(new GetDevices(new("ann"), All: false)).Devices.Select(device => device.DeviceId.Value);

    [Fact]
    public void A_device_that_attaches_again_late_is_not_told_that_its_own_user_is_offline()
    {
        World.Seen("ann");
        World.Advance(5);
        Again(_one, ConnectionId.New(), World.SharedNow);
        Again(_one, ConnectionId.New(), World.SharedNow, "laptop");

        _one.All<OwnPresenceChanged>().ShouldNotBeEmpty();
        _one.All<OwnPresenceChanged>().ShouldAllBe(told => told.Own.OnlineStatus == OnlineStatus.Online && told.Cause == null);
    }

    [Fact]
    public void A_change_made_before_any_device_has_attached_again_is_told_to_each_that_does()
    {
        var listener = World.Listen("ann");
        var phone = World.Connect("ann", "phone");
        var laptop = World.Connect("ann", "laptop");
        World.Advance(1);
        World.Kill("ann");
        // As where its node died before it had written that they are there.
        World.Store.LastSeen.Clear();

        World.Choose("ann", null, "lunch");
        World.Advance(3);

        new[] { phone, laptop, listener }.ShouldAllBe(connection => connection.View[new("ann")].CustomStatus == "lunch");
        new[] { phone, laptop, listener }.ShouldAllBe(connection =>
            connection.Pushes.All(push => push.OnlineStatus == OnlineStatus.Online)
        );
    }

    /// <summary>The statuses told as certain, each change once.</summary>
    private IReadOnlyList<string> Certain()
    {
        var statuses = new List<string>();
        foreach (var told in _watcher.All<PresenceChanged>().Where(told => told.Presence.Certainty == Certainty.Confirmed))
        {
            var status = told.Presence.OnlineStatus.Token();
            if (statuses.LastOrDefault() != status)
            {
                statuses.Add(status);
            }
        }

        return statuses;
    }

    private void Again(FakeHub hub, ConnectionId connection, DateTimeOffset openedAt, string device = "phone", bool active = true) =>
        World.Users.Tell(
            new AttachDevice(new("ann"), new(device), connection, DeviceInfo.Empty, active, openedAt, Again: true, default),
            hub.Ref
        );

    private static UpdatePresence Choice(OnlineStatus status, ConnectionId connection) =>
        new(new("ann"), PresenceWorld.Update(status), null, connection);

    private static UpdatePresence Choice(OnlineStatus status, ConnectionId connection, string device, DateTimeOffset openedAt) =>
        Choice(status, connection) with
        {
            Over = new(new(device), openedAt),
        };
}
