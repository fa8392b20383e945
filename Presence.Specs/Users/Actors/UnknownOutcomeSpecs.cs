using Presence.Actors.Users;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Users.Actors;

/// <summary>A write whose outcome is unknown: nothing is acknowledged on the strength of what the entity remembers.</summary>
public sealed class UnknownOutcomeSpecs : ActorSpec
{
    private static readonly UserId Ann = new("ann");

    private static readonly PrivacyRule Blocking = new() { Blocked = [new("eve")] };

    [Fact]
    public void What_was_acknowledged_after_a_timeout_is_what_is_stored()
    {
        Set(Blocking).ShouldBeOfType<PrivacyIs>();
        World.Journal.Writes = JournalMood.Hangs;
        Set(PrivacyRule.Default).ShouldBeNull();
        World.Advance(2);

        World.AskNumbered(1, new SetPrivacy(Ann, Blocking));
        World.Journal.Release();
        World.AnswerTo(1).ShouldBe(new PrivacyIs(Blocking));

        World.Kill("ann");
        World.Ask<PrivacyIs>(new GetPrivacy(Ann)).Rule.ShouldBe(Blocking);
        StoredRule().ShouldBe(Blocking);
    }

    [Theory]
    [InlineData((int)JournalMood.StoresAndFails)]
    [InlineData((int)JournalMood.Fails)]
    [InlineData((int)JournalMood.Rejects)]
    public void What_was_acknowledged_after_a_failure_is_what_is_stored(int mood)
    {
        Set(Blocking).ShouldBeOfType<PrivacyIs>();
        World.Journal.Writes = (JournalMood)mood;
        PresenceWorld.IsUnavailable(Set(PrivacyRule.Default)).ShouldBeTrue();

        World.Journal.Writes = JournalMood.Works;
        Set(Blocking).ShouldBe(new PrivacyIs(Blocking));

        StoredRule().ShouldBe(Blocking);
    }

    [Fact]
    public void What_is_stored_late_is_adopted_with_no_further_choice()
    {
        World.Own("ann");
        World.Journal.Writes = JournalMood.Fails;
        PresenceWorld.IsUnavailable(World.Choose("ann", OnlineStatus.Busy)).ShouldBeTrue();
        World.Journal.Append(Ann, new StatusChosen(OnlineStatus.Busy, "late", null, null, null, World.Now));
        World.Own("ann").CustomStatus.ShouldBeNull();

        World.Advance(6);

        World.Own("ann").CustomStatus.ShouldBe("late");
    }

    [Fact]
    public void A_choice_in_the_place_of_one_stored_late_is_refused_and_the_next_one_goes_on_from_it()
    {
        World.Own("ann");
        World.Journal.Writes = JournalMood.Fails;
        World.Choose("ann", OnlineStatus.Busy);
        World.Journal.Writes = JournalMood.Works;
        World.Journal.Append(Ann, new StatusChosen(OnlineStatus.Busy, "late", null, null, null, World.Now));

        PresenceWorld.IsUnavailable(World.Choose("ann", OnlineStatus.Away)).ShouldBeTrue();

        var own = World.Choose("ann", OnlineStatus.Away).ShouldBeOfType<PresenceUpdated>().Own;
        own.CustomStatus.ShouldBe("late");
        World.Journal.SequenceOf(Ann).ShouldBe(2);
    }

    [Fact]
    public void What_was_read_before_the_user_was_erased_is_not_adopted_afterwards()
    {
        World.Choose("ann", OnlineStatus.Busy, "a secret");
        World.Store.Gate.Hold();
        World.Journal.Writes = JournalMood.Fails;
        World.Choose("ann", OnlineStatus.Away);
        World.Journal.Writes = JournalMood.Works;

        World.Ask(new EraseUser(Ann));
        World.Store.Gate.Release();
        World.Advance(10);

        World.Own("ann").CustomStatus.ShouldBeNull();
        World.Store.Profiles.ShouldBeEmpty();
    }

    [Fact]
    public void An_entity_that_is_told_to_stop_stops_when_the_journal_has_answered()
    {
        World.Own("ann");
        World.Journal.Writes = JournalMood.Hangs;
        World.AskNumbered(1, Busy);
        World.Entity("ann").Tell(StopUser.Instance, Akka.Actor.ActorRefs.NoSender);
        World.AnswerTo(1).ShouldBeNull();
        World.EntityOrNobody("ann", World.Users).ShouldNotBe(Akka.Actor.ActorRefs.Nobody);

        World.Asker.Forget();
        World.Journal.Release();

        World.AnswerTo(1).ShouldBeOfType<PresenceUpdated>();
        World.EntityOrNobody("ann", World.Users).ShouldBe(Akka.Actor.ActorRefs.Nobody);
        World.Own("ann").Owner!.SetStatus.ShouldBe(OnlineStatus.Busy);
    }

    [Fact]
    public void An_entity_that_is_told_to_stop_does_not_wait_long_for_a_journal_that_hangs()
    {
        World.Own("ann");
        World.Journal.Writes = JournalMood.Hangs;
        World.AskNumbered(1, Busy);
        World.Entity("ann").Tell(StopUser.Instance, Akka.Actor.ActorRefs.NoSender);

        World.Advance(1.9);
        PresenceWorld.IsUnavailable(World.AnswerTo(1)).ShouldBeTrue();
        World.Advance(0.2);

        World.EntityOrNobody("ann", World.Users).ShouldBe(Akka.Actor.ActorRefs.Nobody);
    }

    [Fact]
    public void What_an_earlier_entity_stored_after_this_one_was_loaded_shows_soon()
    {
        var hub = FakeHub.In(World);
        hub.Attach("ann", "phone");
        hub.Watch("ann", known: new KnownUntil(Epoch: 1, Version: 0, Seen: 0, Online: false));
        World.Journal.Append(Ann, new StatusChosen(OnlineStatus.Busy, "late", null, null, null, World.Now));

        World.Advance(6);

        hub.ToldOf("ann").ShouldBe(["online", "busy"]);
        World.Own("ann").CustomStatus.ShouldBe("late");
    }

    private static UpdatePresence Busy => new(Ann, PresenceWorld.Update(OnlineStatus.Busy), null, null);

    private object? Set(PrivacyRule rule) => World.Ask(new SetPrivacy(Ann, rule, ByService: true));

    private PrivacyRule StoredRule() => World.Journal.FactsOf(Ann).OfType<PrivacyChosen>().Last().Rule;
}
