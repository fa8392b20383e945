using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Hub;

/// <summary>Who is told of whom, and what.</summary>
public sealed class HubWatchingSpecs : ActorSpec
{
    [Fact]
    public void A_user_is_watched_once_however_many_sockets_watch_and_each_change_is_encoded_once()
    {
        var users = Spy();
        World.Pair("star", "ann", "bob", "cyd");
        var viewers = new[] { World.Connect("ann"), World.Connect("bob"), World.Connect("cyd"), World.Connect("cyd", "laptop") };
        users.All<Watch>().Count(watch => watch.UserId.Value == "star").ShouldBe(1);

        World.Choose("star", null, "warm-up");
        var encodings = World.Frames.Encodings;
        World.Choose("star", null, "hello");
        World.Frames.Encodings.ShouldBe(encodings + 1);
        viewers.ShouldAllBe(viewer => viewer.View[new("star")].CustomStatus == "hello");
    }

    [Fact]
    public void When_the_last_viewer_is_gone_the_user_is_watched_on_for_a_while_and_then_no_more()
    {
        var users = Spy();
        World.Pair("ann", "bob");
        var first = World.Connect("bob", "phone");
        var second = World.Connect("bob", "laptop");
        first.Ends();
        World.Advance(10);
        users.Count<Unwatch>().ShouldBe(0);

        second.Ends();
        World.Advance(4);
        World.Connect("bob").IsWelcomed.ShouldBeTrue();
        World.Advance(10);
        users.Count<Unwatch>().ShouldBe(0);
        users.All<Watch>().Count(watch => watch.UserId.Value == "ann").ShouldBe(1);
    }

    [Fact]
    public void A_user_that_nobody_watches_any_more_is_unwatched()
    {
        var users = Spy();
        World.Pair("ann", "bob");
        World.Connect("bob").Ends();
        World.Advance(5.3);
        users.Only<Unwatch>().UserId.ShouldBe(new UserId("ann"));
    }

    [Fact]
    public void A_watch_that_was_lost_is_sent_again()
    {
        World.Pair("ann", "bob");
        World.Connect("ann");
        var users = World.Users;
        var bob = World.Connect("bob");
        World.Users = Recorder.In(Sys).Ref;
        bob.Says(new Subscribe([new("cyd")]));
        World.Users = users;
        World.Advance(1.3);
        bob.Snapshots[^1].ShouldHaveSingleItem().Certainty.ShouldBe(Certainty.Confirmed);
    }

    [Fact]
    public void An_entity_that_dies_is_attached_to_and_watched_anew_and_nobody_is_pushed_what_is_the_same()
    {
        World.Pair("ann", "bob");
        var bob = World.Connect("bob");
        var ann = World.Connect("ann");
        World.Advance(1);
        bob.ForgetGiven();
        ann.ForgetGiven();
        World.Kill("ann");
        World.Advance(30);

        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Online);
        World.Seen("ann").Certainty.ShouldBe(Certainty.Confirmed);
        bob.Pushes.ShouldBeEmpty();
        ann.Closed.ShouldBeNull();
        ann.Given.ShouldBeEmpty();

        World.Choose("ann", null, "still here");
        bob.View[new("ann")].CustomStatus.ShouldBe("still here");
    }

    [Fact]
    public void A_device_that_does_not_come_back_after_its_entity_died_is_told_offline()
    {
        World.Pair("ann", "bob");
        var bob = World.Connect("bob");
        FakeHub.In(World).Attach("ann", "phone");
        World.Advance(1);
        World.Kill("ann");
        World.Advance(1);
        bob.View[new("ann")].OnlineStatus.ShouldBe(OnlineStatus.Online);
        World.Advance(Options.OfflineGrace + TimeSpan.FromSeconds(1));
        bob.View[new("ann")].OnlineStatus.ShouldBe(OnlineStatus.Offline);
    }

    [Fact]
    public void An_older_version_that_comes_late_is_ignored()
    {
        World.Pair("ann", "bob");
        var bob = World.Connect("bob");
        World.Choose("ann", null, "newer");
        var known = bob.View[new("ann")];
        World.Hub.Tell(
            new PresenceChanged(
                known with
                {
                    CustomStatus = "older",
                    Version = known.Version - 1,
                },
                PrivacyRule.Default,
                null,
                known.Version - 1,
                World.Now,
                long.MaxValue
            ),
            World.Entity("ann")
        );
        bob.View[new("ann")].ShouldBe(known);
        bob.Pushes[^1].CustomStatus.ShouldBe("newer");
    }

    [Fact]
    public void A_viewer_who_loses_sight_is_pushed_an_empty_record_of_a_higher_version_and_sees_again_when_it_may()
    {
        World.Pair("ann", "bob", "cyd");
        var bob = World.Connect("bob");
        var cyd = World.Connect("cyd");
        World.Connect("ann");
        World.Choose("ann", null, "hello");
        var before = bob.View[new("ann")];
        cyd.ForgetGiven();
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new() { Blocked = [new("bob")] }));

        var lost = bob.Pushes[^1];
        lost.ShouldBe(PresenceRecord.LostSight(new("ann"), lost.Version, World.Now));
        lost.Version.ShouldBeGreaterThan(before.Version);
        cyd.Pushes.ShouldBeEmpty();
        World.Choose("ann", null, "not for bob");
        bob.Pushes[^1].ShouldBe(lost);

        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), PrivacyRule.Default));
        bob.View[new("ann")].CustomStatus.ShouldBe("not for bob");
        bob.View[new("ann")].Version.ShouldBeGreaterThan(lost.Version);
    }

    [Fact]
    public void A_viewer_who_loses_and_regains_sight_of_an_invisible_user_is_told_with_growing_versions()
    {
        World.Pair("ann", "bob");
        World.Choose("ann", null, "on holiday");
        World.Choose("ann", OnlineStatus.Invisible);
        var bob = World.Connect("bob", snapshot: SnapshotKind.Full);
        bob.View[new("ann")].CustomStatus.ShouldBe("on holiday");
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new() { OnlineStatusVisibility = Visibility.Nobody }));
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), PrivacyRule.Default));

        bob.View[new("ann")].CustomStatus.ShouldBe("on holiday");
        bob.Pushes.Select(push => push.Version).ShouldBeInOrder(SortDirection.Ascending);
        World.Connect("ann");
        World.Choose("ann", OnlineStatus.Online);
        bob.View[new("ann")].OnlineStatus.ShouldBe(OnlineStatus.Online);
    }

    [Fact]
    public void What_an_invisible_user_hides_is_pushed_above_what_the_viewer_has_though_the_record_does_not_move()
    {
        World.Pair("ann", "bob");
        World.Connect("ann");
        World.Choose("ann", OnlineStatus.Invisible);
        var bob = World.Connect("bob", snapshot: SnapshotKind.Full);
        var before = bob.View[new("ann")];
        before.LastSeenAt.ShouldNotBeNull();

        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new() { LastSeenVisibility = Visibility.Nobody }));

        bob.View[new("ann")].LastSeenAt.ShouldBeNull();
        bob.View[new("ann")].Version.ShouldBeGreaterThan(before.Version);
    }

    [Fact]
    public void Last_seen_is_left_out_for_who_may_not_see_it()
    {
        World.Pair("ann", "bob");
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new() { LastSeenVisibility = Visibility.Nobody }));
        World.Connect("ann").Ends();
        World.Advance(Options.OfflineGrace);
        var bob = World.Connect("bob", snapshot: SnapshotKind.Full);
        bob.View[new("ann")].LastSeenAt.ShouldBeNull();
        bob.View[new("ann")].Version.ShouldBePositive();
    }

    [Fact]
    public void Two_who_cease_to_be_contacts_are_pushed_each_others_offline()
    {
        World.Pair("ann", "bob");
        var ann = World.Connect("ann");
        var bob = World.Connect("bob");
        Part("ann", "bob");

        ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Offline);
        bob.View[new("ann")].OnlineStatus.ShouldBe(OnlineStatus.Offline);
        bob.ForgetGiven();
        World.Choose("ann", null, "not for bob");
        bob.Pushes.ShouldBeEmpty();
    }

    [Fact]
    public void Two_who_become_contacts_see_each_other_at_once()
    {
        var ann = World.Connect("ann");
        var bob = World.Connect("bob");
        World.Pair("ann", "bob");
        World.ContactsChanged("ann", "bob");

        ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Online);
        bob.View[new("ann")].OnlineStatus.ShouldBe(OnlineStatus.Online);
        Part("ann", "bob");
        World.Pair("ann", "bob");
        World.ContactsChanged("ann", "bob");
        ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Online);
        ann.Pushes.Select(push => push.Version).ShouldBeInOrder(SortDirection.Ascending);
    }

    [Fact]
    public void One_who_subscribed_goes_on_seeing_a_former_contact()
    {
        World.Pair("ann", "bob");
        World.Connect("ann");
        var bob = World.Connect("bob");
        bob.Says(new Subscribe([new("ann")]));
        bob.ForgetGiven();
        Part("ann", "bob");
        bob.Pushes.ShouldBeEmpty();
        World.Choose("ann", null, "hello");
        bob.View[new("ann")].CustomStatus.ShouldBe("hello");
    }

    [Fact]
    public void One_who_subscribed_and_may_only_see_as_a_contact_loses_sight_with_the_contact()
    {
        World.Pair("ann", "bob");
        World.Connect("ann");
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new() { OnlineStatusVisibility = Visibility.Contacts }));
        var bob = World.Connect("bob");
        bob.Says(new Subscribe([new("ann")]));
        Part("ann", "bob");
        bob.View[new("ann")].OnlineStatus.ShouldBe(OnlineStatus.Offline);
    }

    [Fact]
    public void A_contact_added_while_the_first_snapshot_waits_is_in_it_and_one_removed_is_not()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        World.Connect("cyd");
        World.Own("ann");
        World.Pair("ann", "slow");
        World.ContactsChanged("ann");
        World.Store.Gate.Hold();
        var ann = World.Connect("ann");
        ann.Snapshots.ShouldBeEmpty();
        Part("ann", "bob");
        World.Pair("ann", "cyd");
        World.ContactsChanged("ann");
        World.Store.Gate.Release();

        ann.Snapshots.ShouldHaveSingleItem().Select(record => record.UserId.Value).ShouldBe(["cyd"]);
    }

    [Fact]
    public void A_subscription_is_acknowledged_and_followed_by_a_snapshot_of_all_that_were_asked_for()
    {
        World.Connect("bob");
        var ann = World.Connect("ann");
        ann.ForgetGiven();
        ann.Says(new Subscribe([new("bob"), new("nobody"), new("ann")]), "3");

        ann.Answers.ShouldHaveSingleItem().ShouldBe(("3", new SubscribedAnswer(3)));
        var snapshot = ann.Snapshots.ShouldHaveSingleItem();
        snapshot
            .Select(record => (record.UserId.Value, record.OnlineStatus))
            .ShouldBe([("bob", OnlineStatus.Online), ("nobody", OnlineStatus.Offline), ("ann", OnlineStatus.Online)]);
        snapshot[1].ShouldBe(PresenceRecord.Unknown(new("nobody")));
        snapshot[2].Owner.ShouldNotBeNull();
    }

    [Fact]
    public void One_who_unsubscribes_is_told_no_more_unless_of_a_contact()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        World.Connect("cyd");
        var ann = World.Connect("ann");
        ann.Says(new Subscribe([new("bob"), new("cyd")]));
        ann.Says(new Unsubscribe([new("bob"), new("cyd"), new("dan")]), "4");
        ann.Answers[^1].ShouldBe(("4", new UnsubscribedAnswer(3)));

        World.Choose("cyd", null, "unheard");
        World.Choose("bob", null, "heard");
        ann.View[new("cyd")].CustomStatus.ShouldBeNull();
        ann.View[new("bob")].CustomStatus.ShouldBe("heard");
    }

    [Fact]
    public void A_socket_may_subscribe_to_so_many_users_and_no_more()
    {
        Options = new() { Limits = new() { Subscriptions = 2 } };
        var ann = World.Connect("ann");
        ann.Says(new Subscribe([new("bob"), new("cyd")]));
        ann.Says(new Subscribe([new("bob"), new("dan")]), "5");
        ann.Answers[^1].Answer.ShouldBeOfType<RefusedAnswer>().Refusal.Code.ShouldBe(ErrorCodes.TooManyIds);
        ann.Says(new Subscribe([new("cyd")]), "6");
        ann.Answers[^1].Answer.ShouldBe(new SubscribedAnswer(1));
    }

    [Fact]
    public void The_sockets_of_a_user_may_watch_so_many_bytes_together_and_no_more()
    {
        // Of three letters each: 67 bytes.
        Options = new() { Limits = new() { WatchedBytes = 3 * 67 } };
        World.Participants.Set(new("rom"), new("ann"), new("bob"));
        var (phone, laptop) = (World.Connect("ann", "phone"), World.Connect("ann", "laptop"));
        phone.Says(new Subscribe([new("bob"), new("bob"), new("cyd")]));
        laptop.Says(new WatchConversation(new("rom")), "1");

        laptop.Says(new Subscribe([new("bob")]), "2");
        laptop.Answers[^1].Answer.ShouldBeOfType<RefusedAnswer>().Refusal.Code.ShouldBe(ErrorCodes.TooManyIds);
        laptop.Says(new WatchConversation(new("two")), "3");
        laptop.Answers[^1].Answer.ShouldBeOfType<RefusedAnswer>().Refusal.Code.ShouldBe(ErrorCodes.TooManyIds);

        // What is there already takes no room; and what is not there any more neither.
        phone.Says(new Subscribe([new("cyd")]), "4");
        phone.Answers[^1].Answer.ShouldBe(new SubscribedAnswer(1));
        phone.Ends();
        laptop.Says(new Subscribe([new("bob"), new("cyd")]), "5");
        laptop.Answers[^1].Answer.ShouldBe(new SubscribedAnswer(2));
        laptop.Says(new Unsubscribe([new("bob")]));
        laptop.Says(new UnwatchConversation(new("rom")));
        laptop.Says(new Subscribe([new("dan"), new("eve")]), "6");
        laptop.Answers[^1].Answer.ShouldBe(new SubscribedAnswer(2));
    }

    [Fact]
    public void A_snapshot_does_not_wait_for_ever_it_says_unknown_and_is_corrected_later()
    {
        World.Pair("ann", "bob");
        World.Own("ann");
        var users = World.Users;
        World.Connect("bob");
        Spy(forward: message => message is not Watch { UserId.Value: "bob" });
        var ann = World.Connect("ann");
        World.Advance(15.3);
        ann.Snapshots.ShouldHaveSingleItem().ShouldHaveSingleItem().Certainty.ShouldBe(Certainty.Unknown);

        World.Users = users;
        World.Advance(1.3);
        var corrected = ann.Pushes.ShouldHaveSingleItem();
        (corrected.OnlineStatus, corrected.Certainty).ShouldBe((OnlineStatus.Online, Certainty.Confirmed));
    }

    [Fact]
    public void A_snapshot_within_grace_reads_grace()
    {
        World.Pair("ann", "bob");
        World.Connect("bob").Ends();
        World.Connect("ann").Snapshots.ShouldHaveSingleItem().ShouldHaveSingleItem().Certainty.ShouldBe(Certainty.Grace);
    }

    [Fact]
    public void Grace_is_no_push_of_its_own()
    {
        World.Pair("ann", "bob");
        var ann = World.Connect("ann");
        var bob = World.Connect("bob");
        ann.ForgetGiven();
        bob.Ends();
        World.Advance(1);
        ann.Pushes.ShouldBeEmpty();
        World.Connect("bob");
        World.Advance(Options.OfflineGrace);
        ann.Pushes.ShouldBeEmpty();
    }

    private void Part(string one, string other)
    {
        World.Contacts.Part(new(one), new(other));
        World.ContactsChanged(one, other);
    }

    /// <summary>Notes what goes to the users' region.</summary>
    private Recorder Spy(Func<object, bool>? forward = null)
    {
        var users = World.Users;
        var spy = Recorder.In(
            Sys,
            forward: (message, sender) =>
            {
                if (forward?.Invoke(message) != false)
                {
                    users.Tell(message, sender);
                }
            }
        );
        World.Users = spy.Ref;
        return spy;
    }
}
