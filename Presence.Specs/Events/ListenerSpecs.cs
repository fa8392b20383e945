using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Events;

/// <summary>Connections without a device: they are told all, and make nobody present.</summary>
public sealed class ListenerSpecs : ActorSpec
{
    [Fact]
    public void A_listener_is_told_of_contacts_of_its_own_user_and_of_events_and_nobody_sees_it()
    {
        World.Pair("ann", "bob");
        var bob = World.Connect("bob");
        var listener = World.Listen("ann");

        World.Post("e1", "ann");
        World.Choose("bob", OnlineStatus.Busy);
        World.Choose("ann", OnlineStatus.Away, "lunch");

        listener.Events.ShouldBe(["e1"]);
        listener.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Busy);
        listener.View[new("ann")].CustomStatus.ShouldBe("lunch");
        bob.Pushes.Where(push => push.UserId.Value == "ann").ShouldAllBe(push => push.OnlineStatus == OnlineStatus.Offline);
        World.Seen("ann", "bob").OnlineStatus.ShouldBe(OnlineStatus.Offline);
        World.Ask<DevicesAre>(new GetDevices(new("ann"), All: true)).Devices.ShouldBeEmpty();
    }

    [Fact]
    public void Listeners_of_one_user_replace_neither_each_other_nor_a_device()
    {
        var phone = World.Connect("ann");
        var one = World.Listen("ann");
        var other = World.Listen("ann");

        World.Post("e1", "ann");

        new[] { phone, one, other }.ShouldAllBe(connection => connection.Closed == null && connection.Events.Count == 1);
    }

    [Fact]
    public void An_entity_with_a_listener_lives_and_without_one_it_does_not()
    {
        var listener = World.Listen("ann");
        World.Advance(TimeSpan.FromMinutes(1));
        World.Passivated.ShouldBeEmpty();

        listener.Ends();
        World.Advance(TimeSpan.FromMinutes(1));

        World.Passivated.ShouldBe(["ann"]);
    }

    [Fact]
    public void A_listener_notices_nothing_of_an_entity_that_moves()
    {
        var listener = World.Listen("ann");
        World.Kill("ann");
        World.Advance(2);

        World.Post("e1", "ann");

        listener.Closed.ShouldBeNull();
        listener.Events.ShouldBe(["e1"]);
        listener.Words.Count(word => word == "welcome").ShouldBe(1);
    }

    [Fact]
    public void A_change_of_its_user_that_is_made_before_it_has_attached_again_is_told_to_it()
    {
        var listener = World.Listen("ann");
        World.Choose("ann", null, "breakfast");
        World.Kill("ann");
        World.Choose("ann", null, "lunch");

        World.Advance(2);

        listener.View[new("ann")].CustomStatus.ShouldBe("lunch");
    }

    [Fact]
    public void A_listener_is_ended_with_all_connections_of_its_user()
    {
        var listener = World.Listen("ann");

        World.Ask<Done>(new DisconnectUser(new("ann")));

        listener.Closed.ShouldBe(CloseReason.Forbidden);
    }

    [Fact]
    public void A_hub_that_is_gone_takes_its_listeners_with_it()
    {
        var hub = FakeHub.In(World);
        World.Users.Tell(
            new AttachDevice(new("ann"), null, ConnectionId.New(), DeviceInfo.Empty, Active: true, World.SharedNow, false, default),
            hub.Ref
        );
        hub.Only<DeviceAttached>().DeviceId.ShouldBeNull();

        hub.Ref.Tell(Akka.Actor.PoisonPill.Instance, Akka.Actor.ActorRefs.NoSender);
        World.Advance(TimeSpan.FromMinutes(1));

        World.Passivated.ShouldBe(["ann"]);
    }

    [Fact]
    public void Of_too_many_listeners_the_last_is_sent_away()
    {
        Options = new() { Limits = new() { Devices = 2 } };
        var listeners = Enumerable.Range(0, 3).Select(_ => World.Listen("ann")).ToList();

        listeners.Select(listener => listener.Closed).ShouldBe([null, null, CloseReason.RateLimited]);
    }
}
