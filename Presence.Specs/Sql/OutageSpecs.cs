using System.Data.Common;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Npgsql;
using Presence.Core.Contacts;
using Presence.Core.Errors;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Specs.Sql;

public sealed class OutageOfSqliteSpecs() : OutageSpecs(null)
{
    protected override DbConnection Other() => new SqliteConnection(Store.Options.ConnectionString + ";Pooling=false");

    protected override string TakeEverything => "begin immediate";
}

[Collection("postgres")]
public sealed class OutageOfPostgresSpecs(PostgresServer server) : OutageSpecs(server)
{
    protected override DbConnection Other() => new NpgsqlConnection(Store.Options.ConnectionString + ";Pooling=false");

    protected override string TakeEverything =>
        "begin; lock table journal, users, devices, contacts, participants, events in exclusive mode";

    [SkippableFact]
    public async Task Connections_that_the_server_closed_are_replaced()
    {
        await Store.Get<IContactDirectory>().Add(User("a"), User("b"), None);
        await using var other = Other();
        await other.OpenAsync();
        await using var command = other.CreateCommand();
        command.CommandText =
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
        await command.ExecuteNonQueryAsync();

        await Should.ThrowAsync<StoreUnavailableException>(Store.Get<IContactDirectory>().Load(Users("a"), None));

        (await Store.Get<IContactDirectory>().Load(Users("a"), None)).Count.ShouldBe(1);
    }
}

/// <summary>What happens while another writer, who does not let go, has the store; and afterwards.</summary>
public abstract class OutageSpecs(PostgresServer? server) : StoreSpecs(server)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    /// <summary>For many at once, on a machine with few cores: that their waits do not add up.</summary>
    private static readonly TimeSpan Storm = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(10);

    protected abstract string TakeEverything { get; }

    protected abstract DbConnection Other();

    [SkippableFact]
    public async Task Writes_fail_within_two_seconds_and_succeed_afterwards()
    {
        var contacts = Store.Get<IContactDirectory>();
        await using (await Taken())
        {
            await AllFailSoon(Enumerable.Range(0, 8).Select(number => (Task)contacts.Add(User("a"), User($"b{number}"), None)));
        }

        await Eventually(() => contacts.Add(User("a"), User("b"), None));
        (await contacts.Load(Users("a"), None))[User("a")].ShouldBe(Users("b"));
    }

    [SkippableFact]
    public async Task An_event_is_not_taken_and_those_that_wait_can_be_read()
    {
        var events = Store.Get<IEventStore>();
        var now = DateTimeOffset.UnixEpoch;
        var posted = new PostedEvent(new("e1"), "note", new("{}"), null, now, now.AddDays(1), Durable: true);
        await events.Append(posted, Users("a"), 100, None);
        await using (await Taken())
        {
            await AllFailSoon(
                Enumerable.Range(0, 8).Select(number => (Task)events.Append(posted with { Id = new($"f{number}") }, Users("a"), 100, None))
            );
            (await events.Pending(Users("a"), now, None))[User("a")].ShouldBe([posted]);
        }

        await Eventually(() => events.Acknowledge([new(User("a"), new("e1"))], None));
        (await events.Pending(Users("a"), now, None)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Reads_go_on()
    {
        await using var journal = await JournalHost.Start(Store.Options);
        await journal.Write("user-a", "one");
        await Store.Get<IContactDirectory>().Add(User("a"), User("b"), None);
        await using (await Taken())
        {
            (await journal.Read("user-a")).ShouldBe("one");
            (await Store.Get<IContactDirectory>().Load(Users("a"), None)).Count.ShouldBe(1);
            (await Store.Get<IUserStore>().Load(Users("a"), None))[User("a")].JournalSequence.ShouldBe(1);
        }
    }

    [SkippableFact]
    public async Task Journal_writes_fail_within_two_seconds_and_succeed_soon_afterwards()
    {
        await using var journal = await JournalHost.Start(Store.Options);
        await journal.Write("user-a", "before");
        await using (await Taken())
        {
            await NoneIsStored(journal, 1, Soon);
            await NoneIsStored(journal, 250, Storm);
        }

        await Eventually(async () => (await journal.Write("user-b", "after")).ShouldBeNull());

        (await journal.Read("user-a")).ShouldBe("before");
    }

    private static async Task NoneIsStored(JournalHost journal, int writes, TimeSpan limit)
    {
        var stored = await Task.WhenAll(
            Enumerable
                .Range(0, writes)
                .Select(async number =>
                {
                    var clock = Stopwatch.StartNew();
                    return (Failure: await journal.Write("user-a" + number, "x"), clock.Elapsed);
                })
        );
        stored.ShouldAllBe(write => write.Failure != null);
        stored.Max(write => write.Elapsed).ShouldBeLessThan(limit);
    }

    private static async Task Eventually(Func<Task> attempt)
    {
        var clock = Stopwatch.StartNew();
        while (await Record.ExceptionAsync(attempt) is { } failure)
            clock.Elapsed.ShouldBeLessThan(Recovery, failure.Message);
    }

    private static async Task AllFailSoon(IEnumerable<Task> writes)
    {
        var clock = Stopwatch.StartNew();
        foreach (var write in writes.ToList())
            await Should.ThrowAsync<StoreUnavailableException>(write);

        clock.Elapsed.ShouldBeLessThan(Soon);
    }

    /// <summary>Another connection that has all locks until it is disposed.</summary>
    private async Task<DbConnection> Taken()
    {
        var other = Other();
        await other.OpenAsync();
        await using var command = other.CreateCommand();
        command.CommandText = TakeEverything;
        await command.ExecuteNonQueryAsync();
        return other;
    }
}
