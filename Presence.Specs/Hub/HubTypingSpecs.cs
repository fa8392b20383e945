using Akka.Actor;
using Presence.Actors.Conversations;
using Presence.Actors.Hub;
using Presence.Actors.Loading;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Json;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Hub;

/// <summary>To whom typing goes.</summary>
public class HubTypingSpecs : ActorSpec
{
    /// <summary>Whether typing is told as by a node of the build before.</summary>
    protected virtual bool AsOlder => false;

    private static readonly ConversationId Room = new("room");

    [Fact]
    public void Typing_goes_to_the_other_participants_and_never_to_the_typists_own_devices()
    {
        Participants("ann", "bob");
        var (phone, laptop, bob, eve) = (
            World.Connect("ann", "phone"),
            World.Connect("ann", "laptop"),
            World.Connect("bob"),
            World.Connect("eve")
        );
        Types(phone, "8");

        phone.Answers.ShouldHaveSingleItem().ShouldBe(("8", new TypingAnswer(Room)));
        bob.Typing.ShouldHaveSingleItem().ShouldBe(new TypingPush(Room, new("ann"), true, Options.TypingTtl, World.Now));
        (phone.Typing.Count, laptop.Typing.Count, eve.Typing.Count).ShouldBe((0, 0, 0));
    }

    [Fact]
    public void Typing_without_an_id_is_not_answered_unless_it_is_refused()
    {
        Participants("ann");
        var (ann, eve) = (World.Connect("ann"), World.Connect("eve"));
        Types(ann, null);
        ann.Answers.ShouldBeEmpty();
        Types(eve, "1");
        eve.Answers.ShouldHaveSingleItem().Answer.ShouldBeOfType<RefusedAnswer>().Refusal.Code.ShouldBe(ErrorCodes.NotAParticipant);
    }

    [Fact]
    public void Typing_ends_with_the_entity_that_could_end_it()
    {
        Participants("ann", "bob");
        var (ann, bob) = (World.Connect("ann"), World.Connect("bob"));
        Types(ann, null);
        World.Kill("ann");
        bob.Typing.Select(push => push.IsTyping).ShouldBe([true, false]);
    }

    [Fact]
    public void Typing_ends_at_once_when_its_device_disconnects()
    {
        Participants("ann", "bob");
        var (ann, bob) = (World.Connect("ann"), World.Connect("bob"));
        Types(ann, null);
        ann.Ends();
        bob.Typing.Select(push => push.IsTyping).ShouldBe([true, false]);
    }

    [Fact]
    public void Typing_is_withheld_from_the_blocked_and_from_all_while_invisible_or_switched_off()
    {
        Participants("ann", "bob", "cyd");
        var (ann, bob, cyd) = (World.Connect("ann"), World.Connect("bob"), World.Connect("cyd"));
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new() { Blocked = [new("bob")] }));
        Types(ann, null);
        (bob.Typing.Count, cyd.Typing.Count).ShouldBe((0, 1));

        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new() { TypingIndicatorsEnabled = false }));
        cyd.Typing[^1].IsTyping.ShouldBeFalse();
        cyd.ForgetGiven();
        Types(ann, "2");
        ann.Answers[^1].ShouldBe(("2", new TypingAnswer(Room)));
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new()));
        World.Choose("ann", OnlineStatus.Invisible);
        Types(ann, null);
        cyd.Typing.ShouldBeEmpty();
    }

    [Fact]
    public void One_who_was_told_that_somebody_types_is_told_of_the_end_though_it_be_no_contact_any_more()
    {
        Participants("ann", "bob");
        World.Pair("ann", "bob");
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new() { OnlineStatusVisibility = Visibility.Contacts }));
        var (ann, bob) = (World.Connect("ann"), World.Connect("bob"));
        Types(ann, null);
        World.Contacts.Part(new("ann"), new("bob"));
        World.ContactsChanged("ann", "bob");

        Types(ann, null);
        Types(ann, null, isTyping: false);

        bob.Typing.Select(push => push.IsTyping).ShouldBe([true, false]);
    }

    [Fact]
    public void One_who_is_taken_out_is_told_that_those_who_type_on_have_stopped()
    {
        Participants("ann", "bob", "cyd");
        var (ann, bob, cyd) = (World.Connect("ann"), World.Connect("bob"), World.Connect("cyd"));
        Types(ann, null);
        Participants("ann", "cyd");
        World.Ask<Done>(new ParticipantsChanged([Room]));

        bob.Typing.Select(push => push.IsTyping).ShouldBe([true, false]);
        cyd.Typing.Select(push => push.IsTyping).ShouldBe([true]);
    }

    [Fact]
    public void A_conversation_that_grows_large_ends_for_those_whom_it_began_for()
    {
        Options = new() { Limits = new() { LargeConversation = 2 } };
        Participants("ann", "bob", "cyd");
        var (ann, bob) = (World.Connect("ann"), World.Connect("bob"));
        Types(ann, null);
        var cyd = World.Connect("cyd");
        Types(ann, null, isTyping: false);

        bob.Typing.Select(push => push.IsTyping).ShouldBe([true, false]);
        cyd.Typing.ShouldBeEmpty();
    }

    [Fact]
    public void A_typist_who_becomes_invisible_is_seen_to_stop()
    {
        Participants("ann", "bob");
        var (ann, bob) = (World.Connect("ann"), World.Connect("bob"));
        Types(ann, null);
        World.Choose("ann", OnlineStatus.Invisible);
        bob.Typing.Select(push => push.IsTyping).ShouldBe([true, false]);
    }

    [Fact]
    public void In_a_large_conversation_typing_goes_only_to_the_sockets_that_watch_it()
    {
        Options = new() { Limits = new() { LargeConversation = 2 } };
        Participants("ann", "bob", "cyd");
        var (ann, bob, cyd) = (World.Connect("ann"), World.Connect("bob"), World.Connect("cyd"));
        cyd.Says(new WatchConversation(Room));
        Types(ann, null);
        (bob.Typing.Count, cyd.Typing.Count).ShouldBe((0, 1));

        cyd.Says(new UnwatchConversation(Room), "5");
        cyd.Answers[^1].ShouldBe(("5", new UnwatchedAnswer(Room)));
        Types(ann, null, isTyping: false);
        cyd.Typing.Count.ShouldBe(1);
    }

    [Fact]
    public void Watching_is_acknowledged_and_followed_by_who_types_there_but_the_viewer()
    {
        Participants("ann", "bob");
        var (ann, bob) = (World.Connect("ann"), World.Connect("bob"));
        Types(ann, null);
        Types(bob, null);
        World.Advance(4);
        bob.Says(new WatchConversation(Room), "6");

        bob.Answers.Select(answer => answer.Id).ShouldBe(["6", null]);
        bob.Answers[0].Answer.ShouldBe(new WatchedAnswer(Room));
        var snapshot = bob.Answers[1].Answer.ShouldBeOfType<TypingSnapshotAnswer>();
        snapshot.Typists.ShouldBe([new TypistIs(new("ann"), TimeSpan.FromSeconds(6))]);
    }

    [Fact]
    public void Only_a_participant_may_watch_and_who_is_taken_out_watches_no_more()
    {
        Options = new() { Limits = new() { LargeConversation = 1 } };
        Participants("ann", "bob");
        var (ann, bob, eve) = (World.Connect("ann"), World.Connect("bob"), World.Connect("eve"));
        eve.Says(new WatchConversation(Room));
        eve.Answers[^1].Answer.ShouldBeOfType<RefusedAnswer>().Refusal.Code.ShouldBe(ErrorCodes.NotAParticipant);

        bob.Says(new WatchConversation(Room));
        Participants("ann", "cyd");
        World.Ask<Done>(new ParticipantsChanged([Room]));
        Participants("ann", "bob", "cyd");
        World.Ask<Done>(new ParticipantsChanged([Room]));
        World.Connect("cyd");
        Types(ann, null);
        bob.Typing.ShouldBeEmpty();
    }

    [Fact]
    public void A_socket_whose_watch_ends_is_told_so_and_the_others_are_not()
    {
        Participants("ann", "bob");
        var (ann, bob, phone) = (World.Connect("ann"), World.Connect("bob", "watching"), World.Connect("bob", "phone"));
        ann.Says(new WatchConversation(Room));
        bob.Says(new WatchConversation(Room));
        Participants("ann");
        World.Ask<Done>(new ParticipantsChanged([Room]));

        bob.Answers[^1].ShouldBe((null, new WatchEndedAnswer(Room)));
        ann.Answers.Select(answer => answer.Answer).OfType<WatchEndedAnswer>().ShouldBeEmpty();
        phone.Answers.ShouldBeEmpty();
    }

    [Fact]
    public void A_socket_may_watch_so_many_conversations_and_no_more()
    {
        Options = new() { Limits = new() { WatchedConversations = 1 } };
        Participants("ann");
        var ann = World.Connect("ann");
        ann.Says(new WatchConversation(Room));
        ann.Says(new WatchConversation(new("other")), "2");
        ann.Answers[^1].Answer.ShouldBeOfType<RefusedAnswer>().Refusal.Code.ShouldBe(ErrorCodes.TooManyIds);
    }

    private void Participants(params string[] users)
    {
        World.ToldAsOlder = AsOlder;
        World.Participants.Set(Room, [.. users.Select(user => new UserId(user))]);
    }

    private static void Types(FakeConnection who, string? frameId, bool isTyping = true) =>
        who.Says(new TypeIn(new TypingRequest(Room, isTyping)), frameId);
}

/// <summary>The same, told by a node of the build before, whose conversations name all participants each time.</summary>
public sealed class HubTypingOfTheBuildBeforeSpecs : HubTypingSpecs
{
    protected override bool AsOlder => true;
}

/// <summary>What a hub keeps of conversations, and what it costs it.</summary>
public sealed class HubConversationSpecs : ActorSpec
{
    private static readonly ConversationId Room = new("room");

    [Fact]
    public void In_a_large_conversation_that_nobody_watches_a_typing_does_not_come_to_the_hub()
    {
        Options = new() { Limits = new() { LargeConversation = 3 } };
        var crowd = Crowd(6);
        Types(crowd[0]);
        var told = World.TypingTold;

        foreach (var typist in crowd.Skip(1))
        {
            Types(typist);
        }

        World.TypingTold.ShouldBe(told);
        crowd[5].Says(new WatchConversation(Room));
        World.Advance(3);
        Types(crowd[0]);
        World.TypingTold.ShouldBe(told + 1);
        crowd.Select(client => client.Typing.Count).ShouldBe([0, 0, 0, 0, 0, 1]);
    }

    [Fact]
    public void One_who_connects_while_others_type_is_told_as_they_go_on_and_one_who_left_and_came_back_too()
    {
        World.Participants.Set(Room, new("ann"), new("bob"));
        var ann = World.Connect("ann");
        Types(ann);
        var bob = World.Connect("bob");
        World.Advance(3);
        Types(ann);
        bob.Typing.Select(push => push.IsTyping).ShouldBe([true]);

        bob.Ends();
        World.Advance(3);
        Types(ann);
        var again = World.Connect("bob");
        World.Advance(3);
        Types(ann);
        Types(ann, isTyping: false);
        again.Typing.Select(push => push.IsTyping).ShouldBe([true, false]);
        bob.Typing.Count.ShouldBe(1);
    }

    [Fact]
    public void A_conversation_that_a_hub_does_not_know_it_asks_for_once_a_second_and_tells_nobody()
    {
        World.Participants.Set(Room, new("ann"), new("bob"));
        var bob = World.Connect("bob");
        var entity = Recorder.In(Sys);
        Tell(1);
        Tell(2);
        entity.Only<ParticipantsHere>().Asks.ShouldBeTrue();
        World.Advance(1);
        Tell(3);
        entity.Count<ParticipantsHere>().ShouldBe(2);
        bob.Typing.ShouldBeEmpty();

        World.Hub.Tell(new ParticipantsAre(Room, [new("ann")], 7, MoreFollow: true), entity.Ref);
        Tell(7);
        bob.Typing.ShouldBeEmpty("a part is not the whole");
        World.Hub.Tell(new ParticipantsAre(Room, [new("bob")], 7), entity.Ref);
        var here = entity.Last<ParticipantsHere>();
        (here.Set, here.Online.Single(), here.Watched, here.Asks).ShouldBe((7, new UserId("bob"), false, false));
        Tell(7);
        bob.Typing.Count.ShouldBe(1);
        Tell(8);
        bob.Typing.Count.ShouldBe(1);

        void Tell(long set) =>
            World.Hub.Tell(
                new TypingChanged(Room, new("ann"), true, Options.TypingTtl, PrivacyRule.Default, null, World.Now, set),
                entity.Ref
            );
    }

    [Fact]
    public void Who_is_here_is_told_when_it_changes_and_of_very_many_only_that_there_are()
    {
        Options = new() { Limits = new() { LargeConversation = 2 } };
        var entity = Recorder.In(Sys);
        World.Hub.Tell(new ParticipantsAre(Room, [.. Enumerable.Range(0, 9).Select(i => new UserId($"u{i}"))], 7), entity.Ref);
        entity.Forget();
        var clients = Enumerable.Range(0, 5).Select(i => World.Connect($"u{i}")).ToList();
        entity.All<ParticipantsHere>().Select(here => here.Online.Count).ShouldBe([1, 2, 3]);
        clients.ForEach(client => client.Ends());
        entity.All<ParticipantsHere>().Skip(3).Select(here => here.Online.Count).ShouldBe([3, 2, 1, 0]);
    }

    [Fact]
    public void A_hub_forgets_a_conversation_of_which_it_hears_nothing_and_so_does_one_that_fails()
    {
        var entity = Recorder.In(Sys);
        World.Connect("ann");
        World.Hub.Tell(new ParticipantsAre(Room, [new("ann")], 7), entity.Ref);
        World.Advance(152);
        (entity.Last<ParticipantsHere>().Set, entity.Last<ParticipantsHere>().Asks).ShouldBe((0, false));

        World.Hub.Tell(new ParticipantsAre(Room, [new("ann")], 8), entity.Ref);
        ExpectFault("Object reference");
        World.Hub.Tell(new OpenConnection(null!), ActorRefs.NoSender);
        entity.Last<ParticipantsHere>().Set.ShouldBe(0);
    }

    private List<FakeConnection> Crowd(int size)
    {
        var names = Enumerable.Range(0, size).Select(i => $"u{i}").ToList();
        World.Participants.Set(Room, [.. names.Select(name => new UserId(name))]);
        return names.ConvertAll(name => World.Connect(name));
    }

    private static void Types(FakeConnection who, bool isTyping = true) => who.Says(new TypeIn(new TypingRequest(Room, isTyping)));
}
