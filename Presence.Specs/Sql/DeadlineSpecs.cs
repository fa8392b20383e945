using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Presence.Adapters.Sql;
using Presence.Core.Cluster;
using Presence.Core.Contacts;
using Presence.Core.Errors;

namespace Presence.Specs.Sql;

/// <summary>Reads and writes of a store that does not answer, by a clock of the spec's own: the drivers' timeouts, which go by the real one, have not even passed.</summary>
[Collection("postgres")]
public sealed class DeadlineSpecs(PostgresServer server) : StoreSpecs(server)
{
    private readonly FakeTimeProvider _clock = new();

    [SkippableFact]
    public async Task All_fail_at_the_deadline_also_those_that_wait_for_a_connection_and_none_is_written_later()
    {
        await using var stores = new ServiceCollection()
            .AddSingleton<TimeProvider>(_clock)
            .AddSqlStore(Store.Options, NodeName.New())
            .BuildServiceProvider();
        var contacts = stores.GetRequiredService<IContactDirectory>();
        await using var other = new Npgsql.NpgsqlConnection(Store.Options.ConnectionString + ";Pooling=false");
        await other.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using var command = new Npgsql.NpgsqlCommand("lock table contacts in access exclusive mode", other, transaction);
        await command.ExecuteNonQueryAsync();

        // More than there are connections.
        var writes = Enumerable.Range(0, 60).Select(number => contacts.Add(User("a"), User($"b{number}"), None)).ToList();
        var read = contacts.Load(Users("a"), None);
        _clock.Advance(Database.Deadline);

        foreach (var work in writes.Append<Task>(read))
        {
            (await Should.ThrowAsync<StoreUnavailableException>(work)).Message.ShouldContain("within 1.5 s");
        }

        await transaction.RollbackAsync();
        await Store.Eventually(
            "select 1 where not exists (select from pg_stat_activity where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid())"
        );
        (await Store.Get<IContactDirectory>().Load(Users("a"), None)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Long_lists_have_longer()
    {
        await using var stores = new ServiceCollection()
            .AddSingleton<TimeProvider>(_clock)
            .AddSqlStore(Store.Options, NodeName.New())
            .BuildServiceProvider();
        var many = Enumerable.Range(0, 5_000).Select(number => User($"b{number}")).ToList();

        var write = stores.GetRequiredService<IContactDirectory>().Replace([new(User("a"), many)], None);
        _clock.Advance(Database.Deadline);
        await write;

        (await Store.Query("select count(*) from contacts")).ShouldBe(["10000"]);
    }
}
