using Npgsql;

namespace Presence.Specs.Sql;

[Collection("postgres")]
public sealed class PostgresServerSpecs(PostgresServer server)
{
    [SkippableFact]
    public async Task The_database_of_the_specs_takes_a_table_and_gives_it_back()
    {
        Skip.If(server.SkipReason is not null, server.SkipReason);

        await using var database = NpgsqlDataSource.Create(server.ConnectionString!);
        await using var command = database.CreateCommand("create temp table t (n int); insert into t values (42); select n from t");

        (await command.ExecuteScalarAsync()).ShouldBe(42);
    }
}
