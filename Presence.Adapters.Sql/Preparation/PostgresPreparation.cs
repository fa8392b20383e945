using System.Net.Sockets;
using Npgsql;
using Presence.Adapters.Sql.Migrations;
using Presence.Core.Cluster;

namespace Presence.Adapters.Sql;

/// <summary>Makes the server's database ready.</summary>
internal static class PostgresPreparation
{
    /// <summary>Any number; the same in all versions, so that nodes of two versions do not migrate at once.</summary>
    private const long MigrationLock = 7_236_850_283_744_191;

    /// <summary>Nothing of a node's life is left a week after it was taken for dead.</summary>
    private const string ForgetFencedNodes =
        "delete from fenced_nodes where at < (extract(epoch from now() - interval '7 days') * 1000000)::bigint";

    /// <summary>Reaches it, proves that it can be written, and migrates while no other node does.</summary>
    /// <exception cref="StoreStartException">It can't be used.</exception>
    public static async Task Prepare(StorageOptions options, NodeName node, CancellationToken cancellation)
    {
        var where = PostgresSettings.Describe(options);
        try
        {
            await using var source = NpgsqlDataSource.Create(PostgresSettings.ConnectionStringForMigrations(options));
            await using var connection = await source.OpenConnectionAsync(cancellation);
            await ProveWritable(connection, where, cancellation);
            await Execute(connection, $"select pg_advisory_lock({MigrationLock})", cancellation);
            // The lock belongs to this connection's session: it ends with it, also if this process is killed.
            await Task.Run(() => Migrator.Migrate(options), cancellation);
            await Execute(connection, ForgetFencedNodes, cancellation);
            await ProveNode(options, node, where, cancellation);
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or SocketException)
        {
            throw new StoreStartException(Line(failure, where), failure);
        }
    }

    private static async Task ProveWritable(NpgsqlConnection connection, string where, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "select current_setting('transaction_read_only')";
        if (await command.ExecuteScalarAsync(cancellation) is not "off")
        {
            throw new StoreStartException($"the {where} is read-only: name the primary server, not a standby");
        }
    }

    /// <summary>What a pooler leaves out of the startup nobody would miss until a node that was shut out writes on.</summary>
    private static async Task ProveNode(StorageOptions options, NodeName node, string where, CancellationToken cancellation)
    {
        var settings = new NpgsqlConnectionStringBuilder(PostgresSettings.ConnectionString(options, node))
        {
            Pooling = false,
            Timeout = 15,
        };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "select current_setting('presence.node', true)";
        if (await command.ExecuteScalarAsync(cancellation) as string != node.Value)
        {
            throw new StoreStartException(
                $"the {where} is not told which node writes: what stands before it leaves out the startup parameter 'options'; let it pass, or connect without it"
            );
        }
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static string Line(Exception failure, string where) =>
        failure switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
                $"the {where} does not exist: create it, or change Presence:Storage:ConnectionString",
            PostgresException
            {
                SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification
            } refused => $"the {where} refuses the user: {OneLine.Of(refused.MessageText)}; correct Presence:Storage:ConnectionString",
            PostgresException other => $"the {where} can't be used: {OneLine.Of(other.MessageText)}",
            _ => $"the {where} can't be reached: {OneLine.Of(failure.Message)}",
        };
}
