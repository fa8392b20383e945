using Akka.Actor;
using Presence.Actors.Hub;
using Presence.Actors.Nodes;
using Presence.Core.Errors;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Hub;

/// <summary>A client that comes back: it is told what it missed and no more, or everything; never a gap, never a part.</summary>
public sealed class HubResumeSpecs : ActorSpec
{
    [Fact]
    public void One_who_comes_back_is_told_of_those_alone_who_changed()
    {
        World.Pair("ann", "bob", "cyd", "dan");
        World.Connect("bob");
        World.Connect("cyd");
        World.Connect("dan");
        var before = Gone("ann");
        World.Choose("bob", OnlineStatus.Busy);

        var ann = World.Connect("ann", resume: before.ComesBack);

        ann.IsResumed.ShouldBe(true);
        ann.Snapshots.ShouldHaveSingleItem()
            .Select(record => (record.UserId.Value, record.OnlineStatus))
            .ShouldBe([("bob", OnlineStatus.Busy)]);
    }

    [Fact]
    public void One_who_went_offline_meanwhile_is_named_too()
    {
        World.Pair("ann", "bob", "cyd");
        var bob = World.Connect("bob");
        World.Connect("cyd");
        var before = Gone("ann");
        bob.Ends();
        World.Advance(Options.OfflineGrace + TimeSpan.FromSeconds(1));

        var ann = World.Connect("ann", resume: before.ComesBack);

        ann.IsResumed.ShouldBe(true);
        ann.Snapshots.ShouldHaveSingleItem()
            .Select(record => (record.UserId.Value, record.OnlineStatus))
            .ShouldBe([("bob", OnlineStatus.Offline)]);
    }

    [Fact]
    public void One_who_comes_back_while_an_entity_is_out_of_reach_is_told_nothing_of_it_until_the_next_one_speaks()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        var before = Gone("ann");
        World.Choose("bob", OnlineStatus.Busy);
        World.Hub.Tell(new HeardUntil(null, [World.Entity("bob").Path.Address]));

        var ann = World.Connect("ann", resume: before.ComesBack);

        ann.IsResumed.ShouldBe(true);
        ann.Snapshots.ShouldHaveSingleItem().ShouldBeEmpty();
        World.Kill("bob");
        World.Advance(1);
        ann.Pushes.ShouldHaveSingleItem().OnlineStatus.ShouldBe(OnlineStatus.Busy);
    }

    [Fact]
    public void One_who_comes_back_while_a_node_is_silent_is_told_what_it_missed_when_the_node_is_heard_again()
    {
        World.Pair("ann", "bob", "cyd");
        World.Connect("bob");
        World.Connect("cyd");
        var before = Gone("ann");
        World.Choose("bob", OnlineStatus.Busy);
        World.Hub.Tell(new HeardUntil(null, [World.Entity("bob").Path.Address]));
        var ann = World.Connect("ann", resume: before.ComesBack);
        ann.Snapshots.ShouldHaveSingleItem().ShouldBeEmpty();

        World.Hub.Tell(new HeardUntil(null, []));
        World.Advance(1);

        ann.Pushes.Select(push => (push.UserId.Value, push.OnlineStatus)).ShouldBe([("bob", OnlineStatus.Busy)]);
    }

    [Fact]
    public void One_who_may_have_something_newer_is_told_what_a_silent_node_says_when_it_is_heard_again_though_it_be_the_same()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        var before = Gone("ann");
        World.Hub.Tell(new HeardUntil(null, [World.Entity("bob").Path.Address]));
        var ann = World.Connect("ann", resume: before.ComesBack);
        var known = ComesAndGoesUnheard("bob");

        World.Hub.Tell(new HeardUntil(null, []));
        World.Advance(1);

        var push = ann.Pushes.ShouldHaveSingleItem();
        (push.OnlineStatus, push.Version > known).ShouldBe((OnlineStatus.Online, true));
    }

    [Fact]
    public void One_who_came_back_shortly_before_a_lost_line_is_noticed_is_told_what_the_entity_says_though_it_be_the_same()
    {
        World.Pair("ann", "bob", "cyd");
        World.Connect("bob");
        var cyd = World.Connect("cyd");
        var before = Gone("ann");
        var ann = World.Connect("ann", resume: before.ComesBack);
        var known = ComesAndGoesUnheard("bob");
        cyd.ForgetGiven();

        World.Hub.Tell(new LineBroken(World.Entity("bob").Path.Address));
        World.Advance(1);

        var push = ann.Pushes.ShouldHaveSingleItem();
        (push.OnlineStatus, push.Version > known).ShouldBe((OnlineStatus.Online, true));
        cyd.Pushes.ShouldBeEmpty();
    }

    [Fact]
    public void A_cursor_from_ahead_of_the_clock_counts_for_nothing_and_everything_is_told()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        var before = Gone("ann");
        var ahead = before.Cursor with { Time = Versions.Of(World.SharedNow.AddHours(1)) };
        World.Choose("bob", OnlineStatus.Busy);

        var ann = World.Connect("ann", resume: new(before.Id.Value, ahead));

        ann.IsResumed.ShouldBe(false);
        ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Busy);
    }

    [Fact]
    public void An_entity_that_was_only_slow_tells_who_came_back_meanwhile_what_that_one_does_not_have_and_no_more()
    {
        World.Pair("ann", "bob", "cyd");
        World.Connect("bob");
        World.Connect("cyd");
        var before = Gone("ann");
        World.Choose("bob", OnlineStatus.Busy);
        var node = World.Entity("bob").Path.Address;
        World.Hub.Tell(new HeardUntil(null, [node]));
        var ann = World.Connect("ann", resume: before.ComesBack);

        World.Hub.Tell(new HeardUntil(null, []));
        World.Hub.Tell(new LineBroken(node));
        World.Advance(1);

        ann.Pushes.Select(push => (push.UserId.Value, push.OnlineStatus)).ShouldBe([("bob", OnlineStatus.Busy)]);
    }

    [Fact]
    public void One_who_came_back_shortly_before_an_entity_is_lost_is_told_what_the_next_one_says_though_it_be_the_same()
    {
        World.Pair("ann", "bob", "cyd");
        World.Connect("bob");
        var cyd = World.Connect("cyd");
        var before = Gone("ann");
        var ann = World.Connect("ann", resume: before.ComesBack);
        ann.Snapshots.ShouldHaveSingleItem().ShouldBeEmpty();
        cyd.ForgetGiven();

        World.Kill("bob");
        World.Advance(3);

        // As presumed at first, and then for certain.
        ann.Pushes.Select(push => (push.OnlineStatus, push.Certainty))
            .ShouldBe([(OnlineStatus.Online, Certainty.Grace), (OnlineStatus.Online, Certainty.Confirmed)]);
        cyd.Pushes.ShouldBeEmpty();
    }

    [Fact]
    public void One_who_came_back_is_told_again_of_an_invisible_user_when_it_would_be_of_one_who_left()
    {
        World.Pair("ann", "bob", "cyd");
        var cyd = World.Connect("cyd");
        World.Connect("bob");
        cyd.Ends();
        World.Advance(Options.OfflineGrace);
        World.Choose("bob", OnlineStatus.Invisible);
        var before = Gone("ann");
        var ann = World.Connect("ann", resume: before.ComesBack);
        ann.IsResumed.ShouldBe(true);

        World.Kill("bob");
        World.Kill("cyd");
        World.Advance(3);

        var told = ann.Pushes.Select(push => (push.UserId.Value, push.OnlineStatus)).Order();
        told.ShouldBe([("bob", OnlineStatus.Offline), ("cyd", OnlineStatus.Offline)]);
    }

    [Fact]
    public void A_cursor_from_a_heartbeat_long_after_the_snapshot_is_as_good()
    {
        World.Pair("ann", "bob", "cyd");
        World.Connect("bob");
        World.Connect("cyd");
        var before = World.Connect("ann");
        World.Choose("bob", OnlineStatus.Busy);
        World.Advance(5);
        var cursor = before.CursorNow;
        before.Ends();
        World.Choose("cyd", OnlineStatus.Away);

        var ann = World.Connect("ann", resume: new(before.Id.Value, cursor));

        ann.IsResumed.ShouldBe(true);
        ann.Snapshots.ShouldHaveSingleItem().Select(record => record.UserId.Value).ShouldBe(["cyd"]);
    }

    [Fact]
    public void After_the_window_everything_is_told()
    {
        World.Pair("ann", "bob", "cyd");
        FakeConnection[] others = [World.Connect("bob"), World.Connect("cyd")];
        var before = Gone("ann");
        for (var waited = TimeSpan.Zero; waited <= Options.ResumeWindow; waited += TimeSpan.FromSeconds(30))
        {
            World.Advance(30);
            Array.ForEach(others, other => other.LastHeard = World.Time.GetTimestamp());
        }

        var ann = World.Connect("ann", resume: before.ComesBack);

        ann.IsResumed.ShouldBe(false);
        ann.Snapshots.ShouldHaveSingleItem().Count.ShouldBe(2);
    }

    [Fact]
    public void The_window_is_counted_from_the_end_of_the_connection_however_old_the_cursor()
    {
        World.Pair("ann", "bob", "cyd");
        World.Connect("bob");
        World.Connect("cyd");
        var before = World.Connect("ann");
        for (var minutes = 0; minutes < 10; minutes++)
        {
            World.Advance(30);
            before.LastHeard = World.Time.GetTimestamp();
        }

        before.Ends();
        World.Connect("ann", resume: before.ComesBack).IsResumed.ShouldBe(true);
    }

    [Fact]
    public void Contacts_that_were_changed_meanwhile_are_told_as_a_whole()
    {
        World.Pair("ann", "bob", "cyd");
        World.Connect("bob");
        World.Connect("cyd");
        var before = Gone("ann");
        World.Contacts.Part(new("ann"), new("bob"));
        World.ContactsChanged("ann", "bob");

        var ann = World.Connect("ann", resume: before.ComesBack);

        ann.IsResumed.ShouldBe(false);
        ann.Snapshots.ShouldHaveSingleItem().Select(record => record.UserId.Value).ShouldBe(["cyd"]);
    }

    [Fact]
    public void A_rule_that_was_changed_meanwhile_is_not_told_apart_by_versions_so_everything_is_told()
    {
        World.Pair("ann", "bob", "cyd");
        World.Connect("bob");
        World.Connect("cyd");
        var before = Gone("ann");
        World.Advance(1);
        World.Ask(new Actors.Users.SetPrivacy(new("bob"), new PrivacyRule { Blocked = [new("ann")] }));

        var ann = World.Connect("ann", resume: before.ComesBack);

        ann.IsResumed.ShouldBe(false);
        ann.Snapshots.ShouldHaveSingleItem().Select(record => record.UserId.Value).ShouldBe(["cyd"]);
    }

    [Fact]
    public void Of_the_hidden_nothing_is_told_however_much_they_change()
    {
        World.Pair("ann", "bob", "cyd");
        World.Ask(new Actors.Users.SetPrivacy(new("bob"), new PrivacyRule { Blocked = [new("ann")] }));
        World.Choose("cyd", OnlineStatus.Invisible);
        World.Connect("bob");
        World.Connect("cyd");
        World.Advance(1);
        var before = Gone("ann");
        World.Choose("bob", OnlineStatus.Busy, "for others");
        World.Choose("cyd", null, "for later");

        var ann = World.Connect("ann", resume: before.ComesBack);

        ann.IsResumed.ShouldBe(true);
        ann.Snapshots.ShouldHaveSingleItem().ShouldBeEmpty();
    }

    [Fact]
    public void Subscriptions_and_watched_conversations_come_back()
    {
        World.Participants.Set(new("room"), new("ann"), new("bob"));
        World.Connect("bob");
        World.Connect("cyd");
        var before = World.Connect("ann");
        before.Says(new Subscribe([new("bob"), new("cyd")]));
        before.Says(new WatchConversation(new("room")));
        var resume = new ResumeRequest(before.Id.Value, before.CursorNow);
        World.Advance(1);
        before.Ends();
        World.Choose("bob", OnlineStatus.Busy);

        var ann = World.Connect("ann", resume: resume);
        World.Choose("cyd", OnlineStatus.Away);

        ann.IsResumed.ShouldBe(true);
        ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Busy);
        ann.Pushes.Select(push => (push.UserId.Value, push.OnlineStatus)).ShouldBe([("cyd", OnlineStatus.Away)]);
        ann.Answers.Select(answer => answer.Answer.GetType()).ShouldBe([typeof(TypingSnapshotAnswer)]);
        World.Sessions.All.ShouldHaveSingleItem().Subscriptions.Count.ShouldBe(2);
    }

    [Fact]
    public void What_changes_no_subscription_is_not_stored()
    {
        var ann = World.Connect("ann");
        ann.Says(new Subscribe([new("bob")]));
        World.Advance(1);
        var stored = World.Sessions.All.ShouldHaveSingleItem();
        ann.Says(new Subscribe([new("bob")]));
        ann.Says(new Unsubscribe([new("cyd")]));
        World.Advance(1);
        World.Sessions.All.ShouldHaveSingleItem().SavedAt.ShouldBe(stored.SavedAt);

        ann.Says(new Unsubscribe([new("bob")]));
        World.Advance(1);
        World.Sessions.All.ShouldHaveSingleItem().Subscriptions.ShouldBeEmpty();
    }

    [Fact]
    public void What_is_written_of_a_session_goes_with_the_change_and_not_with_the_session()
    {
        var users = Enumerable.Range(0, 40).Select(number => $"user-{number}").ToList();
        users.ForEach(user => World.Connect(user));
        var before = World.Connect("ann");
        before.Says(new Subscribe([.. users.Select(user => new UserId(user))]));
        World.Advance(1);
        World.Sessions.Saves.Clear();

        before.Says(new Unsubscribe([new("user-7")]));
        World.Advance(1);
        World.Sessions.Saves.ShouldHaveSingleItem().ShouldHaveSingleItem().Entries.Count.ShouldBe(1);

        var resume = new ResumeRequest(before.Id.Value, before.CursorNow);
        before.Ends(CloseReason.Lost);
        var ann = World.Connect("ann", resume: resume);
        World.Advance(1);

        ann.IsResumed.ShouldBe(true);
        World.Sessions.Saves[^1].ShouldHaveSingleItem().Entries.ShouldBeEmpty();
        var stored = World.Sessions.All.ShouldHaveSingleItem();
        (stored.Connection, stored.Subscriptions.Count).ShouldBe((ann.Id.Value, 39));
    }

    [Fact]
    public void A_session_that_an_earlier_version_wrote_comes_back_and_is_begun_anew()
    {
        World.Connect("bob");
        World.Connect("cyd");
        var before = World.Connect("ann");
        before.Says(new Subscribe([new("bob"), new("cyd")]));
        World.Advance(1);
        World.Sessions.AreWhole = true;
        var resume = new ResumeRequest(before.Id.Value, before.CursorNow);
        before.Ends(CloseReason.Lost);

        var ann = World.Connect("ann", resume: resume);
        World.Advance(1);

        ann.IsResumed.ShouldBe(true);
        World.Sessions.Saves[^1].ShouldHaveSingleItem().From.ShouldBeNull();
        World.Sessions.All.ShouldHaveSingleItem().Subscriptions.Count.ShouldBe(2);
        ann.Says(new Unsubscribe([new("cyd")]));
        World.Advance(1);
        World.Sessions.All.ShouldHaveSingleItem().Subscriptions.ShouldBe([new("bob")]);
    }

    [Fact]
    public void Who_comes_back_with_more_than_a_user_may_watch_is_told_everything()
    {
        Options = new() { Limits = new() { WatchedBytes = 2 * 67 } };
        World.Connect("bob");
        World.Connect("cyd");
        var before = World.Connect("ann");
        before.Says(new Subscribe([new("bob"), new("cyd")]));
        World.Advance(1);
        var resume = new ResumeRequest(before.Id.Value, before.CursorNow);
        before.Ends(CloseReason.Lost);
        World.Connect("ann", "laptop").Says(new Subscribe([new("bob")]));

        World.Connect("ann", resume: resume).IsResumed.ShouldBe(false);
    }

    [Fact]
    public void What_one_who_comes_back_is_told_again_is_above_what_it_was_told_alone()
    {
        World.Pair("bob", "cyd");
        World.Connect("bob");
        // So that the hub knows of bob already.
        World.Connect("cyd");
        var before = World.Connect("ann");
        World.Advance(1);
        World.Choose("bob", OnlineStatus.Away);
        World.Pair("ann", "bob");
        World.ContactsChanged("ann", "bob");
        var alone = before.Pushes.ShouldHaveSingleItem();
        // Its time lags behind both.
        var resume = new ResumeRequest(before.Id.Value, before.CursorNow);
        before.Ends(CloseReason.Lost);

        var ann = World.Connect("ann", resume: resume);

        ann.IsResumed.ShouldBe(true);
        ann.Snapshots.ShouldHaveSingleItem().ShouldHaveSingleItem().Version.ShouldBeGreaterThan(alone.Version);
        World.Choose("bob", OnlineStatus.Busy);
        ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Busy);
    }

    [Fact]
    public void A_session_that_was_not_stored_in_time_is_no_ground_to_stand_on()
    {
        World.Connect("bob");
        var before = World.Connect("ann");
        before.Says(new Subscribe([new("bob")]));
        var resume = before.ComesBack;
        // The node died before it had written.
        World.Advance(1);
        World.Sessions.Clear();
        before.Ends();

        var ann = World.Connect("ann", resume: resume);

        ann.IsResumed.ShouldBe(false);
        ann.Snapshots.ShouldHaveSingleItem().ShouldBeEmpty();
        World.Choose("bob", OnlineStatus.Busy);
        ann.Pushes.ShouldBeEmpty();
    }

    [Fact]
    public void A_conversation_that_one_may_watch_no_more_does_not_come_back_and_its_client_is_told()
    {
        World.Participants.Set(new("room"), new("ann"), new("bob"));
        var before = World.Connect("ann");
        before.Says(new WatchConversation(new("room")));
        var resume = new ResumeRequest(before.Id.Value, before.CursorNow);
        World.Advance(1);
        before.Ends();
        World.Participants.Set(new("room"), new UserId("bob"));
        World.Ask(new Actors.Loading.ParticipantsChanged([new("room")]));

        var ann = World.Connect("ann", resume: resume);

        ann.IsResumed.ShouldBe(true);
        ann.Answers.ShouldHaveSingleItem().ShouldBe((null, new WatchEndedAnswer(new("room"))));
    }

    [Fact]
    public void A_contact_that_can_not_be_loaded_makes_it_unsure_and_everything_is_told()
    {
        World.Pair("ann", "bob", "cyd");
        World.Connect("cyd");
        var before = Gone("ann");
        World.Advance(60);
        var ann = WithoutAnswerOf("bob", () => World.Connect("ann", resume: before.ComesBack));

        ann.IsResumed.ShouldBe(false);
        ann.Snapshots.ShouldHaveSingleItem().Single(record => record.UserId.Value == "bob").Certainty.ShouldBe(Certainty.Unknown);
        ann.Snapshots[0].Single(record => record.UserId.Value == "cyd").OnlineStatus.Token().ShouldBe("online");
    }

    [Fact]
    public void One_who_wanted_no_snapshot_gets_what_it_missed_all_the_same()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        var before = Gone("ann");
        World.Choose("bob", OnlineStatus.Busy);

        var ann = World.Connect("ann", snapshot: SnapshotKind.None, resume: before.ComesBack);

        ann.IsResumed.ShouldBe(true);
        ann.Snapshots.ShouldHaveSingleItem().Count.ShouldBe(1);
    }

    [Fact]
    public void While_an_entity_is_gone_and_not_found_again_no_cursor_says_that_its_changes_were_seen()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        var ann = World.Connect("ann");
        World.Advance(2);
        var region = World.Users;
        World.Users = Recorder.In(Sys).Ref;
        World.Kill("bob");
        World.Advance(0.2);
        var frozen = ann.CursorNow.Time;
        World.Advance(3);
        ann.CursorNow.Time.ShouldBe(frozen);

        World.Users = region;
        World.Advance(3);
        ann.CursorNow.Time.ShouldBeGreaterThan(frozen);
    }

    /// <summary>Of both changes the hub hears nothing; a client may have been told the first one by another node. The version before them.</summary>
    private long ComesAndGoesUnheard(string user)
    {
        var known = World.Seen(user, "ann").Version;
        World.Users.Tell(new Actors.Users.Unwatch(new(user), long.MaxValue), World.Hub);
        World.Choose(user, OnlineStatus.Busy);
        World.Choose(user, OnlineStatus.Online);
        return known;
    }

    private FakeConnection Gone(string user)
    {
        var connection = World.Connect(user);
        connection.Ends(CloseReason.Lost);
        return connection;
    }

    /// <summary>Another hub's watch of that user is answered by nobody, until its time is over.</summary>
    private FakeConnection WithoutAnswerOf(string user, Func<FakeConnection> connect)
    {
        var region = World.Users;
        World.Users = Recorder
            .In(
                Sys,
                forward: (message, sender) =>
                {
                    if (message is not Actors.Users.Watch { UserId: var watched } || watched.Value != user)
                    {
                        region.Tell(message, sender);
                    }
                }
            )
            .Ref;
        var connection = connect();
        World.Advance(17);
        World.Users = region;
        return connection;
    }
}
