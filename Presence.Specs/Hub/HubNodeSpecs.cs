using Akka.Actor;
using Presence.Actors.Hub;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Hub;

/// <summary>The hub among the nodes: what is lost is told again, who was replaced is not believed, and a node that may have been replaced is silent.</summary>
public sealed class HubNodeSpecs : ActorSpec
{
    [Fact]
    public void A_detach_that_nobody_answers_is_told_again_until_it_is_answered()
    {
        var ann = World.Connect("ann");
        var lost = WhileNothingArrives(() =>
        {
            ann.Ends();
            World.Advance(3.5);
        });

        lost.Count<DetachDevice>().ShouldBeGreaterThanOrEqualTo(3);
        World.Advance(1.2);
        WhileNothingArrives(() => World.Advance(3)).Count<DetachDevice>().ShouldBe(0);
        World.Advance(Options.OfflineGrace);
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
    }

    [Fact]
    public void A_device_that_is_attached_after_its_socket_has_ended_is_detached_until_that_is_answered()
    {
        var entity = Recorder.In(Sys);
        var lost = WhileNothingArrives(() =>
        {
            World.Hub.Tell(
                new DeviceAttached(
                    new("ann"),
                    new("phone"),
                    ConnectionId.New(),
                    PresenceRecord.Unknown(new("ann")),
                    new HashSet<UserId>(),
                    null,
                    5
                ),
                entity.Ref
            );
            World.Advance(2.5);
        });

        lost.Count<DetachDevice>().ShouldBeGreaterThanOrEqualTo(2);
    }

    [Fact]
    public void What_an_entity_of_a_smaller_epoch_tells_is_refused_and_counted()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        var ann = World.Connect("ann");
        using var refused = new Counted(World.Counters.RefusedEpochs);
        var replaced = Recorder.In(Sys);
        var busy = World.Seen("bob") with { OnlineStatus = OnlineStatus.Busy, Version = long.MaxValue / 2 };
        ann.ForgetGiven();

        World.Hub.Tell(new PresenceChanged(busy, PrivacyRule.Default, null, busy.Version, World.Now, Epoch: 1), replaced.Ref);
        World.Hub.Tell(new OwnPresenceChanged(World.Own("ann") with { Version = busy.Version }, null, World.Now, Epoch: 1), replaced.Ref);

        ann.Pushes.ShouldBeEmpty();
        refused.Sum.ShouldBe(2);
        World.Choose("bob", OnlineStatus.Away);
        ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Away);
    }

    [Fact]
    public void A_status_chosen_with_an_expires_in_means_the_same_when_told_twice()
    {
        var ann = World.Connect("ann");
        var lost = WhileNothingArrives(() =>
        {
            ann.Says(new ChoosePresence(PresenceWorld.Update(OnlineStatus.Busy, expiresIn: TimeSpan.FromMinutes(1))));
            World.Advance(2.5);
        });

        var told = lost.All<Request>();
        told.Count.ShouldBeGreaterThanOrEqualTo(2);
        told.Select(request => request.Number).Distinct().ShouldHaveSingleItem();
        var updates = told.Select(request => request.Message).OfType<UpdatePresence>().Select(update => update.Update).ToList();
        updates.Count.ShouldBe(told.Count);
        updates.Select(update => update.ExpiresAt).Distinct().ShouldHaveSingleItem().ShouldNotBeNull();
        updates.ShouldAllBe(update => update.ExpiresIn == null);
    }

    [Fact]
    public void What_a_client_asked_for_that_is_gone_is_not_told_again()
    {
        var before = World.Connect("ann");
        WhileNothingArrives(() => before.Says(new ChoosePresence(PresenceWorld.Update(OnlineStatus.Busy))));
        before.Ends();
        var ann = World.Connect("ann");
        ann.Says(new ChoosePresence(PresenceWorld.Update(OnlineStatus.Away)));

        World.Advance(3);

        World.Own("ann").Owner!.SetStatus.ShouldBe(OnlineStatus.Away);
    }

    [Fact]
    public void A_new_entity_that_says_so_is_turned_to_though_nothing_was_heard_of_the_end_of_the_other()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        World.Connect("ann");
        var next = Recorder.In(Sys);

        var known = WhileNothingArrives(() => World.Hub.Tell(new EntityBegun(new("bob"), Epoch: 1), World.Entity("bob")));
        var stranger = WhileNothingArrives(() => World.Hub.Tell(new EntityBegun(new("cyd"), Epoch: 1), next.Ref));
        var told = WhileNothingArrives(() => World.Hub.Tell(new EntityBegun(new("bob"), Epoch: 1), next.Ref));

        known.Count<IUserMessage>().ShouldBe(0);
        stranger.Count<IUserMessage>().ShouldBe(0);
        told.Only<AttachDevice>().Again.ShouldBeTrue();
        told.Only<Watch>().UserId.ShouldBe(new UserId("bob"));
    }

    [Fact]
    public void What_an_entity_answers_after_the_next_one_has_begun_is_refused_also_where_it_is_the_first_answer()
    {
        World.Connect("bob");
        var ann = World.Connect("ann");
        var replaced = Recorder.In(Sys);
        var busy = World.Seen("bob") with { OnlineStatus = OnlineStatus.Busy };
        WhileNothingArrives(() =>
        {
            ann.Says(new Subscribe([new("bob")]));
            World.Hub.Tell(new EntityBegun(new("bob"), Epoch: 2), World.Entity("bob"));
            World.Hub.Tell(new PresenceChanged(busy, PrivacyRule.Default, null, busy.Version, World.Now, Epoch: 1), replaced.Ref);
        });

        World.Advance(1.5);

        ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Online);
        World.Choose("bob", OnlineStatus.Away);
        ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Away);
    }

    [Fact]
    public void The_entities_of_a_node_that_left_are_asked_anew_though_no_death_watch_tells()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        World.Connect("ann");

        var elsewhere = WhileNothingArrives(() => Leave(new Address("akka", "presence", "another", 1)));
        var told = WhileNothingArrives(() => Leave(World.Entity("bob").Path.Address));

        elsewhere.Count<IUserMessage>().ShouldBe(0);
        told.All<Watch>().Select(watch => watch.UserId.Value).Order().ShouldBe(["ann", "bob"]);
        told.All<AttachDevice>().Select(attach => (attach.UserId.Value, attach.Again)).Order().ShouldBe([("ann", true), ("bob", true)]);
    }

    [Fact]
    public void A_lost_line_makes_the_hub_ask_that_nodes_entities_anew()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        World.Connect("ann");
        using var asked = new Counted(World.Counters.Resubscriptions);

        var elsewhere = WhileNothingArrives(() => Break(new Address("akka", "presence", "another", 1)));
        var told = WhileNothingArrives(() => Break(World.Entity("bob").Path.Address));

        elsewhere.Count<IUserMessage>().ShouldBe(0);
        told.All<Watch>().Select(watch => watch.UserId.Value).Order().ShouldBe(["ann", "bob"]);
        told.All<AttachDevice>().Select(attach => (attach.UserId.Value, attach.Again)).Order().ShouldBe([("ann", true), ("bob", true)]);
        asked.Sum.ShouldBe(2);
    }

    [Fact]
    public void What_was_lost_with_a_line_is_told_to_whom_it_concerns_and_nothing_else_is()
    {
        World.Pair("ann", "bob", "cyd");
        World.Connect("bob");
        World.Connect("cyd");
        var ann = World.Connect("ann");
        ann.ForgetGiven();

        Break(World.Entity("bob").Path.Address);

        ann.Pushes.ShouldBeEmpty();
        ann.Closed.ShouldBeNull();
        World.Choose("bob", OnlineStatus.Away);
        ann.Pushes.ShouldHaveSingleItem().OnlineStatus.ShouldBe(OnlineStatus.Away);
    }

    [Fact]
    public void A_node_that_was_paused_pushes_nothing_until_it_is_vouched_for_then_all_of_it()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        var ann = World.Connect("ann");
        ann.ForgetGiven();

        World.Pulse.Advance(NodeStanding.LongestBeat * 2);
        World.Choose("bob", OnlineStatus.Busy);
        World.Choose("bob", OnlineStatus.Away);
        ann.Words.ShouldNotContain("flush");

        World.Standing.TakePulse();
        Vouch();
        ann.Words[^1].ShouldBe("flush");
        World.Choose("bob", OnlineStatus.Busy);
        ann.Words.TakeLast(2).ShouldBe(["bob busy", "flush"]);
    }

    [Fact]
    public void After_a_pause_no_socket_is_closed_for_a_silence_that_was_the_nodes_own()
    {
        var ann = World.Connect("ann");
        World.Pulse.Advance(NodeStanding.LongestBeat * 2);
        World.Advance(Options.HeartbeatTimeout * 2);
        ann.Closed.ShouldBeNull();

        World.Standing.TakePulse();
        Vouch();
        World.Advance(3);
        ann.Closed.ShouldBeNull();
        World.Advance(5);
        ann.Closed.ShouldBe(CloseReason.HeartbeatMissed);
    }

    [Fact]
    public void A_node_that_was_shut_out_sends_everybody_away_and_says_nothing_more()
    {
        World.Pair("ann", "bob");
        var bob = World.Connect("bob");
        var ann = World.Connect("ann");
        ann.ForgetGiven();

        World.Standing.ShutOut();
        World.Hub.Tell(NodeShutOut.Instance);
        World.Choose("bob", OnlineStatus.Busy);
        World.Advance(Options.HeartbeatTimeout);

        ann.Words.ShouldBe(["close 1012"]);
        bob.Closed.ShouldBe(CloseReason.Restart);
        World.Ask<NodeStats>(new GetStats()).Connections.ShouldBe(0);
    }

    [Fact]
    public void One_who_went_offline_is_not_seen_online_again_when_the_entity_is_lost_before_that_is_stored()
    {
        World.Pair("ann", "bob");
        var bob = World.Connect("bob");
        var ann = World.Connect("ann");
        World.Advance(1);
        var stored = World.Store.LastSeen[new("bob")];
        bob.Ends();
        World.Advance(Options.OfflineGrace + TimeSpan.FromSeconds(1));
        ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Offline);
        ann.ForgetGiven();

        World.Store.LastSeen[new("bob")] = stored with { Connected = true };
        World.Kill("bob");
        World.Store.LastSeen[new("bob")] = stored with { Connected = true };
        World.Advance(Options.OfflineGrace * 2);

        // When it was last seen is known less well now.
        ann.Pushes.ShouldAllBe(push => push.OnlineStatus == OnlineStatus.Offline);
    }

    private void Break(Address node)
    {
        World.Hub.Tell(new LineBroken(node));
        World.Advance(0.3);
    }

    private void Leave(Address node)
    {
        World.Hub.Tell(new NodeGone(node));
        World.Advance(0.3);
    }

    private void Vouch()
    {
        World.Standing.Vouched(World.Standing.LastPause);
        World.Hub.Tell(NodeVouched.Instance);
    }

    /// <summary>What the hub told the region of users meanwhile, none of which arrived.</summary>
    private Recorder WhileNothingArrives(Action act)
    {
        var region = World.Users;
        var lost = Recorder.In(Sys);
        World.Users = lost.Ref;
        act();
        World.Users = region;
        return lost;
    }
}
