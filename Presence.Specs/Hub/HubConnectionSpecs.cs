using Akka.Actor;
using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Json;
using Presence.Core.Sessions;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Hub;

/// <summary>The life of a socket at its hub: welcomed, answered, replaced, swept, sent away.</summary>
public sealed class HubConnectionSpecs : ActorSpec
{
    [Fact]
    public void A_client_is_welcomed_first_then_gets_one_snapshot_and_then_what_changes()
    {
        World.Pair("ann", "bob", "cyd");
        World.Connect("bob");
        var ann = World.Connect("ann");
        World.Connect("cyd");

        ann.Words.Where(word => word != "flush").ShouldBe(["welcome", "snapshot", "cyd online"]);
        ann.Snapshots.ShouldHaveSingleItem().Select(record => record.UserId.Value).ShouldBe(["bob"]);
        ann.Words[^1].ShouldBe("flush");
    }

    [Fact]
    public void The_snapshot_names_contacts_that_are_not_offline_or_all_or_none_as_the_client_wants()
    {
        World.Pair("ann", "bob", "cyd");
        World.Connect("bob");
        World.Connect("ann", "one").Snapshots.ShouldHaveSingleItem().Count.ShouldBe(1);
        World.Connect("ann", "two", SnapshotKind.Full).Snapshots.ShouldHaveSingleItem().Count.ShouldBe(2);
        World.Connect("ann", "three", SnapshotKind.None).Snapshots.ShouldBeEmpty();
    }

    [Fact]
    public void A_client_without_contacts_gets_an_empty_snapshot()
    {
        World.Connect("ann").Snapshots.ShouldHaveSingleItem().ShouldBeEmpty();
    }

    [Fact]
    public void What_comes_before_the_first_snapshot_waits_for_it()
    {
        World.Pair("ann", "bob");
        World.Own("ann");
        World.Store.Gate.Hold();
        var ann = World.Connect("ann");
        ann.Says(new ChoosePresence(PresenceWorld.Update(OnlineStatus.Busy)), "7");
        ann.Words.Where(word => word != "flush").ShouldBe(["welcome"]);

        World.Store.Gate.Release();
        ann.Words.Where(word => word != "flush").ShouldBe(["welcome", "snapshot", nameof(PresenceUpdatedAnswer)]);
        ann.Answers.ShouldHaveSingleItem().Id.ShouldBe("7");
    }

    [Fact]
    public void A_second_socket_of_the_same_device_replaces_the_first_and_nobody_sees_it()
    {
        World.Pair("ann", "bob");
        var bob = World.Connect("bob");
        var first = World.Connect("ann");
        bob.ForgetGiven();
        var second = World.Connect("ann");

        first.Closed.ShouldBe(CloseReason.Replaced);
        first.Ends();
        World.Advance(Options.OfflineGrace * 2);
        second.IsWelcomed.ShouldBeTrue();
        second.Closed.ShouldBeNull();
        World.Seen("ann").Certainty.ShouldBe(Certainty.Confirmed);
        bob.Pushes.ShouldBeEmpty();
    }

    [Fact]
    public void Two_sockets_of_one_device_that_wait_for_a_slow_entity_do_not_replace_each_other_by_turns()
    {
        var users = World.Users;
        var held = Recorder.In(Sys);
        World.Users = held.Ref;
        var first = World.Connect("ann");
        World.Advance(0.5);
        var second = World.Connect("ann");
        World.Advance(1.2);
        World.Users = users;
        held.All<IUserMessage>().ToList().ForEach(message => users.Tell(message, World.Hub));

        first.Closed.ShouldBe(CloseReason.Replaced);
        second.Closed.ShouldBeNull();
        second.IsWelcomed.ShouldBeTrue();
        second.Ends();
        World.Advance(Options.OfflineGrace);
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
    }

    [Fact]
    public void A_socket_that_ended_before_it_was_attached_leaves_no_ghost()
    {
        var users = World.Users;
        var held = Recorder.In(Sys);
        World.Users = held.Ref;
        var ann = World.Connect("ann");
        ann.Ends();
        World.Users = users;
        // A retried attachment overtakes the end.
        users.Tell(held.Last<DetachDevice>(), World.Hub);
        users.Tell(held.Last<AttachDevice>(), World.Hub);

        World.Advance(Options.OfflineGrace);
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
    }

    [Fact]
    public void A_client_whose_user_cannot_be_attached_is_sent_away_with_1013()
    {
        World.Store.Gate.IsDown = true;
        var ann = World.Connect("ann");
        ann.Closed.ShouldBe(CloseReason.TryAgainLater);
        ann.IsWelcomed.ShouldBeFalse();
    }

    [Fact]
    public void A_client_whose_user_does_not_answer_is_sent_away_with_1013_in_the_end()
    {
        World.Users = Recorder.In(Sys).Ref;
        var ann = World.Connect("ann");
        World.Advance(14);
        ann.Closed.ShouldBeNull();
        World.Advance(1.3);
        ann.Closed.ShouldBe(CloseReason.TryAgainLater);
    }

    [Fact]
    public void An_attachment_that_was_lost_is_sent_again()
    {
        var users = World.Users;
        World.Users = Recorder.In(Sys).Ref;
        var ann = World.Connect("ann");
        World.Users = users;
        World.Advance(1.2);
        ann.IsWelcomed.ShouldBeTrue();
    }

    [Fact]
    public void A_silent_socket_is_closed_with_4408_after_the_heartbeat_timeout_and_one_heard_of_is_not()
    {
        var silent = World.Connect("ann");
        var lively = World.Connect("bob");
        for (var half = 0; half < 4; half++)
        {
            lively.LastHeard = World.Time.GetTimestamp();
            World.Advance(Options.HeartbeatTimeout / 2);
        }

        silent.Closed.ShouldBe(CloseReason.HeartbeatMissed);
        lively.Closed.ShouldBeNull();
        World.Advance(Options.OfflineGrace);
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
        World.Seen("bob").OnlineStatus.ShouldBe(OnlineStatus.Online);
    }

    [Fact]
    public void A_person_who_idles_is_told_away()
    {
        World.Pair("ann", "bob");
        var bob = World.Connect("bob");
        var ann = World.Connect("ann");
        ann.Says(new Heard(Active: false), null);
        bob.View[new("ann")].OnlineStatus.ShouldBe(OnlineStatus.Away);
    }

    [Fact]
    public void The_answer_carries_the_frames_id_and_the_own_presence_and_the_same_change_is_not_pushed_back()
    {
        var phone = World.Connect("ann", "phone");
        var laptop = World.Connect("ann", "laptop");
        phone.ForgetGiven();
        laptop.ForgetGiven();
        phone.Says(new ChoosePresence(PresenceWorld.Update(OnlineStatus.Busy, "deep work")), "42");

        var (id, answer) = phone.Answers.ShouldHaveSingleItem();
        id.ShouldBe("42");
        var own = answer.ShouldBeOfType<PresenceUpdatedAnswer>().Own;
        own.Owner!.SetStatus.ShouldBe(OnlineStatus.Busy);
        phone.Pushes.ShouldBeEmpty();
        laptop.Pushes.ShouldHaveSingleItem().ShouldBe(own);
    }

    [Fact]
    public void The_own_devices_get_the_owners_view_while_others_see_an_invisible_user_offline()
    {
        World.Pair("ann", "bob");
        var bob = World.Connect("bob");
        var phone = World.Connect("ann", "phone");
        var laptop = World.Connect("ann", "laptop");
        phone.Says(new ChoosePresence(PresenceWorld.Update(OnlineStatus.Invisible)));
        phone.Says(new ChoosePresence(PresenceWorld.Update(null, "hidden")));

        laptop.Pushes[^1].OnlineStatus.ShouldBe(OnlineStatus.Invisible);
        laptop.Pushes[^1].CustomStatus.ShouldBe("hidden");
        bob.View[new("ann")].OnlineStatus.ShouldBe(OnlineStatus.Offline);
        bob.View[new("ann")].CustomStatus.ShouldBeNull();
    }

    [Fact]
    public void A_refusal_is_an_answer_and_the_socket_stays()
    {
        var ann = World.Connect("ann");
        ann.Says(new ChoosePresence(PresenceWorld.Update(OnlineStatus.Busy, expiresIn: TimeSpan.Zero)), "9");
        ann.Answers.ShouldHaveSingleItem().Id.ShouldBe("9");
        ann.Answers[0].Answer.ShouldBeOfType<RefusedAnswer>().Refusal.Code.ShouldBe(ErrorCodes.InvalidPayload);
        ann.Closed.ShouldBeNull();
    }

    [Fact]
    public void A_request_that_nobody_answers_is_asked_again_and_is_a_timeout_in_the_end()
    {
        var ann = World.Connect("ann");
        var nobody = Recorder.In(Sys);
        World.Users = nobody.Ref;
        ann.Says(new ChoosePresence(PresenceWorld.Update(OnlineStatus.Busy)), "9");
        World.Advance(5.3);
        nobody.All<Request>().Count.ShouldBeGreaterThan(3);
        nobody.All<Request>().Select(request => request.Number).Distinct().ShouldHaveSingleItem();
        ann.Answers.ShouldHaveSingleItem().Answer.ShouldBeOfType<RefusedAnswer>().Refusal.Code.ShouldBe(ErrorCodes.Timeout);
    }

    [Fact]
    public void A_journal_that_hangs_is_unavailable_within_two_seconds_and_presence_and_typing_go_on()
    {
        World.Pair("ann", "bob");
        World.Participants.Set(new("room"), new("ann"), new("bob"));
        var bob = World.Connect("bob");
        var ann = World.Connect("ann");
        World.Journal.Writes = JournalMood.Hangs;
        ann.Says(new ChoosePresence(PresenceWorld.Update(OnlineStatus.Busy)), "9");
        ann.Says(new TypeIn(new TypingRequest(new("room"), IsTyping: true)), null);
        ann.Says(new Heard(Active: false), null);
        World.Advance(2);

        ann.Answers.ShouldHaveSingleItem().Answer.ShouldBeOfType<RefusedAnswer>().Refusal.Code.ShouldBe(ErrorCodes.Unavailable);
        bob.View[new("ann")].OnlineStatus.ShouldBe(OnlineStatus.Away);
        bob.Typing.ShouldHaveSingleItem().IsTyping.ShouldBeTrue();
    }

    [Fact]
    public void A_removed_device_is_closed_with_4403()
    {
        var ann = World.Connect("ann");
        World.Ask<Done>(new RemoveDevice(new("ann"), new("phone")));
        ann.Closed.ShouldBe(CloseReason.Forbidden);
    }

    [Fact]
    public void A_connection_that_an_earlier_entity_ended_does_not_stay_attached_to_the_next_one()
    {
        var ann = World.Connect("ann");
        World.Advance(1);
        World.Kill("ann");
        World.Advance(1);

        World.Hub.Tell(new EndConnection(ann.Id, CloseReason.Forbidden));
        World.Advance(Options.OfflineGrace);

        ann.Closed.ShouldBe(CloseReason.Forbidden);
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
    }

    [Fact]
    public void The_entity_is_told_that_a_connection_has_ended_also_where_it_was_replaced_from_another_node()
    {
        var users = World.Users;
        var spy = Recorder.In(Sys, forward: (message, sender) => users.Tell(message, sender));
        World.Users = spy.Ref;
        var first = World.Connect("ann");
        World.Advance(1);
        var elsewhere = FakeHub.In(World);
        var second = elsewhere.Attach("ann", "phone");

        first.Closed.ShouldBe(CloseReason.Replaced);
        World.Advance(5);

        spy.Only<DetachDevice>().Connection.ShouldBe(first.Id);
        elsewhere.Count<EndConnection>().ShouldBe(0);
        World.Seen("ann").Certainty.ShouldBe(Certainty.Confirmed);
        World.Ask<DevicesAre>(new GetDevices(new("ann"), All: false)).Devices.ShouldHaveSingleItem();
        elsewhere.Detach("ann", "phone", second);
        World.Seen("ann").Certainty.ShouldBe(Certainty.Grace);
    }

    [Fact]
    public void A_hub_that_fails_sends_its_sockets_away_and_leaves_no_ghosts()
    {
        ExpectFault("a fault of the connection");
        var ann = World.Connect("ann");
        World.Hub.Tell(new ClientAsks(ann.Id, null, new FaultyCommand()));
        World.Hub.Tell(new OpenConnection(new FaultyConnection(World)));

        ann.Closed.ShouldBe(CloseReason.Restart);
        World.Advance(Options.OfflineGrace + TimeSpan.FromSeconds(1));
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
        World.Connect("ann").IsWelcomed.ShouldBeTrue();
    }

    [Fact]
    public void The_hub_counts_connects_and_disconnects_by_reason()
    {
        World.Connect("ann", "phone").Ends(CloseReason.Normal);
        World.Connect("ann", "phone");
        World.Connect("bob", "phone");
        World.Connect("bob", "phone");
        var stats = World.Ask<NodeStats>(new GetStats());

        (stats.Connects, stats.Connections, stats.UsersOnline, stats.Devices).ShouldBe((4, 2, 2, 2));
        stats.Disconnects.Keys.Order().ShouldBe(["normal", "replaced"]);
        stats.Disconnects.Values.ShouldAllBe(count => count == 1);
    }

    private sealed record FaultyCommand : IClientCommand;

    /// <summary>Breaks its promise never to throw.</summary>
    private sealed class FaultyConnection(PresenceWorld world) : IClientConnection
    {
        public ConnectionId Id { get; } = ConnectionId.New();

        public UserId User { get; } = new("eve");

        public DeviceId? Device { get; } = new("phone");

        public DeviceInfo Info => DeviceInfo.Empty;

        public SnapshotKind Snapshot => SnapshotKind.NotOffline;

        public long LastHeard { get; } = world.Time.GetTimestamp();

        public ResumeRequest? Resume => null;

        public void Welcome(bool resumed) => throw new InvalidOperationException("a fault of the connection");

        public void Knows(ulong contacts, long session, long toldAlone, long until) { }

        public void DeliverSnapshot(IReadOnlyList<ReadOnlyMemory<byte>> records, Cursor cursor, ReadOnlyMemory<byte>? self) { }

        public void DeliverPresence(UserId about, ReadOnlyMemory<byte> frame) { }

        public void DeliverTyping(Core.Conversations.ConversationId conversation, UserId typist, ReadOnlyMemory<byte> frame) { }

        public void DeliverEvent(ReadOnlyMemory<byte> frame) { }

        public void Deliver(string? frameId, IClientAnswer answer) { }

        public void Flush() { }

        public void Close(CloseReason reason) { }

        public void Sever(CloseReason reason) { }
    }
}
