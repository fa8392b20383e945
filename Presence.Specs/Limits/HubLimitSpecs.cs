using Akka.Actor;
using Presence.Actors.Hub;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Specs.World;

namespace Presence.Specs.Limits;

/// <summary>How much a client may ask for over its socket.</summary>
public sealed class HubLimitSpecs : ActorSpec
{
    private static readonly ConversationId Room = new("room");

    [Fact]
    public void So_many_questions_may_be_open_and_no_more_until_one_is_answered()
    {
        Options = new() { Limits = new() { OpenQuestions = 2 } };
        var ann = World.Connect("ann");
        var users = World.Users;
        // Nothing is answered from now on.
        World.Users = Recorder.In(Sys, _ => { }).Ref;
        ann.Says(Choose("a"), "1");
        ann.Says(Choose("b"), "2");
        ann.Answers.ShouldBeEmpty();

        ann.Says(Choose("c"), "3");
        ann.Answers.ShouldHaveSingleItem().Id.ShouldBe("3");
        CodeOf(ann).ShouldBe(ErrorCodes.RateLimited);

        World.Users = users;
        World.Advance(1.3);
        ann.Answers.Count(answer => answer.Answer is PresenceUpdatedAnswer).ShouldBe(2, "they were asked again");
        ann.Says(Choose("d"), "4");
        ann.Answers[^1].Answer.ShouldBeOfType<PresenceUpdatedAnswer>();
    }

    [Fact]
    public void Questions_that_were_never_answered_are_over_with_their_time()
    {
        Options = new() { Limits = new() { OpenQuestions = 1 } };
        var ann = World.Connect("ann");
        World.Users = Recorder.In(Sys, _ => { }).Ref;
        ann.Says(Choose("a"), "1");
        World.Advance(5.3);
        CodeOf(ann).ShouldBe(ErrorCodes.Timeout);

        ann.Says(Choose("b"), "2");
        World.Advance(5.3);
        ann.Answers[^1].Id.ShouldBe("2");
        CodeOf(ann).ShouldBe(ErrorCodes.Timeout);
    }

    [Fact]
    public void A_snapshot_that_waits_is_an_open_question_until_it_is_sent()
    {
        Options = new() { Limits = new() { OpenQuestions = 1 } };
        var ann = World.Connect("ann");
        var users = World.Users;
        World.Users = Recorder.In(Sys, _ => { }).Ref;
        ann.Says(new Subscribe([new("bob")]), "1");
        ann.Says(new Subscribe([new("cyd")]), "2");
        CodeOf(ann).ShouldBe(ErrorCodes.RateLimited);

        World.Users = users;
        World.Advance(1.3);
        ann.Says(new Subscribe([new("cyd")]), "3");
        ann.Answers[^1].ShouldBe(("3", new SubscribedAnswer(1)));
    }

    [Fact]
    public void Who_types_too_fast_is_told_where_an_id_was_given_and_else_the_frame_is_dropped()
    {
        Options = new() { Limits = new() { TypingBurst = 1 } };
        World.Participants.Set(Room, [new("ann")]);
        var ann = World.Connect("ann");
        ann.Says(new TypeIn(new(Room, true)), null);

        ann.Says(new TypeIn(new(Room, true)), null);
        ann.Answers.ShouldBeEmpty();
        ann.Says(new TypeIn(new(Room, true)), "7");
        ann.Answers.ShouldHaveSingleItem().Id.ShouldBe("7");
        CodeOf(ann).ShouldBe(ErrorCodes.RateLimited);
    }

    [Fact]
    public void Who_changes_its_presence_too_fast_is_told_when_it_may_again()
    {
        Options = new() { Limits = new() { ChangesBurst = 1 } };
        var ann = World.Connect("ann");
        ann.Says(Choose("a"), "1");

        ann.Says(Choose("b"), "2");

        ann.Answers[^1].Id.ShouldBe("2");
        ann.Answers[^1].Answer.ShouldBeOfType<RefusedAnswer>().Refusal.RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Subscriptions_to_different_users_are_counted_over_an_hour_and_contacts_are_not()
    {
        Options = new() { Limits = new() { TargetsPerHour = 2 } };
        World.Pair("ann", "bob");
        var ann = World.Connect("ann");
        ann.Says(new Subscribe([new("cyd"), new("dan"), new("bob"), new("ann")]), "1");
        ann.Answers[^1].ShouldBe(("1", new SubscribedAnswer(4)));
        ann.Says(new Unsubscribe([new("cyd"), new("dan")]));

        ann.Says(new Subscribe([new("eve")]), "2");
        CodeOf(ann).ShouldBe(ErrorCodes.RateLimited);
        ann.Says(new Subscribe([new("cyd")]), "3");
        ann.Answers[^1].ShouldBe(("3", new SubscribedAnswer(1)));

        World.Advance(TimeSpan.FromHours(1));
        var again = World.Connect("ann", "tablet");
        again.Says(new Subscribe([new("eve")]), "4");
        again.Answers[^1].ShouldBe(("4", new SubscribedAnswer(1)));
    }

    [Fact]
    public void Conversations_asked_for_are_counted_over_an_hour_with_the_users_and_those_asked_for_again_are_not()
    {
        Options = new() { Limits = new() { TargetsPerHour = 3 } };
        var ann = World.Connect("ann");
        ann.Says(new WatchConversation(new("cyd")), "1");
        ann.Says(new TypeIn(new(new("second"), true)), "2");
        ann.Says(new Subscribe([new("cyd")]), "3");
        ann.Says(new WatchConversation(new("second")), "4");
        ann.Answers.Select(answer => (answer.Answer as RefusedAnswer)?.Refusal.Code)
            .ShouldBe([ErrorCodes.NotAParticipant, ErrorCodes.NotAParticipant, null, ErrorCodes.NotAParticipant]);

        ann.Says(new WatchConversation(new("third")), "5");
        CodeOf(ann).ShouldBe(ErrorCodes.RateLimited);
        ann.Says(new TypeIn(new(new("third"), true)), "6");
        CodeOf(ann).ShouldBe(ErrorCodes.RateLimited);
        World.EntityOrNobody("third", World.Conversations).ShouldBe(ActorRefs.Nobody);

        World.Advance(TimeSpan.FromHours(1));
        var again = World.Connect("ann", "tablet");
        again.Says(new WatchConversation(new("third")), "7");
        CodeOf(again).ShouldBe(ErrorCodes.NotAParticipant);
    }

    private static ChoosePresence Choose(string text) => new(PresenceWorld.Update(null, text));

    private static string CodeOf(FakeConnection connection) => connection.Answers[^1].Answer.ShouldBeOfType<RefusedAnswer>().Refusal.Code;
}
