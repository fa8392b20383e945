using Akka.Actor;
using Presence.Actors.Conversations;
using Presence.Actors.Loading;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Loading;

/// <summary>Many entities start by few queries, and changed directories reach those that live.</summary>
public sealed class LoaderSpecs : ActorSpec
{
    [Fact]
    public void Users_who_start_while_a_query_runs_are_read_in_one_query_after_it()
    {
        World.Store.Gate.Hold();
        for (var user = 0; user < 200; user++)
        {
            World.Users.Tell(new GetPresence(new($"user-{user}"), null), World.Asker.Ref);
        }

        World.Store.Queries.Count.ShouldBe(1);
        World.Store.Gate.Release();
        World.Store.Queries.Select(query => query.Count).ShouldBe([1, 199]);
        World.Asker.Count<PresenceIs>().ShouldBe(200);
    }

    [Fact]
    public void With_the_store_out_of_reach_who_waits_for_the_next_query_is_refused_with_those_of_this_one()
    {
        World.Store.Gate.Hold();
        for (var user = 0; user < 10; user++)
        {
            World.Users.Tell(new GetPresence(new($"user-{user}"), null), World.Asker.Ref);
        }

        World.Store.Gate.IsDown = true;
        World.Store.Gate.Release();

        World.Asker.Count<Refused>().ShouldBe(10);
        World.Store.Queries.Count.ShouldBe(1);
    }

    [Fact]
    public void A_query_names_no_more_users_than_fill_it()
    {
        World.Store.Gate.Hold();
        for (var user = 0; user < 1_201; user++)
        {
            World.Users.Tell(new GetPresence(new($"user-{user}"), null), World.Asker.Ref);
        }

        World.Store.Gate.Release();
        World.Store.Queries.Select(query => query.Count).ShouldBe([1, 500, 500, 200]);
        World.Asker.Count<PresenceIs>().ShouldBe(1_201);
    }

    [Fact]
    public void A_query_that_is_not_answered_in_time_is_tried_again_in_parts_and_nobody_is_refused()
    {
        World.Store.Gate.Most = 50;
        World.Store.Gate.Hold();
        for (var user = 0; user < 1_000; user++)
        {
            World.Users.Tell(new GetPresence(new($"user-{user}"), null), World.Asker.Ref);
        }

        World.Store.Gate.Release();
        World.Asker.Count<PresenceIs>().ShouldBe(1_000);
        World.Asker.Count<Refused>().ShouldBe(0);
    }

    [Fact]
    public void One_row_that_cannot_be_read_is_refused_alone()
    {
        World.Store.Unreadable = new("user-77");
        World.Store.Gate.Hold();
        for (var user = 0; user < 200; user++)
        {
            World.Users.Tell(new GetPresence(new($"user-{user}"), null), World.Asker.Ref);
        }

        World.Store.Gate.Release();
        World.Asker.Count<PresenceIs>().ShouldBe(199);
        World.Asker.Count<Refused>().ShouldBe(1);
    }

    [Fact]
    public void A_store_that_answers_nothing_in_time_is_asked_a_few_times_and_then_all_who_wait_are_refused()
    {
        World.Store.Gate.Hold();
        for (var user = 0; user < 600; user++)
        {
            World.Users.Tell(new GetPresence(new($"user-{user}"), null), World.Asker.Ref);
        }

        World.Store.Gate.Most = 0;
        World.Store.Gate.Release();
        World.Asker.Count<Refused>().ShouldBe(599);
        World.Store.Queries.Count.ShouldBeInRange(3, 9);
    }

    [Fact]
    public void No_entity_begins_before_its_node_knows_how_late_it_is_at_its_peers()
    {
        var hub = FakeHub.In(World);
        World.Standing.AwaitPeers();
        hub.Watch("ann");
        World.Advance(0.2);
        World.Store.Queries.ShouldBeEmpty();

        World.Standing.HeardPeers();
        World.Advance(0.1);

        hub.Count<PresenceChanged>().ShouldBe(1);
    }

    [Fact]
    public void To_be_watched_or_read_a_user_needs_no_contacts()
    {
        var hub = FakeHub.In(World);
        hub.Watch("ann");
        World.Seen("ben", "bob");
        World.Own("cyd");

        hub.Count<PresenceChanged>().ShouldBe(1);
        World.Contacts.Queries.ShouldBeEmpty();
    }

    [Fact]
    public void A_rule_that_lets_contacts_see_is_applied_to_a_reader_by_a_look_up_of_the_pair()
    {
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new() { OnlineStatusVisibility = Core.Privacy.Visibility.Contacts }));
        World.Choose("ann", null, "for friends");
        World.Pair("ann", "bob");
        World.Kill("ann");

        World.Seen("ann", "bob").CustomStatus.ShouldBe("for friends");
        World.Seen("ann", "eve").ShouldBe(PresenceRecord.Unknown(new("ann")));
        World.Seen("ann", "bob").CustomStatus.ShouldBe("for friends");
        World.Ask<Explanation>(new Explain(new("ann"), new("bob"))).Visible.ShouldBeTrue();
        World.Contacts.Queries.ShouldBeEmpty();

        World.Contacts.Part(new("ann"), new("bob"));
        World.ContactsChanged("ann", "bob");
        World.Seen("ann", "bob").ShouldBe(PresenceRecord.Unknown(new("ann")));
    }

    [Fact]
    public void A_list_longer_than_a_query_reads_is_read_by_several()
    {
        for (var contact = 0; contact < 25_000; contact++)
        {
            World.Pair("ann", $"contact-{contact}");
        }

        var hub = FakeHub.In(World);
        hub.Attach("ann", "phone");

        hub.Only<DeviceAttached>().Contacts.Count.ShouldBe(25_000);
        World.Contacts.Queries.Count.ShouldBeGreaterThanOrEqualTo(2);
    }

    [Fact]
    public void Many_long_lists_are_read_by_queries_of_a_bounded_size_each_list_whole()
    {
        for (var user = 0; user < 20; user++)
        {
            for (var contact = 0; contact < 3_000; contact++)
            {
                World.Contacts.Pair(new($"user-{user}"), new($"contact-{contact}"));
            }
        }

        var hub = FakeHub.In(World);
        World.Contacts.Gate.Hold();
        for (var user = 0; user < 20; user++)
        {
            hub.Attach($"user-{user}", "phone");
        }

        World.Contacts.Gate.Release();
        hub.All<DeviceAttached>().Select(attached => attached.Contacts.Count).ShouldBe(Enumerable.Repeat(3_000, 20));
        // The first alone, then at most six a query.
        World.Contacts.Queries.Count.ShouldBeGreaterThanOrEqualTo(5);
    }

    [Fact]
    public void A_list_changed_between_the_two_reads_of_a_start_is_known_when_it_has_started()
    {
        var hub = FakeHub.In(World);
        hub.Watch("ann");
        World.Pair("ann", "bob");
        World.Ask<Done>(new ContactsChanged([new("ann")]));
        World.Contacts.Queries.ShouldBeEmpty("nobody has read them");

        hub.Attach("ann", "phone");
        hub.Only<DeviceAttached>().Contacts.ShouldBe([new UserId("bob")]);
    }

    [Fact]
    public void A_list_changed_while_it_is_read_is_told_behind_it()
    {
        var hub = FakeHub.In(World);
        World.Contacts.Gate.Hold();
        hub.Attach("ann", "phone");
        World.Pair("ann", "bob");
        World.Ask(new ContactsChanged([new("ann")])).ShouldBeNull();
        World.Contacts.Gate.Release();

        hub.Only<DeviceAttached>().Contacts.ShouldBeEmpty("it was read before");
        hub.Only<ContactsAre>().Contacts.ShouldBe([new UserId("bob")]);
        World.Asker.Only<Done>();
    }

    [Fact]
    public void A_connection_whose_contacts_cannot_be_read_is_refused_and_was_never_there()
    {
        var hub = FakeHub.In(World);
        hub.Watch("ann");
        World.Contacts.Gate.IsDown = true;
        hub.Attach("ann", "phone");

        hub.Only<AttachRefused>().Refusal.Code.ShouldBe(ErrorCodes.Unavailable);
        World.Own("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
        World.Contacts.Gate.IsDown = false;
        hub.Attach("ann", "phone");
        hub.Count<DeviceAttached>().ShouldBe(1);
    }

    [Fact]
    public void What_a_device_does_while_the_contacts_are_read_happens_behind_its_attachment()
    {
        var hub = FakeHub.In(World);
        hub.Watch("ann");
        World.Contacts.Gate.Hold();
        var phone = hub.Attach("ann", "phone");
        hub.Heard("ann", "phone", phone, active: false);
        var tablet = hub.Attach("ann", "tablet");
        hub.Detach("ann", "tablet", tablet);
        hub.Watch("ann");
        hub.Count<PresenceChanged>().ShouldBe(2, "what concerns no device does not wait");
        World.Contacts.Gate.Release();

        World.Advance(Options.OfflineGrace + TimeSpan.FromSeconds(1));
        World.Own("ann").OnlineStatus.ShouldBe(OnlineStatus.Away);
        World
            .Ask<DevicesAre>(new GetDevices(new("ann"), All: false))
            .Devices.ShouldHaveSingleItem()
            .DeviceId.ShouldBe(new DeviceId("phone"));
        hub.Only<DeviceDetached>().Connection.ShouldBe(tablet);
    }

    [Fact]
    public void A_change_that_can_never_be_read_is_tried_less_and_less_often()
    {
        FakeHub.In(World).Attach("ann", "phone");
        World.Contacts.Gate.IsDown = true;
        World.ContactsChanged("ann");
        World.Contacts.Queries.Clear();
        World.Advance(120);

        World.Contacts.Queries.Count.ShouldBeInRange(5, 12);
    }

    [Fact]
    public void Changed_contacts_reach_only_entities_that_live_and_done_comes_after_they_were_told()
    {
        var hub = FakeHub.In(World);
        hub.Attach("ann", "phone");
        World.Contacts.Queries.Clear();
        World.Pair("ann", "bob");
        World.Ask<Done>(new ContactsChanged([new("ann"), new("bob")]));

        World.Contacts.Queries.ShouldHaveSingleItem().ShouldBe([new UserId("ann")]);
        hub.Only<ContactsAre>().Contacts.ShouldBe([new UserId("bob")]);
    }

    [Fact]
    public void Done_waits_for_the_query()
    {
        FakeHub.In(World).Attach("ann", "phone");
        World.Contacts.Gate.Hold();
        World.Ask(new ContactsChanged([new("ann")])).ShouldBeNull();
        World.Contacts.Gate.Release();
        World.Asker.Only<Done>();
    }

    [Fact]
    public void A_change_of_nobody_who_lives_is_done_without_a_query()
    {
        World.Ask<Done>(new ContactsChanged([new("ann")]));
        World.Ask<Done>(new ParticipantsChanged([new("room")]));
        World.Contacts.Queries.ShouldBeEmpty();
        World.Participants.Queries.ShouldBeEmpty();
    }

    [Fact]
    public void A_changed_list_that_cannot_be_read_is_refused_and_read_again_until_it_can()
    {
        var hub = FakeHub.In(World);
        hub.Attach("ann", "phone");
        World.Contacts.Gate.IsDown = true;
        World.Pair("ann", "bob");
        PresenceWorld.IsUnavailable(World.Ask(new ContactsChanged([new("ann")]))).ShouldBeTrue();
        World.Advance(5);
        hub.Count<ContactsAre>().ShouldBe(0);

        World.Contacts.Gate.IsDown = false;
        World.Advance(5.1);
        hub.Only<ContactsAre>().Contacts.ShouldBe([new UserId("bob")]);
    }

    [Fact]
    public void Changed_participants_that_cannot_be_read_are_read_again_until_they_can()
    {
        var hubs = Recorder.In(Sys);
        World.TypingTo = hubs;
        World.Ask(new GetTyping(new("room"), null, new HashSet<UserId>()));
        World.Participants.Gate.IsDown = true;
        World.Participants.Set(new("room"), new UserId("ann"));
        PresenceWorld.IsUnavailable(World.Ask(new ParticipantsChanged([new("room")]))).ShouldBeTrue();

        World.Participants.Gate.IsDown = false;
        World.Advance(1.1);
        hubs.Only<ParticipantsAre>().Participants.ShouldBe([new UserId("ann")]);
    }

    [Fact]
    public void A_list_changed_while_its_user_starts_is_known_when_it_has_started()
    {
        World.Store.Gate.Hold();
        var hub = FakeHub.In(World);
        hub.Attach("ann", "phone");
        World.Pair("ann", "bob");
        World.Ask(new ContactsChanged([new("ann")]));
        World.Store.Gate.Release();

        hub.Only<DeviceAttached>().Contacts.ShouldBe([new UserId("bob")]);
    }

    [Fact]
    public void An_entity_that_is_gone_is_read_for_no_more()
    {
        World.Own("ann");
        World.Kill("ann");
        World.Contacts.Queries.Clear();
        World.Ask<Done>(new ContactsChanged([new("ann")]));
        World.Contacts.Queries.ShouldBeEmpty();
    }
}

/// <summary>What is written of users beside the journal.</summary>
public sealed class UserWriterSpecs : ActorSpec
{
    [Fact]
    public void What_is_written_within_a_moment_goes_into_one_transaction_the_latest_of_each()
    {
        Seen("ann", 1);
        Seen("bob", 1);
        Seen("ann", 2);
        World.Store.Saves.ShouldBeEmpty();
        World.Advance(0.2);

        var saved = World.Store.Saves.ShouldHaveSingleItem().LastSeen;
        saved.Select(seen => (seen.UserId.Value, seen.At)).Order().ShouldBe([("ann", At(2)), ("bob", At(1))]);
    }

    [Fact]
    public void What_could_not_be_written_is_written_later_and_never_over_what_is_newer()
    {
        World.Store.Gate.IsDown = true;
        Seen("ann", 1);
        Seen("bob", 1);
        World.Advance(0.2);
        Seen("ann", 2);
        World.Advance(3);
        World.Store.LastSeen.ShouldBeEmpty();

        World.Store.Gate.IsDown = false;
        World.Advance(1);
        World.Store.LastSeen[new("ann")].At.ShouldBe(At(2));
        World.Store.LastSeen[new("bob")].At.ShouldBe(At(1));
    }

    [Fact]
    public void One_transaction_runs_at_a_time_and_is_followed_by_what_came_meanwhile()
    {
        World.Store.Gate.Hold();
        Seen("ann", 1);
        World.Advance(0.2);
        Seen("ann", 2);
        World.Advance(2);
        World.Store.Saves.Count.ShouldBe(1);
        World.Store.Gate.Release();
        // The store that was so slow is left to others for a while.
        World.Advance(1);
        World.Store.Saves.Count.ShouldBe(2);
        World.Store.LastSeen[new("ann")].At.ShouldBe(At(2));
    }

    [Fact]
    public void Many_rows_are_written_in_transactions_of_a_bounded_size()
    {
        for (var user = 0; user < 4_500; user++)
        {
            Seen($"user-{user}", 1);
        }

        World.Advance(0.5);
        World.Store.Saves.Sum(save => save.LastSeen.Count).ShouldBe(4_500);
        World.Store.Saves.ShouldAllBe(save => save.LastSeen.Count * UserWriterActor.RowWeight <= 256 * 1024);
    }

    [Fact]
    public void While_the_store_is_down_no_more_than_so_many_bytes_of_rows_are_kept()
    {
        World.Store.Gate.IsDown = true;
        const int rows = UserWriterActor.MaxWaiting / UserWriterActor.RowWeight;
        for (var user = 0; user < rows + 10; user++)
        {
            Seen($"user-{user}", 1);
        }

        World.Store.Gate.IsDown = false;
        World.Advance(0.5);
        World.Store.LastSeen.Count.ShouldBe(rows);
    }

    [Fact]
    public void A_device_that_still_waits_to_be_written_is_forgotten_for_good()
    {
        World.Writer.Tell(new WriteDevice(Device("phone")));
        Forget("phone");
        World.Advance(1);
        World.Asker.Only<Refused>().Refusal.Code.ShouldBe(ErrorCodes.NotFound);
        World.Store.Known.ShouldBeEmpty();
    }

    [Fact]
    public void A_device_whose_row_is_just_being_written_is_forgotten_after_that()
    {
        World.Store.Gate.Hold();
        World.Writer.Tell(new WriteDevice(Device("phone")));
        World.Advance(0.2);
        Forget("phone");
        World.Asker.Count<object>().ShouldBe(0);
        World.Store.Gate.Release();
        World.Asker.Only<Done>();
        World.Store.Known.ShouldBeEmpty();
    }

    [Fact]
    public void A_device_cannot_be_forgotten_while_the_store_is_down()
    {
        World.Store.Gate.IsDown = true;
        Forget("phone");
        PresenceWorld.IsUnavailable(World.Asker.Only<Refused>()).ShouldBeTrue();
    }

    [Fact]
    public void A_flush_writes_what_waits_before_it_is_done_and_does_not_wait_for_a_store_that_is_down()
    {
        Seen("ann", 1);
        World.Writer.Tell(FlushWrites.Instance, World.Asker.Ref);
        World.Asker.Only<Done>();
        World.Store.LastSeen.Count.ShouldBe(1);

        World.Asker.Forget();
        World.Store.Gate.IsDown = true;
        Seen("ann", 2);
        World.Writer.Tell(FlushWrites.Instance, World.Asker.Ref);
        World.Asker.Only<Done>();
    }

    private static DateTimeOffset At(int second) => DateTimeOffset.UnixEpoch.AddSeconds(second);

    private static DeviceRow Device(string device) => new(new("ann"), new(device), DeviceInfo.Empty, At(1), At(1));

    private void Seen(string user, int second) => World.Writer.Tell(new WriteLastSeen(new(new(user), At(second), Connected: true)));

    private void Forget(string device) => World.Writer.Tell(new ForgetDevice(new("ann"), new(device), new(World.Asker.Ref, null)));
}
