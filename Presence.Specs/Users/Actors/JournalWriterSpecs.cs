using Akka.Actor;
using Presence.Actors.Users;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Users.Actors;

/// <summary>Many users' facts go into the journal together, and one user's trouble is not another's.</summary>
public sealed class JournalWriterSpecs : ActorSpec
{
    private static readonly StatusChosen Fact = new(OnlineStatus.Busy, null, null, null, null, DateTimeOffset.UnixEpoch);

    [Fact]
    public void While_one_write_is_under_way_those_of_all_others_are_gathered_into_the_next()
    {
        World.Journal.Writes = JournalMood.Hangs;
        WriteAll("a", "b", "c", "d", "e", "f");
        World.Journal.Release();

        World.Journal.Written.ShouldBe([1, 5]);
        Outcomes().ShouldAllBe(outcome => outcome == WriteOutcome.Stored);
    }

    [Fact]
    public void A_sequence_number_that_is_taken_fails_its_user_alone()
    {
        World.Journal.Append(new("d"), Fact);
        World.Journal.Writes = JournalMood.Hangs;
        WriteAll("a", "b", "c", "d", "e", "f", "g", "h", "i");
        World.Journal.Release();

        Users().Where(user => World.Journal.FactsOf(user).Count != 1).ShouldBeEmpty();
        OutcomeOf(4).ShouldBe(WriteOutcome.Unknown);
        Outcomes().Count(outcome => outcome == WriteOutcome.Stored).ShouldBe(8);
    }

    [Fact]
    public void A_store_that_fails_is_not_tried_for_each_user()
    {
        World.Journal.Writes = JournalMood.Hangs;
        WriteAll([.. Enumerable.Range(0, 65).Select(number => $"user-{number}")]);
        World.Journal.Release(JournalMood.Fails);

        Outcomes().Count.ShouldBe(65);
        Outcomes().ShouldAllBe(outcome => outcome == WriteOutcome.Unknown);
        // The first, the other 64, and two halves of each size.
        World.Journal.Written.Count.ShouldBeLessThanOrEqualTo(2 + (2 * 6));
    }

    [Fact]
    public void Two_writes_of_one_user_do_not_meet_in_one_transaction()
    {
        World.Journal.Writes = JournalMood.Hangs;
        WriteAll("a", "b", "b", "c");
        World.Journal.Release();

        World.Journal.Written.ShouldBe([1, 2, 1]);
        Outcomes().ShouldBe([WriteOutcome.Stored, WriteOutcome.Stored, WriteOutcome.Stored, WriteOutcome.Unknown], ignoreOrder: true);
    }

    [Fact]
    public void What_has_waited_for_too_long_is_not_written()
    {
        World.Journal.Writes = JournalMood.Hangs;
        WriteAll("a", "b");
        World.Advance(2);
        World.Journal.Release();

        OutcomeOf(2).ShouldBe(WriteOutcome.NotStored);
        World.Journal.SequenceOf(new("b")).ShouldBe(0);
    }

    [Fact]
    public void A_journal_that_never_answers_is_waited_for_no_longer_than_its_own_limits()
    {
        World.Journal.Writes = JournalMood.Hangs;
        WriteAll("a");
        World.Advance(9);
        OutcomeOf(1).ShouldBe(WriteOutcome.Unknown);

        World.Journal.Writes = JournalMood.Works;
        WriteAll("b");
        World.Journal.SequenceOf(new("b")).ShouldBe(1);
    }

    [Fact]
    public void A_transaction_has_a_bound_in_bytes()
    {
        World.Journal.Writes = JournalMood.Hangs;
        var rule = new PrivacyChosen(
            new() { Blocked = [.. Enumerable.Range(0, 4_000).Select(number => new UserId($"{number:000000}{new string('x', 90)}"))] },
            DateTimeOffset.UnixEpoch
        );
        WriteAll("a");
        foreach (var user in new[] { "b", "c", "d", "e" })
        {
            Write(user, rule);
        }

        World.Journal.Release();

        World.Journal.Written.ShouldBe([1, 2, 2]);
    }

    [Fact]
    public void Who_waits_is_told_when_the_writer_ends()
    {
        World.Journal.Writes = JournalMood.Hangs;
        WriteAll("a", "b");
        World.JournalWriter.Tell(PoisonPill.Instance, ActorRefs.NoSender);

        OutcomeOf(1).ShouldBe(WriteOutcome.Unknown);
        OutcomeOf(2).ShouldBe(WriteOutcome.NotStored);
    }

    private readonly List<UserId> _users = [];

    private List<UserId> Users() => _users;

    private void WriteAll(params string[] users)
    {
        foreach (var user in users)
        {
            Write(user, Fact);
        }
    }

    private void Write(string user, IProfileFact fact)
    {
        _users.Add(new(user));
        World.JournalWriter.Tell(new WriteFacts(new(user), _users.Count, 0, [fact]), World.Asker.Ref);
    }

    private List<WriteOutcome> Outcomes() => [.. World.Asker.All<FactsWritten>().Select(written => written.Outcome)];

    private WriteOutcome OutcomeOf(long write) => World.Asker.All<FactsWritten>().Single(written => written.Write == write).Outcome;
}
