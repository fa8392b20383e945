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
    public void A_participant_who_types_is_told_to_the_hubs_with_the_rule_and_once_before_it_the_participants()
    {
        Types("ann").ShouldBeOfType<TypingAccepted>();
        var told = _hubs.Only<TypingChanged>();
        (told.ConversationId, told.Typist, told.IsTyping, told.EndsIn).ShouldBe((Room, new UserId("ann"), true, Options.TypingTtl));
        var participants = _hubs.All<object>()[0].ShouldBeOfType<ParticipantsAre>();
        participants.Participants.Select(user => user.Value).Order().ShouldBe(["ann", "bob", "cyd"]);
        (told.Participants, told.Set).ShouldBe((null, participants.Set));
        Types("bob");
        _hubs.Count<ParticipantsAre>().ShouldBe(1);
        told.Rule.ShouldBe(PrivacyRule.Default);
        told.At.ShouldBe(World.Now);
    }

    [Fact]
    public void One_who_does_not_take_part_may_neither_type_nor_look_and_neither_may_anybody_where_there_is_no_conversation()
    {
        Types("eve").ShouldBeOfType<Refused>().Refusal.Code.ShouldBe(ErrorCodes.NotAParticipant);
        World.Ask<Refused>(new GetTyping(Room, new("eve"), new HashSet<UserId>())).Refusal.Code.ShouldBe(ErrorCodes.NotAParticipant);
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
            .Ask<TypingIs>(new GetTyping(Room, new("bob"), new HashSet<UserId> { new("cyd") }))
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
        var (before, after) = (_hubs.All<ParticipantsAre>()[0], _hubs.Last<ParticipantsAre>());
        _hubs.Last<TypingChanged>().Set.ShouldBe(before.Set, "told to those who took part until then");
        _hubs.All<object>()[^1].ShouldBe(after);
        after.Participants.Select(user => user.Value).Order().ShouldBe(["bob", "dan"]);
        after.Set!.Value.ShouldBeGreaterThan(before.Set!.Value);
        Types("ann").ShouldBeOfType<Refused>();
        Types("dan").ShouldBeOfType<TypingAccepted>();
    }

    [Fact]
    public void A_hub_of_the_build_before_is_told_the_participants_each_time_and_the_end_to_those_who_are_taken_out()
    {
        World.ToldAsOlder = true;
        Types("ann");
        _hubs.Last<TypingChanged>().Participants!.Select(user => user.Value).Order().ShouldBe(["ann", "bob", "cyd"]);
        World.Participants.Set(Room, new("ann"), new("dan"));
        World.Ask<Done>(new ParticipantsChanged([Room]));
        Told.ShouldBe([("ann", true), ("ann", false)]);
        // For those who left: they are told of no end that is to come.
        _hubs.Last<TypingChanged>().Participants!.Select(user => user.Value).Order().ShouldBe(["bob", "cyd"]);
        World.Advance(Options.TypingTtl);
        _hubs.Last<TypingChanged>().Participants!.Select(user => user.Value).Order().ShouldBe(["ann", "dan"]);
    }

    [Fact]
    public void A_conversation_is_large_by_its_participants_online_on_all_nodes_and_who_is_on_two_is_one()
    {
        Options = new() { Limits = new() { LargeConversation = 3 } };
        NewWorld().TypingTo = _hubs;
        World.Participants.Set(Room, [.. Enumerable.Range(0, 9).Select(i => new UserId($"u{i}"))]);
        Types("u0");
        var set = _hubs.Last<TypingChanged>().Set!.Value;
        var (one, other) = (Recorder.In(Sys), Recorder.In(Sys));
        Has(one, "u1", "u2");
        Has(other, "u2", "u3");
        Types("u1");
        _hubs.Last<TypingChanged>().IsLarge.ShouldBeFalse("three are not over three");

        Has(other, "u3", "u4");
        Types("u2");
        _hubs.Last<TypingChanged>().IsLarge.ShouldBeTrue();
        Has(other, "u2");
        Types("u3");
        _hubs.Last<TypingChanged>().IsLarge.ShouldBeFalse();

        Has(other, "u3", "u4");
        Types("u4");
        _hubs.Last<TypingChanged>().IsLarge.ShouldBeTrue();
        World.Advance(31);
        Has(one, "u1", "u2");
        Types("u5");
        _hubs.Last<TypingChanged>().IsLarge.ShouldBeFalse("a hub not heard of for so long is gone");

        void Has(Recorder hub, params string[] users) => Entity.Tell(Here(set, watched: true, users), hub.Ref);
    }

    [Fact]
    public void A_hub_with_nobody_to_tell_is_told_nothing_for_a_while_but_ends_where_somebody_may_have_been_told()
    {
        Options = new() { Limits = new() { LargeConversation = 1 } };
        NewWorld().TypingTo = _hubs;
        World.Participants.Set(Room, new("ann"), new("bob"), new("cyd"));
        Types("ann");
        var set = _hubs.Last<TypingChanged>().Set!.Value;
        Entity.Tell(Here(set, watched: false, "ann", "bob"), _hubs.Ref);
        _hubs.Forget();

        Types("bob");
        Told.ShouldBeEmpty("nobody watches the large conversation");
        Types("ann", isTyping: false);
        Told.ShouldBe([("ann", false)]);
        Entity.Tell(Here(set, watched: false), _hubs.Ref);
        Types("bob", isTyping: false);
        Told.ShouldBe([("ann", false)], "no participant is there");

        World.Advance(10.1);
        Types("cyd");
        Told.ShouldBe([("ann", false), ("cyd", true)], "it may have said something since that was lost");
        Entity.Tell(Here(set, watched: true, "ann", "bob"), _hubs.Ref);
        Types("ann");
        Told.Last().ShouldBe(("ann", true));
    }

    [Fact]
    public void A_hub_that_asks_is_told_who_takes_part_and_who_types_and_one_that_forgot_is_told_all_again()
    {
        Types("ann");
        var hub = Recorder.In(Sys);
        Entity.Tell(new ParticipantsHere(Room, 0, [], Watched: false, Asks: true), hub.Ref);
        hub.Only<ParticipantsAre>().ShouldBe(_hubs.Only<ParticipantsAre>(), new SameSet());
        hub.Only<TypingChanged>().Typist.ShouldBe(new UserId("ann"));

        Entity.Tell(Here(_hubs.Last<TypingChanged>().Set!.Value, watched: false), _hubs.Ref);
        Types("bob");
        Told.Last().ShouldBe(("ann", true), "nobody is there");
        Entity.Tell(new ParticipantsHere(Room, 0, [], Watched: false, Asks: false), _hubs.Ref);
        Types("cyd");
        Told.Last().ShouldBe(("cyd", true));
    }

    [Fact]
    public void Very_many_participants_are_told_in_parts_and_of_very_many_typists_a_thousand_are_named()
    {
        var users = Enumerable.Range(0, 5_001).Select(i => new UserId($"u{i}")).ToArray();
        World.Participants.Set(Room, users);
        foreach (var user in users.Take(1_002))
        {
            Types(user.Value);
        }

        var parts = _hubs.All<ParticipantsAre>();
        parts.Select(part => (part.Participants.Count, part.MoreFollow)).ShouldBe([(5_000, true), (1, false)]);
        parts.SelectMany(part => part.Participants).ToHashSet().Count.ShouldBe(5_001);
        parts.ShouldAllBe(part => part.Set == parts[0].Set);
        Typists("u5000").Length.ShouldBe(1_000);
        World.Advance(Options.TypingTtl + TimeSpan.FromMilliseconds(100));
        Told.Count(told => !told.Item2).ShouldBe(1_002, "all of them end, though of so many a moment late");
    }

    private IActorRef Entity => World.EntityOrNobody("room", World.Conversations);

    private static ParticipantsHere Here(long set, bool watched, params string[] users) =>
        new(Room, set, [.. users.Select(user => new UserId(user))], watched, Asks: false);

    private sealed class SameSet : IEqualityComparer<ParticipantsAre>
    {
        public bool Equals(ParticipantsAre? x, ParticipantsAre? y) => x?.Set == y?.Set && x!.Participants.SetEquals(y!.Participants);

        public int GetHashCode(ParticipantsAre obj) => 0;
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
        World.Conversations.Tell(new ConversationRequest(5, new GetTyping(Room, new("bob"), new HashSet<UserId>())), World.Asker.Ref);
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
        World.Conversations.Tell(new ConversationRequest(5, new GetTyping(Room, new("bob"), new HashSet<UserId>())), World.Asker.Ref);
        World.AnswerTo(5).ShouldBeOfType<TypingIs>();
    }

    private object? Types(string user, bool isTyping = true, string? device = "phone", PrivacyRule? rule = null) =>
        World.Ask(new SetTyping(Room, new(new(user), device is null ? null : new DeviceId(device), isTyping, rule ?? PrivacyRule.Default)));

    private System.Collections.Immutable.ImmutableArray<TypistIs> Typists(string? viewer) =>
        World.Ask<TypingIs>(new GetTyping(Room, viewer is null ? null : new UserId(viewer), new HashSet<UserId>())).Typists;
}

/// <summary>When a conversation's entity stops.</summary>
public sealed class ConversationLifeSpecs : ActorSpec
{
    [Fact]
    public void It_stops_after_a_while_in_which_nobody_typed_or_asked()
    {
        World.TypingTo = Recorder.In(Sys);
        World.Participants.Set(new("room"), new UserId("ann"));
        World.Ask<TypingAccepted>(new SetTyping(new("room"), new(new("ann"), null, true, PrivacyRule.Default)));
        World.Advance(100);
        World.Ask<TypingIs>(new GetTyping(new("room"), null, new HashSet<UserId>()));
        World.Advance(100);
        World.Passivated.ShouldBeEmpty();
        World.Advance(60);
        World.Passivated.ShouldContain("room");
    }

    [Theory]
    [InlineData("nowhere", "eve")]
    [InlineData("room", "eve")]
    [InlineData("room", "ann")]
    public void Where_nobody_types_it_stops_a_few_seconds_after_it_was_asked_for(string room, string who)
    {
        World.TypingTo = Recorder.In(Sys);
        World.Participants.Set(new("room"), new UserId("ann"));
        World.Ask(new GetTyping(new(room), new(who), new HashSet<UserId>()));
        World.Counters.Conversations.ShouldBe(1);
        World.Advance(5.1);
        World.Passivated.ShouldContain(room);
        World.Counters.Conversations.ShouldBe(0);
    }

    [Fact]
    public void A_node_has_so_many_conversations_and_what_asks_for_one_more_is_refused_until_one_has_stopped()
    {
        Options = new() { Limits = new() { ConversationsPerNode = 1 } };
        World.TypingTo = Recorder.In(Sys);
        World.Participants.Set(new("room"), new UserId("ann"));
        World.Participants.Set(new("other"), new UserId("ann"));
        World.Ask<TypingIs>(new GetTyping(new("room"), new("ann"), new HashSet<UserId>()));

        PresenceWorld.IsUnavailable(World.Ask(new GetTyping(new("other"), new("ann"), new HashSet<UserId>()))).ShouldBeTrue();
        World.Passivated.ShouldContain("other", "one that is refused doesn't stay");
        World.Ask<TypingIs>(new GetTyping(new("room"), new("ann"), new HashSet<UserId>()));

        World.Advance(5.1);
        World.Ask<TypingIs>(new GetTyping(new("other"), new("ann"), new HashSet<UserId>()));
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
