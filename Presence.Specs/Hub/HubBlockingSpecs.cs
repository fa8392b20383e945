using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Events;
using Presence.Core.Json;
using Presence.Core.Privacy;
using Presence.Core.Sessions;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Hub;

/// <summary>A block works both ways: who blocks sees nothing of the other.</summary>
public sealed class HubBlockingSpecs : ActorSpec
{
    private static readonly ConversationId Room = new("room");
    private static readonly UserId Ann = new("ann");
    private static readonly UserId Bob = new("bob");

    [Fact]
    public void Who_blocks_somebody_is_pushed_an_empty_record_and_sees_again_after_the_block()
    {
        World.Pair("ann", "bob");
        var (phone, laptop) = (World.Connect("ann", "phone"), World.Connect("ann", "laptop"));
        World.Connect("bob");
        World.Choose("bob", OnlineStatus.Busy, "hello");
        var before = phone.View[Bob];

        Blocks("ann", "bob");

        foreach (var device in new[] { phone, laptop })
        {
            var lost = device.Pushes[^1];
            lost.ShouldBe(PresenceRecord.LostSight(Bob, lost.Version, World.Now));
            lost.Version.ShouldBeGreaterThan(before.Version);
        }

        phone.ForgetGiven();
        World.Choose("bob", null, "not for ann");
        phone.Pushes.ShouldBeEmpty();

        Blocks("ann");
        phone.View[Bob].CustomStatus.ShouldBe("not for ann");
        World.Choose("bob", null, "for ann");
        phone.View[Bob].CustomStatus.ShouldBe("for ann");
    }

    [Fact]
    public void Who_blocks_somebody_finds_nothing_of_it_in_a_snapshot()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        Blocks("ann", "bob");

        var ann = World.Connect("ann", snapshot: SnapshotKind.Full);
        ann.Says(new Subscribe([Bob]));

        ann.Snapshots.Count.ShouldBe(2);
        ann.Snapshots.ShouldAllBe(snapshot => snapshot.Single() == PresenceRecord.Unknown(Bob));
    }

    [Fact]
    public void A_block_on_one_node_is_known_after_the_entity_was_made_anew()
    {
        World.Pair("ann", "bob");
        var ann = World.Connect("ann");
        World.Connect("bob");
        Blocks("ann", "bob");
        World.Kill("ann");
        World.Advance(5);
        ann.ForgetGiven();

        World.Choose("bob", OnlineStatus.Busy);

        ann.Pushes.ShouldBeEmpty();
    }

    [Fact]
    public void Who_blocks_somebody_sees_it_type_no_more_and_is_told_so_at_once()
    {
        World.Participants.Set(Room, Ann, Bob);
        var (ann, bob) = (World.Connect("ann"), World.Connect("bob"));
        bob.Says(new TypeIn(new TypingRequest(Room, true)));
        ann.Typing.Single().IsTyping.ShouldBeTrue();

        Blocks("ann", "bob");
        ann.Typing.Select(push => push.IsTyping).ShouldBe([true, false]);

        bob.Says(new TypeIn(new TypingRequest(Room, false)));
        bob.Says(new TypeIn(new TypingRequest(Room, true)));
        ann.Typing.Count.ShouldBe(2);
        ann.Says(new WatchConversation(Room));
        ann.Answers[^1].Answer.ShouldBeOfType<TypingSnapshotAnswer>().Typists.ShouldBeEmpty();
    }

    [Fact]
    public void Who_blocks_somebody_gets_no_event_with_it_as_sender()
    {
        var ann = World.Connect("ann");
        Blocks("ann", "bob");
        Post("from-bob", Bob);
        Post("from-nobody", null);
        Post("from-cyd", new UserId("cyd"));
        ann.Events.ShouldBe(["from-nobody", "from-cyd"]);
        Blocks("ann", "bob", "ann");
        Post("from-herself", Ann);
        ann.Events[^1].ShouldBe("from-herself");

        Blocks("ann");
        World.Connect("ann", "laptop").Events.ShouldBe(["from-bob", "from-nobody", "from-cyd", "from-herself"]);
    }

    [Fact]
    public void Who_comes_back_after_its_user_has_blocked_somebody_is_told_everything()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        var phone = World.Connect("ann");
        phone.Ends();
        Blocks("ann", "bob");

        var back = World.Connect("ann", resume: phone.ComesBack);
        back.IsResumed.ShouldBe(false);
        back.Snapshots.Single().ShouldBeEmpty();

        back.Ends();
        World.Connect("ann", resume: back.ComesBack).IsResumed.ShouldBe(true, "nothing has changed since");
    }

    [Fact]
    public void The_other_devices_are_told_of_a_new_rule_and_the_one_that_called_is_not()
    {
        var (phone, laptop, bob) = (World.Connect("ann", "phone"), World.Connect("ann", "laptop"), World.Connect("bob"));
        var rule = new PrivacyRule { LastSeenVisibility = Visibility.Nobody, Blocked = [Bob] };

        World.Ask<PrivacyIs>(new SetPrivacy(Ann, rule, Device: new("phone")));

        laptop.Answers.ShouldHaveSingleItem().ShouldBe((null, new PrivacyChangedAnswer(rule)));
        phone.Answers.ShouldBeEmpty();
        bob.Answers.ShouldBeEmpty();
        World.Ask<PrivacyIs>(new SetPrivacy(Ann, rule, Device: new("phone")));
        laptop.Answers.Count.ShouldBe(1, "it was so already");
    }

    private void Blocks(string user, params string[] others) =>
        World.Ask<PrivacyIs>(new SetPrivacy(new(user), new() { Blocked = [.. others.Select(other => new UserId(other))] }));

    private void Post(string id, UserId? sender)
    {
        var day = TimeSpan.FromDays(1);
        var posted = new PostedEvent(new(id), "note", new("{}"), sender, World.Now, World.Now + day, Durable: true);
        _ = World.Events.Append(posted, [Ann], 100, CancellationToken.None);
        World.Users.Tell(new Actors.Events.EventPosted(Ann), Akka.Actor.ActorRefs.NoSender);
    }
}

/// <summary>What holds for who has chosen nothing is the server's to say.</summary>
public sealed class PrivacyDefaultsSpecs : ActorSpec
{
    private static readonly PrivacyRule Own = new() { OnlineStatusVisibility = Visibility.Everyone };

    public PrivacyDefaultsSpecs() =>
        Options = new()
        {
            Privacy = new() { OnlineStatusVisibility = Visibility.Contacts, TypingIndicatorsEnabled = false },
        };

    [Fact]
    public void Who_has_chosen_nothing_has_the_rule_of_the_server_until_it_chooses_one()
    {
        World.Pair("ann", "bob");
        World.Connect("ann");
        World.Choose("ann", OnlineStatus.Busy);

        World.Ask<PrivacyIs>(new GetPrivacy(new("ann"))).Rule.ShouldBe(Options.Privacy.Rule);
        World.Seen("ann", "eve").Version.ShouldBe(0);
        World.Seen("ann", "bob").OnlineStatus.ShouldBe(OnlineStatus.Busy);

        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), Own)).Rule.ShouldBe(Own);
        World.Seen("ann", "eve").OnlineStatus.ShouldBe(OnlineStatus.Busy);
        World.Kill("ann");
        World.Advance(5);
        World.Seen("ann", "eve").OnlineStatus.ShouldBe(OnlineStatus.Busy);
    }

    [Fact]
    public void Who_has_chosen_the_same_has_chosen_it()
    {
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), Options.Privacy.Rule));

        World.Ask<PrivacyIs>(new GetPrivacy(new("ann"))).Rule.ShouldBe(Options.Privacy.Rule);
        World.Advance(1);
        World.Store.Profiles[new("ann")].Profile.OwnPrivacy.ShouldBe(Options.Privacy.Rule);
    }

    [Fact]
    public void A_cursor_of_before_the_server_was_told_otherwise_is_none_of_now()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        var ann = World.Connect("ann");
        var builtIn = ann.Cursor with { Contacts = Cursor.HashOf([new UserId("bob")]) };
        ann.Ends();

        var back = World.Connect("ann", resume: new(ann.Id.Value, builtIn));
        back.IsResumed.ShouldBe(false);
        back.Ends();
        World.Connect("ann", resume: back.ComesBack).IsResumed.ShouldBe(true);
    }

    [Fact]
    public void A_visibility_that_there_is_not_keeps_the_service_from_starting() =>
        new Actors.PresenceOptions { Privacy = new() { LastSeenVisibility = (Visibility)7 } }
            .Problems()
            .ShouldHaveSingleItem()
            .ShouldStartWith("Presence:Privacy:LastSeenVisibility is 7:");
}
