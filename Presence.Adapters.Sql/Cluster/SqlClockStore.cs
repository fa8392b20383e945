using Dapper;
using Presence.Core.Cluster;

namespace Presence.Adapters.Sql.Cluster;

/// <summary>The mark in the one row of the table <c>shared_clock</c>, with the time of the store at which it was raised.</summary>
internal sealed class SqlClockStore(Database database) : IClockStore
{
    /// <summary>What was given out between the last mark and the end of the one that raised it, should the store's clock have been set back since.</summary>
    private const long UpToTheEnd = 10_000_000;

    private readonly string _select = $"""
        select mark + case when {database.Dialect.Now} >= raised_at then {database.Dialect.Now} - raised_at else {UpToTheEnd} end from shared_clock
        """;

    private readonly string _upsert = $"""
        insert into shared_clock (id, mark, raised_at) values (1, @mark, {database.Dialect.Now})
        on conflict (id) do update set mark = excluded.mark, raised_at = excluded.raised_at where shared_clock.mark < excluded.mark
        """;

    /// <inheritdoc/>
    public Task<long> Read(CancellationToken cancellation) =>
        database.Read(
            connection => connection.ExecuteScalarAsync<long>(new CommandDefinition(_select, cancellationToken: cancellation)),
            cancellation
        );

    /// <inheritdoc/>
    public Task Raise(long mark, CancellationToken cancellation) =>
        database.Write(transaction => transaction.Execute(_upsert, new { mark }, cancellation), cancellation);
}
