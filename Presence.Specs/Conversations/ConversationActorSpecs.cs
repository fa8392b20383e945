using Akka.Actor;
using Presence.Actors.Conversations;
using Presence.Actors.Loading;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Conversations;

/// <summary>Who types in a conversation, and when the hubs are told.</summary>
public sealed class ConversationActorSpecs : ActorSpec
{
    private static readonly ConversationId Room = new("room");
    private readonly Recorder _hubs;

    public ConversationActorSpecs()
    {
        _hubs = Recorder.In(Sys);
        World.TypingTo = _hubs;
        World.Participants.Set(Room, new("ann"), new("bob"), new("cyd"));
    }

    private IEnumerable<(string, bool)> Told => _hubs.All<TypingChanged>().Select(changed => (changed.Typist.Value, changed.IsTyping));

    [Fact]
    public void A_participant_who_types_is_told_to_the_hubs_with_the_participants_and_the_rule()
    {
        Types("ann").ShouldBeOfType<TypingAccepted>();
        var told = _hubs.Only<TypingChanged>();
        (told.ConversationId, told.Typist, told.IsTyping, told.EndsIn).ShouldBe((Room, new UserId("ann"), true, Options.TypingTtl));
        told.Participants.Select(user => user.Value).Order().ShouldBe(["ann", "bob", "cyd"]);
        told.Rule.ShouldBe(PrivacyRule.Default);
        told.At.ShouldBe(World.Now);
    }

    [Fact]
    public void One_who_does_not_take_part_may_neither_type_nor_look_and_neither_may_anybody_where_there_is_no_conversation()
    {
        Types("eve").ShouldBeOfType<Refused>().Refusal.Code.ShouldBe(ErrorCodes.NotAParticipant);
        World.Ask<Refused>(new GetTyping(Room, new("eve"), [])).Refusal.Code.ShouldBe(ErrorCodes.NotAParticipant);
        World
            .Ask<Refused>(new SetTyping(new("nowhere"), new(new("ann"), null, true, PrivacyRule.Default)))
            .Refusal.Code.ShouldBe(ErrorCodes.NotAParticipant);
        Told.ShouldBeEmpty();
    }

    [Fact]
    public void A_typing_that_is_not_renewed_ends_after_its_ttl()
    {
        Types("ann");
        World.Advance(Options.TypingTtl - TimeSpan.FromMilliseconds(1));
        Told.ShouldBe([("ann", true)]);
        World.Advance(TimeSpan.FromMilliseconds(1));
        Told.ShouldBe([("ann", true), ("ann", false)]);
        _hubs.Last<TypingChanged>().EndsIn.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void A_renewal_puts_the_end_off_and_is_told_at_most_every_three_seconds()
    {
        for (var second = 0; second < 12; second++)
        {
            Types("ann");
            World.Advance(1);
        }

        Told.ShouldBe([("ann", true), ("ann", true), ("ann", true), ("ann", true)]);
        World.Advance(9);
        Told.Last().ShouldBe(("ann", false));
    }

    [Fact]
    public void A_stop_is_told_at_once_and_so_is_the_start_after_it()
    {
        Types("ann");
        Types("ann", isTyping: false).ShouldBeOfType<TypingAccepted>();
        Types("ann", isTyping: false);
        Types("ann");
        Told.ShouldBe([("ann", true), ("ann", false), ("ann", true)]);
    }

    [Fact]
    public void The_end_of_the_device_that_typed_ends_it_and_that_of_another_does_not()
    {
        Types("ann", device: "phone");
        World.Ask(new EndTyping(Room, new("ann"), new("laptop")));
        Told.ShouldBe([("ann", true)]);
        World.Ask(new EndTyping(Room, new("ann"), new("phone")));
        Told.ShouldBe([("ann", true), ("ann", false)]);
    }

    [Fact]
    public void A_device_that_another_took_over_from_ends_nothing()
    {
        Types("ann", device: "phone");
        Types("ann", device: "laptop");
        World.Ask(new EndTyping(Room, new("ann"), new("phone")));
        Told.ShouldBe([("ann", true)]);
    }

    [Fact]
    public void Typing_by_http_ends_by_time_alone()
    {
        Types("ann", device: null);
        World.Ask(new EndTyping(Room, new("ann"), new("phone")));
        Told.ShouldBe([("ann", true)]);
        World.Advance(Options.TypingTtl);
        Told.Last().ShouldBe(("ann", false));
    }

    [Fact]
    public void A_typist_who_may_no_longer_be_seen_stops()
    {
        Types("ann");
        World.Ask(new EndTyping(Room, new("ann"), null));
        Told.ShouldBe([("ann", true), ("ann", false)]);
    }

    [Fact]
    public void Typing_under_no_rule_is_taken_and_goes_nowhere()
    {
        World.Ask<TypingAccepted>(new SetTyping(Room, new(new("ann"), null, true, null)));
        Told.ShouldBeEmpty();
        Typists("bob").ShouldBeEmpty();
    }

    [Fact]
    public void Who_looks_sees_the_others_with_the_time_left_and_never_itself_and_a_service_sees_all()
    {
        Types("bob");
        World.Advance(4);
        Types("ann");

        Typists("ann").ShouldBe([new TypistIs(new("bob"), TimeSpan.FromSeconds(6))]);
        Typists("cyd").Select(typist => typist.Typist.Value).ShouldBe(["ann", "bob"]);
        Typists(null).Length.ShouldBe(2);
    }

    [Fact]
    public void Who_looks_does_not_see_one_who_hides_from_it()
    {
        Types("ann", rule: new() { Blocked = [new("bob")] });
        Types("cyd", rule: new() { OnlineStatusVisibility = Visibility.Contacts });

        Typists("bob").ShouldBeEmpty();
        World
            .Ask<TypingIs>(new GetTyping(Room, new("bob"), [new("cyd")]))
            .Typists.ShouldHaveSingleItem()
            .Typist.ShouldBe(new UserId("cyd"));
    }

    [Fact]
    public void One_who_is_taken_out_while_typing_stops_for_those_who_saw_it_begin()
    {
        Types("ann");
        World.Participants.Set(Room, new("bob"), new("dan"));
        World.Ask<Done>(new ParticipantsChanged([Room]));

        Told.ShouldBe([("ann", true), ("ann", false)]);
        _hubs.Last<TypingChanged>().Participants.Select(user => user.Value).Order().ShouldBe(["ann", "bob", "cyd"]);
        _hubs.Only<ParticipantsAre>().Participants.Select(user => user.Value).Order().ShouldBe(["bob", "dan"]);
        Types("ann").ShouldBeOfType<Refused>();
        Types("dan").ShouldBeOfType<TypingAccepted>();
    }

    [Fact]
    public void One_who_stays_types_on_when_the_participants_change()
    {
        Types("ann");
        World.Participants.Set(Room, new("ann"), new("dan"));
        World.Ask<Done>(new ParticipantsChanged([Room]));
        Told.ShouldBe([("ann", true), ("ann", false)]);
        _hubs.Last<TypingChanged>().Participants.ShouldNotContain(new UserId("ann"), "the end is for who left: it is told of none to come");
        World.Advance(Options.TypingTtl);
        _hubs.Last<TypingChanged>().Participants.Select(user => user.Value).Order().ShouldBe(["ann", "dan"]);
    }

    [Fact]
    public void While_the_directory_is_down_it_refuses_and_the_next_message_tries_again()
    {
        World.Participants.Gate.IsDown = true;
        PresenceWorld.IsUnavailable(Types("ann")).ShouldBeTrue();
        World.Participants.Gate.IsDown = false;
        Types("ann").ShouldBeOfType<TypingAccepted>();
    }

    [Fact]
    public void While_the_directory_does_not_answer_it_refuses_within_two_seconds()
    {
        World.Participants.Gate.Hold();
        Types("ann").ShouldBeNull();
        World.Conversations.Tell(new ConversationRequest(5, new GetTyping(Room, new("bob"), [])), World.Asker.Ref);
        World.Advance(2);
        World.Asker.Only<Refused>().Refusal.ShouldBe(Refusal.Unavailable);
        PresenceWorld.IsUnavailable(World.AnswerTo(5)).ShouldBeTrue();
    }

    [Fact]
    public void Who_waits_for_one_that_moves_is_refused_at_once()
    {
        World.Participants.Gate.Hold();
        Types("ann");
        var room = World.EntityOrNobody("room", World.Conversations);
        World.Asker.Forget();
        World.Conversations.Tell(new EndTyping(Room, new("ann"), null), World.Asker.Ref);

        room.Tell(StopConversation.Instance, ActorRefs.NoSender);

        World.Asker.Only<Refused>().Refusal.ShouldBe(Refusal.Unavailable);
    }

    [Fact]
    public void A_number_comes_back_with_the_answer()
    {
        World.Conversations.Tell(new ConversationRequest(5, new GetTyping(Room, new("bob"), [])), World.Asker.Ref);
        World.AnswerTo(5).ShouldBeOfType<TypingIs>();
    }

    private object? Types(string user, bool isTyping = true, string? device = "phone", PrivacyRule? rule = null) =>
        World.Ask(new SetTyping(Room, new(new(user), device is null ? null : new DeviceId(device), isTyping, rule ?? PrivacyRule.Default)));

    private System.Collections.Immutable.ImmutableArray<TypistIs> Typists(string? viewer) =>
        World.Ask<TypingIs>(new GetTyping(Room, viewer is null ? null : new UserId(viewer), [])).Typists;
}

/// <summary>When a conversation's entity stops.</summary>
public sealed class ConversationLifeSpecs : ActorSpec
{
    [Fact]
    public void It_stops_after_a_while_in_which_nobody_typed_or_asked()
    {
        World.TypingTo = Recorder.In(Sys);
        World.Participants.Set(new("room"), new UserId("ann"));
        World.Ask<TypingIs>(new GetTyping(new("room"), null, []));
        World.Advance(100);
        World.Ask<TypingIs>(new GetTyping(new("room"), null, []));
        World.Advance(100);
        World.Passivated.ShouldBeEmpty();
        World.Advance(60);
        World.Passivated.ShouldContain("room");
    }

    [Fact]
    public void It_does_not_stop_while_somebody_types()
    {
        Options = new() { TypingTtl = TimeSpan.FromMinutes(10) };
        var hubs = Recorder.In(Sys);
        World.TypingTo = hubs;
        World.Participants.Set(new("room"), new UserId("ann"));
        World.Ask<TypingAccepted>(new SetTyping(new("room"), new(new("ann"), null, true, PrivacyRule.Default)));
        World.Advance(599);
        World.Passivated.ShouldBeEmpty();
        World.Advance(2);
        hubs.Last<TypingChanged>().IsTyping.ShouldBeFalse();
    }
}
