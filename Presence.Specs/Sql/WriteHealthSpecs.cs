using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Presence.Adapters.Sql;
using Presence.Core.Cluster;
using Presence.Core.Contacts;
using Presence.Core.Errors;

namespace Presence.Specs.Sql;

public sealed class WriteHealthOfSqliteSpecs() : WriteHealthSpecs(null)
{
    /// <summary>As a disk is to SQLite that has no room: it may add no page, and has none that is free.</summary>
    [SkippableFact]
    public async Task A_full_disk_is_noticed_by_the_write_that_fails_and_by_one_made_to_see()
    {
        var database = Store.Get<Database>();
        await database.Write(
            async transaction =>
            {
                await transaction.Execute("create table filler (x)", null, None);
                return 0;
            },
            None
        );
        await Should.ThrowAsync<StoreUnavailableException>(
            database.Write(
                async transaction =>
                {
                    await transaction.Execute("pragma max_page_count = 1", null, None);
                    return await transaction.Execute("insert into filler values (zeroblob(1000000))", null, None);
                },
                None
            )
        );
        database.Outcomes.Fails.ShouldBeTrue();
    }

    protected override DbConnection Other() => new SqliteConnection(Store.Options.ConnectionString + ";Pooling=false");

    protected override string TakeEverything => "begin immediate";
}

[Collection("postgres")]
public sealed class WriteHealthOfPostgresSpecs(PostgresServer server) : WriteHealthSpecs(server)
{
    [SkippableFact]
    public async Task A_server_that_has_become_read_only_fails_and_works_again_afterwards()
    {
        var health = Health();
        (await health.Check()).ShouldBe(WriteHealth.Works);
        await Set("on");
        await Should.ThrowAsync<StoreUnavailableException>(Store.Get<IContactDirectory>().Add(User("a"), User("b"), None));
        Time.Advance(TimeSpan.FromSeconds(1));
        (await health.Check()).ShouldBe(WriteHealth.Fails);

        await Set("off");
        await WorksSoon(health);
    }

    [SkippableFact]
    public async Task A_node_that_was_shut_out_knows_that_it_is_this_node_alone()
    {
        await Store.Get<INodeFence>().ShutOut([Store.Get<NodeName>().Value], None);
        await Should.ThrowAsync<StoreUnavailableException>(Store.Get<IContactDirectory>().Add(User("a"), User("b"), None));
        Store.Get<Database>().Outcomes.Within(TimeSpan.FromMinutes(1)).ShouldBe(WriteHealth.ShutOut);
    }

    protected override DbConnection Other() => new NpgsqlConnection(Store.Options.ConnectionString + ";Pooling=false");

    protected override string TakeEverything => "begin; lock table secrets in exclusive mode";

    private async Task Set(string value)
    {
        await using var other = Other();
        await other.OpenAsync();
        await using var command = other.CreateCommand();
        // A statement of its own: it holds for transactions that begin after it.
        command.CommandText = "set default_transaction_read_only = off";
        await command.ExecuteNonQueryAsync();
        command.CommandText = $"""
            do $$ begin execute format('alter database %I set default_transaction_read_only = {value}', current_database()); end $$;
            """;
        await command.ExecuteNonQueryAsync();
        // The setting is that of connections made from now on.
        command.CommandText =
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>How a node knows that nothing can be stored.</summary>
public abstract class WriteHealthSpecs(PostgresServer? server) : StoreSpecs(server)
{
    protected FakeTimeProvider Time { get; } = new();

    protected abstract string TakeEverything { get; }

    protected abstract DbConnection Other();

    private protected SqlWriteHealth Health() => new(Store.Get<Database>(), Time);

    [SkippableFact]
    public async Task While_nobody_can_write_it_fails_and_works_again_afterwards()
    {
        var health = Health();
        await using (var other = Other())
        {
            await other.OpenAsync();
            await using var command = other.CreateCommand();
            command.CommandText = TakeEverything;
            await command.ExecuteNonQueryAsync();
            Store.Get<Database>().Outcomes.Fails.ShouldBeFalse();
            (await Store.Get<ISecretStore>().Secret("any", None).ContinueWith(write => write.IsFaulted)).ShouldBeTrue();
            (await health.Check()).ShouldBe(WriteHealth.Fails);
            Store.Get<Database>().Outcomes.Fails.ShouldBeTrue();
        }

        await WorksSoon(health);
    }

    [SkippableFact]
    public async Task One_write_a_second_is_made_however_many_ask_and_none_where_one_has_just_succeeded()
    {
        await using var database = Database.Of(Store.Options, NodeName.New(), Time);
        var health = new SqlWriteHealth(database, Time);
        var asked = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => health.Check()));
        asked.ShouldAllBe(answer => answer == WriteHealth.Works);
        var before = await Probe();
        before.ShouldNotBeNull();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => health.Check()));
        Time.Advance(TimeSpan.FromSeconds(2));
        await health.Check();
        (await Probe()).ShouldBe(before, "the write before says enough");
        Time.Advance(TimeSpan.FromSeconds(3));
        await health.Check();
        (await Probe()).ShouldNotBe(before);
    }

    /// <summary>A connection that was closed, and a file that was found locked, are tried again after a moment.</summary>
    private protected async Task WorksSoon(SqlWriteHealth health)
    {
        for (var tries = 0; tries < 100 && await health.Check() != WriteHealth.Works; tries++)
        {
            await Task.Delay(100);
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        (await health.Check()).ShouldBe(WriteHealth.Works);
    }

    private async Task<byte[]?> Probe()
    {
        await using var other = Other();
        await other.OpenAsync();
        await using var command = other.CreateCommand();
        command.CommandText = "select secret from secrets where name = 'write-probe'";
        return (byte[]?)await command.ExecuteScalarAsync();
    }
}
