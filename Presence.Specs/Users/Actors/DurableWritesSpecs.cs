using Presence.Actors.Users;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Users.Actors;

/// <summary>An acknowledgement means stored; without the journal everything but what must be stored goes on.</summary>
public sealed class DurableWritesSpecs : ActorSpec
{
    private readonly FakeHub _hub;

    public DurableWritesSpecs()
    {
        _hub = FakeHub.In(World);
    }

    [Fact]
    public void A_choice_is_acknowledged_only_after_the_journal_has_it()
    {
        World.Journal.Writes = JournalMood.Hangs;
        World.Choose("ann", OnlineStatus.Busy).ShouldBeNull();
        World.Own("ann").Owner!.SetStatus.ShouldBeNull();

        World.Asker.Forget();
        World.Journal.Release();
        World.Asker.Only<PresenceUpdated>().Own.Owner!.SetStatus.ShouldBe(OnlineStatus.Busy);
        World.Journal.SequenceOf(new("ann")).ShouldBe(1);
    }

    [Fact]
    public void Nothing_is_stored_where_nothing_changes()
    {
        World.Choose("ann", OnlineStatus.Busy);
        World.Choose("ann", OnlineStatus.Busy).ShouldBeOfType<PresenceUpdated>();
        World.Journal.SequenceOf(new("ann")).ShouldBe(1);

        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), PrivacyRule.Default));
        World.Journal.SequenceOf(new("ann")).ShouldBe(2, "it is her own now, whatever the server says later");
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), PrivacyRule.Default));
        World.Journal.SequenceOf(new("ann")).ShouldBe(2);
    }

    [Theory]
    [InlineData((int)JournalMood.Fails)]
    [InlineData((int)JournalMood.Rejects)]
    public void A_journal_that_fails_or_rejects_makes_choices_unavailable_at_once_and_recovers_by_itself(int mood)
    {
        _hub.Attach("ann", "phone");
        World.Journal.Writes = (JournalMood)mood;
        PresenceWorld.IsUnavailable(World.Choose("ann", OnlineStatus.Busy)).ShouldBeTrue();
        PresenceWorld
            .IsUnavailable(World.Ask(new SetPrivacy(new("ann"), new() { OnlineStatusVisibility = Visibility.Nobody })))
            .ShouldBeTrue();
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Online);

        World.Journal.Writes = JournalMood.Works;
        World.Choose("ann", OnlineStatus.Away).ShouldBeOfType<PresenceUpdated>().Own.OnlineStatus.ShouldBe(OnlineStatus.Away);
    }

    [Fact]
    public void A_journal_that_hangs_makes_choices_unavailable_within_two_seconds_each()
    {
        World.Journal.Writes = JournalMood.Hangs;
        for (var number = 1; number <= 5; number++)
        {
            World.AskNumbered(number, Busy(number));
            World.Advance(1);
        }

        // The first was asked 5 s ago, the fourth 2 s ago: each was answered in its own time, however many came after it.
        Enumerable.Range(1, 4).ShouldAllBe(number => PresenceWorld.IsUnavailable(World.AnswerTo(number)));
        World.AnswerTo(5).ShouldBeNull();
        World.Advance(1);
        PresenceWorld.IsUnavailable(World.AnswerTo(5)).ShouldBeTrue();
    }

    [Fact]
    public void While_the_journal_hangs_devices_and_reads_go_on()
    {
        _hub.Watch("ann");
        World.Journal.Writes = JournalMood.Hangs;
        World.Choose("ann", OnlineStatus.Busy).ShouldBeNull();
        var connection = _hub.Attach("ann", "phone");
        _hub.Heard("ann", "phone", connection, active: false);

        _hub.ToldOf("ann").ShouldBe(["offline", "online", "away"]);
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Away);
    }

    [Fact]
    public void A_choice_answered_unavailable_and_stored_later_is_adopted_and_told()
    {
        _hub.Attach("ann", "phone");
        _hub.Watch("ann");
        World.Journal.Writes = JournalMood.Hangs;
        World.AskNumbered(1, Busy(1));
        World.Advance(2);
        PresenceWorld.IsUnavailable(World.AnswerTo(1)).ShouldBeTrue();
        _hub.ToldOf("ann").ShouldBe(["online"]);

        World.Journal.Release();
        _hub.ToldOf("ann").ShouldBe(["online", "busy"]);
        World.Asker.Count<Answer>().ShouldBe(1);
    }

    [Fact]
    public void A_choice_whose_success_was_lost_is_adopted_with_the_next_choice()
    {
        _hub.Attach("ann", "phone");
        World.Journal.Writes = JournalMood.StoresAndFails;
        PresenceWorld.IsUnavailable(World.Choose("ann", OnlineStatus.Busy)).ShouldBeTrue();
        World.Journal.Writes = JournalMood.Works;

        var own = World.Choose("ann", null, "hello").ShouldBeOfType<PresenceUpdated>().Own;
        (own.OnlineStatus, own.CustomStatus).ShouldBe((OnlineStatus.Busy, "hello"));
    }

    [Fact]
    public void A_store_that_cannot_be_read_after_a_failure_makes_choices_unavailable_and_recovers_by_itself()
    {
        World.Journal.Writes = JournalMood.StoresAndFails;
        World.Own("ann");
        World.Store.Gate.IsDown = true;
        PresenceWorld.IsUnavailable(World.Choose("ann", OnlineStatus.Busy)).ShouldBeTrue();
        World.Journal.Writes = JournalMood.Works;
        PresenceWorld.IsUnavailable(World.Choose("ann", OnlineStatus.Away)).ShouldBeTrue();

        World.Store.Gate.IsDown = false;
        World.Choose("ann", null, "hello").ShouldBeOfType<PresenceUpdated>().Own.Owner!.SetStatus.ShouldBe(OnlineStatus.Busy);
    }

    [Fact]
    public void More_choices_than_may_wait_are_unavailable_at_once()
    {
        World.Journal.Writes = JournalMood.Hangs;
        for (var number = 1; number <= PendingWrites.Limit + 1; number++)
        {
            // A service's, for a user's own would be over the rate before.
            World.AskNumbered(number, Busy(number) with { ByService = true });
        }

        World.Asker.All<Answer>().ShouldHaveSingleItem().Number.ShouldBe(PendingWrites.Limit + 1);
        PresenceWorld.IsUnavailable(World.AnswerTo(PendingWrites.Limit + 1)).ShouldBeTrue();
        World.Journal.Release();
        World.Asker.All<Answer>().Count(answer => answer.Content is PresenceUpdated).ShouldBe(PendingWrites.Limit);
    }

    [Fact]
    public void The_profile_is_projected_and_a_choice_reads_no_journal_however_quiet_the_user_was()
    {
        World.Choose("ann", OnlineStatus.Busy);
        World.Advance(1);
        World.Store.Profiles[new("ann")].Sequence.ShouldBe(1);
        World.Store.Profiles[new("ann")].Profile.SetStatus.ShouldBe(OnlineStatus.Busy);

        World.Advance(TimeSpan.FromHours(1));
        World.Choose("ann", OnlineStatus.Away).ShouldBeOfType<PresenceUpdated>();
        World.Journal.Recoveries.ShouldBe(0);
        World.Journal.SequenceOf(new("ann")).ShouldBe(2);
    }

    [Fact]
    public void The_journal_is_cut_behind_the_projection()
    {
        for (var number = 1; number <= 5; number++)
        {
            World.Choose("ann", OnlineStatus.Busy, $"text {number}");
            World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new() { Blocked = [new($"eve-{number}")] }, ByService: true));
            World.Advance(1);
        }

        World.Journal.FactsOf(new("ann")).Count.ShouldBe(2);
        World.Journal.SequenceOf(new("ann")).ShouldBe(10);
        World.Kill("ann");
        World.Own("ann").CustomStatus.ShouldBe("text 5");
    }

    [Fact]
    public void More_bytes_of_rules_than_may_wait_are_unavailable_at_once()
    {
        World.Own("ann");
        World.Journal.Writes = JournalMood.Hangs;
        var blocked = Enumerable.Range(0, 1_500).Select(number => new UserId($"{number:000000}{new string('x', 120)}"));
        for (var number = 1; number <= 8; number++)
        {
            World.AskNumbered(number, new SetPrivacy(new("ann"), new() { Blocked = [.. blocked.Skip(number)] }, ByService: true));
        }

        World.AnswerTo(4).ShouldBeNull();
        PresenceWorld.IsUnavailable(World.AnswerTo(8)).ShouldBeTrue();
    }

    private static UpdatePresence Busy(long number) =>
        new(new("ann"), PresenceWorld.Update(OnlineStatus.Busy, $"text {number}"), null, null);
}
