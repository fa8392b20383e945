using Akka.Actor;
using Presence.Actors.Events;
using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Core.Events;
using Presence.Core.Sessions;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Events;

/// <summary>Who is given which event, and until when.</summary>
public sealed class EventDeliverySpecs : ActorSpec
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void Every_device_that_is_connected_gets_an_event_once_and_in_order()
    {
        var phone = World.Connect("ann", "phone");
        var laptop = World.Connect("ann", "laptop");
        var bob = World.Connect("bob");

        World.Post("e1", "ann", Day);
        World.Post("e2", "ann");
        World.Post("e3", "ann", Day);

        phone.Events.ShouldBe(["e1", "e2", "e3"]);
        laptop.Events.ShouldBe(["e1", "e2", "e3"]);
        bob.Events.ShouldBeEmpty();
    }

    [Fact]
    public void Whoever_connects_within_the_ttl_gets_it_after_the_first_snapshot()
    {
        World.Post("e1", "ann", Day);
        World.Post("e2", "ann", Day);
        World.Advance(TimeSpan.FromHours(1));

        var phone = World.Connect("ann");

        phone.Words.Where(word => word != "flush").ShouldBe(["welcome", "snapshot", "event e1", "event e2"]);
    }

    [Fact]
    public void After_the_ttl_nobody_gets_it()
    {
        World.Post("e1", "ann", TimeSpan.FromMinutes(5));
        World.Advance(TimeSpan.FromMinutes(5));

        World.Connect("ann").Events.ShouldBeEmpty();
    }

    [Fact]
    public void One_without_a_ttl_is_not_for_who_connects_later()
    {
        World.Post("e1", "ann");
        World.Advance(10);

        var phone = World.Connect("ann");
        World.Post("e2", "ann");

        phone.Events.ShouldBe(["e2"]);
    }

    [Fact]
    public void What_a_device_has_acknowledged_no_other_gets_and_what_it_has_not_comes_again()
    {
        World.Post("e1", "ann", Day);
        World.Post("e2", "ann", Day);
        var phone = World.Connect("ann", "phone");
        phone.Says(new AckEvent(new("e1")), frameId: null);
        phone.Says(new AckEvent(new("never-heard-of")), frameId: null);
        World.Advance(1);
        phone.Ends();

        World.Connect("ann", "laptop").Events.ShouldBe(["e2"]);
        World.Connect("ann", "phone").Events.ShouldBe(["e2"]);
        phone.Answers.ShouldBeEmpty();
    }

    [Fact]
    public void What_a_device_has_acknowledged_no_device_gets_that_connects_before_the_store_has_heard_of_it()
    {
        World.Post("e1", "ann", Day);
        World.Post("e2", "ann", Day);
        var phone = World.Connect("ann", "phone");
        phone.Says(new AckEvent(new("e1")), frameId: null);
        phone.Ends();

        World.Connect("ann", "laptop").Events.ShouldBe(["e2"]);
        World.Events.Of("ann").ShouldBe(["e1", "e2"], "the store has not heard of it yet");
    }

    [Fact]
    public void What_is_acknowledged_while_a_read_is_under_way_is_given_to_nobody_after_it()
    {
        World.Post("e1", "ann", Day);
        var phone = World.Connect("ann", "phone");
        World.Events.Gate.Hold();
        var laptop = World.Connect("ann", "laptop");
        phone.Says(new AckEvent(new("e1")), frameId: null);
        World.Events.Gate.Release();

        laptop.IsWelcomed.ShouldBeTrue();
        laptop.Events.ShouldBeEmpty();
    }

    [Fact]
    public void What_is_acknowledged_does_not_come_again_after_a_hand_over()
    {
        World.Post("e1", "ann", Day);
        var phone = World.Connect("ann", "phone");
        phone.Says(new AckEvent(new("e1")), frameId: null);
        World.Entity("ann").Tell(StopUser.Instance, ActorRefs.NoSender);

        World.Events.Of("ann").ShouldBeEmpty("the next entity reads it");
        var laptop = World.Connect("ann", "laptop");
        laptop.IsWelcomed.ShouldBeTrue();
        laptop.Events.ShouldBeEmpty();
    }

    [Fact]
    public void A_hand_over_does_not_wait_for_a_store_that_is_away_to_hear_of_what_was_acknowledged()
    {
        World.Post("e1", "ann", Day);
        var phone = World.Connect("ann", "phone");
        World.Events.Gate.IsDown = true;
        phone.Says(new AckEvent(new("e1")), frameId: null);
        World.Entity("ann").Tell(StopUser.Instance, ActorRefs.NoSender);
        World.Advance(5);
        World.Events.Gate.IsDown = false;
        World.Advance(5);

        World.Events.Of("ann").ShouldBeEmpty();
        phone.Closed.ShouldBeNull();
    }

    [Fact]
    public void A_client_of_a_stream_that_comes_back_is_not_given_what_it_has_and_that_counts_as_acknowledged()
    {
        var tv = World.Connect("ann", "tv");
        World.Post("e1", "ann", Day);
        World.Post("e2", "ann");
        World.Post("e3", "ann", Day);
        var had = EventsHad.None.With(new("e1"), 10).With(new("e2"), 10);
        tv.Ends();

        var back = World.Connect("ann", "tv", resume: new(null, tv.CursorNow, had));
        World.Advance(1);

        back.Events.ShouldBe(["e3"]);
        World.Events.Of("ann").ShouldBe(["e2", "e3"], "one that is not durable is there for the others until its time is over");
        World.Advance(5);
        World.Connect("ann", "phone").Events.ShouldBe(["e3"]);
    }

    [Fact]
    public void Acknowledgements_of_what_was_never_sent_are_kept_up_to_a_bound()
    {
        Options = new() { Limits = new() { Events = 3 } };
        var kept = new AcknowledgedEvents(3);
        foreach (var number in Enumerable.Range(0, 10))
        {
            kept.Note(new($"e{number}"));
        }

        List<WaitingEvent> waiting = [.. Enumerable.Range(0, 10).Select(number => new WaitingEvent(new($"e{number}"), 1, null))];

        kept.Without(waiting).Count.ShouldBe(7);
        kept.Without([]).ShouldBeEmpty();
        kept.Any.ShouldBeFalse("what the store has no more is forgotten");
        kept.Without(waiting).Count.ShouldBe(10);
    }

    [Fact]
    public void Acknowledgements_go_to_the_store_together()
    {
        var phone = World.Connect("ann");
        foreach (var number in Enumerable.Range(0, 20))
        {
            World.Post($"e{number}", "ann", Day);
            phone.Says(new AckEvent(new($"e{number}")), frameId: null);
        }

        World.Advance(1);

        World.Events.Of("ann").ShouldBeEmpty();
        World.Events.Acknowledged.ShouldHaveSingleItem().Count.ShouldBe(20);
    }

    [Fact]
    public void Acknowledgements_wait_for_a_store_that_is_away()
    {
        var phone = World.Connect("ann");
        World.Post("e1", "ann", Day);
        World.Events.Gate.IsDown = true;
        phone.Says(new AckEvent(new("e1")), frameId: null);
        World.Advance(5);
        World.Events.Of("ann").ShouldBe(["e1"]);

        World.Events.Gate.IsDown = false;
        World.Advance(2);

        World.Events.Of("ann").ShouldBeEmpty();
    }

    [Fact]
    public void An_event_of_which_the_entity_heard_while_the_store_was_away_comes_when_it_is_back()
    {
        var phone = World.Connect("ann");
        World.StoreEvent("e1", "ann");
        World.Events.Gate.IsDown = true;
        World.Users.Tell(new EventPosted(new("ann")), ActorRefs.NoSender);
        World.Advance(3);
        phone.Events.ShouldBeEmpty();

        World.Events.Gate.IsDown = false;
        World.Advance(2);

        phone.Events.ShouldBe(["e1"]);
    }

    [Fact]
    public void A_read_that_fails_after_the_last_connection_has_ended_harms_nobody()
    {
        World.StoreEvent("e1", "ann", Day);
        World.Events.Gate.IsDown = true;
        var phone = World.Connect("ann", "phone");
        World.Advance(0.6);
        World.Events.Gate.IsDown = false;
        World.Events.Gate.Hold();
        var laptop = World.Connect("ann", "laptop");
        phone.Ends();
        laptop.Ends();
        // The one that failed is to be done again, and nobody is there.
        World.Advance(0.5);

        World.Events.Gate.IsDown = true;
        World.Events.Gate.Release();

        // It lives: its user is not offline at once.
        World.Seen("ann").Certainty.ShouldBe(Certainty.Grace);
        World.Events.Gate.IsDown = false;
        World.Connect("ann", "phone").Events.ShouldBe(["e1"]);
    }

    [Fact]
    public void An_event_posted_while_the_entity_moves_is_found_and_none_comes_twice()
    {
        var phone = World.Connect("ann");
        World.Post("e1", "ann", Day);
        World.Post("e2", "ann");
        World.Kill("ann");
        // Nobody hears of these.
        World.StoreEvent("e3", "ann", Day);
        World.StoreEvent("e4", "ann");

        World.Advance(5);

        phone.Events.ShouldBe(["e1", "e2", "e3", "e4"]);
    }

    [Fact]
    public void What_is_posted_while_a_read_is_under_way_is_read_after_it()
    {
        var phone = World.Connect("ann");
        World.Events.Gate.Hold();
        World.Post("e1", "ann");
        World.Post("e2", "ann");
        World.Post("e3", "ann");
        World.Events.Gate.Release();

        phone.Events.ShouldBe(["e1", "e2", "e3"]);
        // At the attachment, the one that was held, and one for both that came meanwhile.
        World.Events.Queries.Count.ShouldBe(3);
    }

    [Fact]
    public void Nothing_is_read_for_who_is_not_connected()
    {
        World.Post("e1", "ann", Day);

        World.Events.Queries.ShouldBeEmpty();
        World.Seen("ann").Version.ShouldBe(0);
    }

    [Fact]
    public void Users_who_come_together_are_read_for_together()
    {
        World.Connect("first");
        World.Events.Gate.Hold();
        foreach (var number in Enumerable.Range(0, 120))
        {
            World.Connect($"user-{number}");
        }

        World.Events.Gate.Release();

        World.Events.Queries.Count.ShouldBe(5);
        World.Events.Queries.Max(users => users.Count).ShouldBe(50);
    }

    [Fact]
    public void Of_very_many_given_to_a_socket_those_that_may_wait_are_remembered()
    {
        Options = new() { Limits = new() { Events = 3 } };
        var given = new GivenEvents(3);
        var events = Enumerable.Range(0, 6).Select(number => Event($"e{number}", durable: true)).ToList();
        var passing = Enumerable.Range(0, 50).Select(number => Event($"p{number}", durable: false)).ToList();

        events.Concat(passing).ShouldAllBe(posted => given.Add(posted));

        events[3..].ShouldAllBe(posted => !given.Add(posted));
        passing[47..].ShouldAllBe(posted => !given.Add(posted));
        given.Add(events[0]).ShouldBeTrue();
    }

    [Fact]
    public void Many_large_events_are_told_in_messages_that_nodes_can_carry()
    {
        var large = new EventPayload($$"""{"text":"{{new string('x', 32_000)}}"}""");
        var events = Enumerable.Range(0, 7).Select(number => Event($"e{number}", durable: true) with { Payload = large }).ToList();
        events.ForEach(posted => World.Events.Append(posted, [new("ann")], 100, CancellationToken.None));
        var hub = FakeHub.In(World);
        hub.Attach("ann", "phone");
        var serializer = new Actors.Serialization.PresenceSerializer((ExtendedActorSystem)Sys);

        for (var piece = 1; piece <= 4; piece++)
        {
            // The next one comes when the hub has room for it, and not before.
            World.Advance(0.5);
            hub.All<EventsFor>().Count.ShouldBe(piece);
            var last = hub.All<EventsFor>()[^1];
            last.More.ShouldBe(piece < 4);
            World.Users.Tell(new EventsTaken(new("ann"), last.Number), hub.Ref);
        }

        World.Advance(60);
        var parts = hub.All<EventsFor>();
        parts.SelectMany(part => part.Events).Select(posted => posted.Id).ShouldBe(events.Select(posted => posted.Id));
        parts.ShouldAllBe(part => serializer.ToBinary(part).Length < 120_000);
        World.Events.Loads.Max().ShouldBeLessThan(100_000);
    }

    [Fact]
    public void What_has_expired_is_forgotten_by_and_by()
    {
        World.StoreEvent("e1", "ann", TimeSpan.FromSeconds(5));
        World.StoreEvent("e2", "ann", Day);

        World.Advance(TimeSpan.FromMinutes(5));

        World.Events.Of("ann").ShouldBe(["e2"]);
        World.Events.Sweeps.Count.ShouldBeInRange(9, 11);
    }

    [Fact]
    public void A_user_who_has_events_is_stopped_all_the_same_when_nobody_is_there()
    {
        World.Connect("ann").Ends();
        World.Post("e1", "ann", Day);

        World.Advance(TimeSpan.FromMinutes(2));

        World.Passivated.ShouldContain("ann");
    }

    [Fact]
    public void Of_a_backlog_in_which_the_connection_breaks_the_next_one_brings_the_rest()
    {
        var first = World.Connect("ann");
        World.Advance(5);
        first.Ends();
        Large("e1", "e2", "e3");
        World.Advance(2);
        var slow = new FakeConnection(World, new("ann"), new("phone"), SnapshotKind.NotOffline)
        {
            Resume = first.ComesBack,
            // It takes no more than the first piece.
            Waiting = long.MaxValue,
        };
        World.Hub.Tell(new OpenConnection(slow));
        World.Advance(3);
        slow.Events.ShouldBe(["e1"]);
        var lastTold = slow.CursorNow;
        slow.Ends();

        var next = World.Connect("ann", resume: new(slow.Id.Value, lastTold));

        World.Advance(3);
        next.IsResumed.ShouldBe(true);
        next.Events.ShouldBe(["e1", "e2", "e3"]);
        next.CursorNow.At.ShouldBeGreaterThan(lastTold.At, "it was given all of it");
    }

    /// <summary>Each fills a piece, and none is durable.</summary>
    private void Large(params string[] ids)
    {
        var payload = new EventPayload($$"""{"text":"{{new string('x', EventQueues.PieceBytes / 2)}}"}""");
        foreach (var id in ids)
        {
            var posted = new PostedEvent(
                new(id),
                "note",
                payload,
                null,
                World.Now,
                World.SharedNow + World.Options.ResumeWindow,
                Durable: false
            );
            _ = World.Events.Append(posted, [new("ann")], 100, CancellationToken.None);
        }
    }

    [Fact]
    public void A_client_that_comes_back_takes_what_was_posted_since_it_was_last_there()
    {
        var posted = Event("e1", durable: false);
        World.Advance(60);
        var fresh = new HubSocket(World.Connect("ann"), new(new("ann")), World.Now, default) { EventsSince = World.Now };
        var back = new HubSocket(World.Connect("ann"), new(new("ann")), World.Now, default) { EventsSince = World.Now.AddSeconds(-90) };

        fresh.TakesEvent(posted, Day, 3).ShouldBeFalse();
        back.TakesEvent(posted, Day, 3).ShouldBeTrue();
        back.TakesEvent(posted, Day, 3).ShouldBeFalse();
    }

    private PostedEvent Event(string id, bool durable) => new(new(id), "note", new("{}"), null, World.Now, World.Now + Day, durable);
}
