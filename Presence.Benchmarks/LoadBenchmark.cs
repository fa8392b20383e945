using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Presence.Adapters.Sql;
using Presence.Adapters.Sql.Users;
using Presence.Core.Users;

namespace Presence.Benchmarks;

/// <summary>Ten thousand users who come at once: loaded in batches, each batch one query over profiles and journal.</summary>
internal static class LoadBenchmark
{
    private const int Users = 10_000;
    private const int UsersPerQuery = 500;
    private const int EventsPerUser = 5;
    private const int Rounds = 5;

    /// <summary>Fills the store, then loads from it, several times; tells the last.</summary>
    public static async Task Load(IServiceProvider services)
    {
        var store = services.GetRequiredService<IUserStore>();
        var users = Enumerable.Range(0, Users).Select(number => new UserId($"user-{number}")).ToArray();
        await Fill(services, store, users);
        var elapsed = TimeSpan.Zero;
        for (var round = 0; round < Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            foreach (var some in users.Chunk(UsersPerQuery))
            {
                await store.Load(some, CancellationToken.None);
            }

            elapsed = clock.Elapsed;
        }

        Console.Write($"{Users:N0} users in {elapsed.TotalMilliseconds:N0} ms, {Users / elapsed.TotalSeconds:N0} users/s; ");
    }

    private static async Task Fill(IServiceProvider services, IUserStore store, UserId[] users)
    {
        var now = DateTimeOffset.UtcNow;
        var profile = new Profile
        {
            CustomStatus = "back on Monday",
            Activity = "in_a_call",
            ChosenAt = now,
        };
        await store.Save(
            new(
                [.. users.Select(user => new ProfileProjection(user, profile, EventsPerUser))],
                [.. users.Select(user => new LastSeen(user, now, true))],
                []
            ),
            default
        );
        var database = services.GetRequiredService<Database>();
        var sql = $"""
            insert into journal (created, deleted, persistence_id, sequence_number, message)
            select 0, false, value->>0, cast(value->>1 as bigint), '' from {database.Dialect.Rows}
            """;
        var rows = users.SelectMany(user =>
            Enumerable.Range(1, EventsPerUser).Select(number => new object?[] { SqlUserStore.PersistenceIdPrefix + user, number })
        );
        await database.Write(transaction => transaction.ExecuteRows(sql, rows, default), default);
    }
}
