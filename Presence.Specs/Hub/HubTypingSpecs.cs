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
public sealed class HubTypingSpecs : ActorSpec
{
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
    public void A_socket_may_watch_so_many_conversations_and_no_more()
    {
        Options = new() { Limits = new() { WatchedConversations = 1 } };
        Participants("ann");
        var ann = World.Connect("ann");
        ann.Says(new WatchConversation(Room));
        ann.Says(new WatchConversation(new("other")), "2");
        ann.Answers[^1].Answer.ShouldBeOfType<RefusedAnswer>().Refusal.Code.ShouldBe(ErrorCodes.TooManyIds);
    }

    private void Participants(params string[] users) => World.Participants.Set(Room, [.. users.Select(user => new UserId(user))]);

    private static void Types(FakeConnection who, string? frameId, bool isTyping = true) =>
        who.Says(new TypeIn(new TypingRequest(Room, isTyping)), frameId);
}
