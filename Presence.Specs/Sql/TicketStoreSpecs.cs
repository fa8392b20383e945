using Presence.Core.Errors;
using Presence.Core.Identity;

namespace Presence.Specs.Sql;

public sealed class TicketsInSqliteSpecs() : TicketStoreSpecs(null);

[Collection("postgres")]
public sealed class TicketsInPostgresSpecs(PostgresServer server) : TicketStoreSpecs(server);

/// <summary>What every store of tickets does.</summary>
public abstract class TicketStoreSpecs(PostgresServer? server) : StoreSpecs(server)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private ITicketStore Store2 => Store.Get<ITicketStore>();

    [SkippableFact]
    public async Task A_ticket_is_taken_once_as_it_was_kept()
    {
        var grant = new Grant
        {
            Subject = User("issuer"),
            TokenId = "t-1 é",
            IssuedAt = Now.AddSeconds(-7),
            ExpiresAt = Now.AddMinutes(5),
            MayWrite = false,
        };
        var full = Of("full") with { Device = new("phone"), Grant = grant };
        var bare = Of("bare") with
        {
            Grant = new() { ExpiresAt = Now.AddMinutes(1), MayRead = false },
        };
        var none = Of("none");

        foreach (var ticket in new[] { full, bare, none })
        {
            (await Store2.Save(ticket, None)).ShouldBeTrue();
            (await Store2.Take(ticket.Hash, None)).ShouldBe(ticket);
            (await Store2.Take(ticket.Hash, None)).ShouldBeNull();
        }

        (await Store2.Take("unknown", None)).ShouldBeNull();
    }

    [SkippableFact]
    public async Task Of_a_thousand_who_bring_one_at_once_on_several_nodes_one_gets_it()
    {
        await using var other = Store.Services(Core.Cluster.NodeName.New());
        var stores = new[] { Store2, (ITicketStore)other.GetService(typeof(ITicketStore))! };
        await Store2.Save(Of("wanted"), None);

        var taken = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(number => Task.Run(() => TakeWanted(stores[number % 2]))));

        taken.Count(got => got).ShouldBe(1);
        (await Store2.Take("wanted", None)).ShouldBeNull();
    }

    [SkippableFact]
    public async Task Expired_ones_are_forgotten_as_new_ones_come()
    {
        await Store.Execute("insert into tickets (hash, user_id, made_at, expires_at) values ('old', 'a', 0, 1), ('older', 'b', 0, 1)");

        await Store2.Save(Of("new"), None);

        (await Store.Query("select hash from tickets")).ShouldBe(["new"]);
    }

    [SkippableFact]
    public async Task A_user_may_have_so_many_and_no_more_and_others_are_not_held_up()
    {
        var number = Store.Options.IsPostgreSql ? "generate_series(1, 999) as s(value)" : "generate_series(1, 999) as s";
        var rows = Store.Options.IsPostgreSql
            ? number
            : "(with recursive s(value) as (select 1 union all select value + 1 from s where value < 999) select value from s) as s";
        await Store.Execute(
            $"insert into tickets (hash, user_id, made_at, expires_at) select 'h' || s.value, 'a', 0, {long.MaxValue} from {rows} where true"
        );

        (await Store2.Save(Of("last"), None)).ShouldBeTrue();
        (await Store2.Save(Of("over"), None)).ShouldBeFalse();
        (await Store2.Save(Of("other") with { User = User("b") }, None)).ShouldBeTrue();
        (await Store2.Take("over", None)).ShouldBeNull();
        (await Store2.Take("last", None)).ShouldNotBeNull();
        (await Store2.Save(Of("again"), None)).ShouldBeTrue();
    }

    private static Ticket Of(string hash) => new(hash, User("a"), null, null, Now, Now + Tickets.Life);

    /// <summary>Who is told that the store is out of reach has not got it.</summary>
    private static async Task<bool> TakeWanted(ITicketStore store)
    {
        try
        {
            return await store.Take("wanted", None) is not null;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }
}
