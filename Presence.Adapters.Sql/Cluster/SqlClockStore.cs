using Dapper;
using Presence.Core.Cluster;

namespace Presence.Adapters.Sql.Cluster;

/// <summary>The mark in the one row of the table <c>shared_clock</c>.</summary>
internal sealed class SqlClockStore(Database database) : IClockStore
{
    private const string Select = "select coalesce(max(mark), 0) from shared_clock";

    private const string Upsert = """
        insert into shared_clock (id, mark) values (1, @mark)
        on conflict (id) do update set mark = excluded.mark where shared_clock.mark < excluded.mark
        """;

    /// <inheritdoc/>
    public Task<long> Mark(CancellationToken cancellation) =>
        database.Read(
            connection => connection.ExecuteScalarAsync<long>(new CommandDefinition(Select, cancellationToken: cancellation)),
            cancellation
        );

    /// <inheritdoc/>
    public Task Raise(long mark, CancellationToken cancellation) =>
        database.Write(transaction => transaction.Execute(Upsert, new { mark }, cancellation), cancellation);
}
