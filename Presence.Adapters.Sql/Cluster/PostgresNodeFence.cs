using Presence.Core.Cluster;

namespace Presence.Adapters.Sql.Cluster;

/// <summary>The fence in the server: the table <c>fenced_nodes</c>, which a trigger reads before each write. It stands where the writes arrive, so a node that was asleep meanwhile can't know better.</summary>
internal sealed class PostgresNodeFence(Database database) : INodeFence
{
    private const string Insert = """
        insert into fenced_nodes (node, at) select value->>0, (extract(epoch from now()) * 1000000)::bigint from jsonb_array_elements(@rows::jsonb) as r(value)
        on conflict do nothing
        """;

    /// <summary>Granted when no transaction is left that wrote before the row above was there.</summary>
    private const string AwaitWriters = """
        select pg_advisory_xact_lock(hashtext('presence node'), hashtext(value->>0))
        from jsonb_array_elements(@rows::jsonb) as r(value) order by hashtext(value->>0)
        """;

    /// <summary>What a refused write fails with.</summary>
    public const string RefusedState = "PRF01";

    /// <inheritdoc/>
    public async Task ShutOut(IReadOnlyCollection<string> nodes, CancellationToken cancellation)
    {
        if (nodes.Count == 0)
        {
            return;
        }

        var rows = Dialect.RowsValue(nodes.Order(StringComparer.Ordinal).Select(node => new object?[] { node }));
        await database.Write(transaction => transaction.Execute(Insert, new { rows }, cancellation), cancellation);
        await database.Write(transaction => transaction.Execute(AwaitWriters, new { rows }, cancellation), cancellation);
    }
}
