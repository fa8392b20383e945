using Npgsql;
using Presence.Core.Cluster;

namespace Presence.Adapters.Sql;

/// <summary>How the server is reached.</summary>
internal static class PostgresSettings
{
    /// <summary>How long a connect, and how long a statement, may take, in seconds. Each under the 2 s in which a store out of reach must show.</summary>
    public const int Seconds = 1;

    /// <summary>Connections of the stores, and as many again of the journal: two nodes stay within a server's usual 100.</summary>
    private const int PoolSize = 20;

    /// <summary>After so long it is asked again which of several hosts is the primary, and whether one that was down is back.</summary>
    private const int HostRecheckSeconds = 2;

    /// <summary>The connection string for use: with the timeouts, and with the node's name, by which the server refuses the writes of one that was shut out.</summary>
    public static string ConnectionString(StorageOptions options, NodeName node)
    {
        var settings = new NpgsqlConnectionStringBuilder(Reachable(options))
        {
            CommandTimeout = Seconds,
            // After a timeout, do not wait for the server to confirm the cancellation: it may be gone. The connection is given up instead.
            CancellationTimeout = -1,
        };
        // The server is to give up too: neither a statement nor a transaction goes on, with its locks, after whoever began it.
        settings.Options =
            $"{settings.Options} -c presence.node={node.Value} -c statement_timeout={Seconds}s -c idle_in_transaction_session_timeout={2 * Seconds}s".Trim();
        // Not ContainsKey: that is true of every keyword there is.
        if (!settings.ShouldSerialize("Maximum Pool Size"))
        {
            settings.MaxPoolSize = Math.Max(PoolSize, settings.MinPoolSize);
        }

        return settings.ConnectionString;
    }

    /// <summary>The connection string for changing tables, which takes as long as it takes. A start has a moment longer to find the server than a request, and is refused within 3 s all the same.</summary>
    public static string ConnectionStringForMigrations(StorageOptions options) =>
        new NpgsqlConnectionStringBuilder(Reachable(options))
        {
            CommandTimeout = 0,
            Pooling = false,
            Timeout = 2,
        }.ConnectionString;

    /// <summary>The same once the server is known to be there: several nodes that start at once may keep a small machine busy for longer than a second.</summary>
    public static string ConnectionStringForScripts(StorageOptions options) =>
        new NpgsqlConnectionStringBuilder(ConnectionStringForMigrations(options)) { Timeout = 15 }.ConnectionString;

    /// <summary>Server and database, for people.</summary>
    public static string Describe(StorageOptions options)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        return $"PostgreSQL database {settings.Database ?? settings.Username} at {settings.Host}:{settings.Port}";
    }

    private static string Reachable(StorageOptions options)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString) { Timeout = Seconds };
        if (settings.Host!.Contains(','))
        {
            settings.TargetSessionAttributes ??= "primary";
            settings.HostRecheckSeconds = HostRecheckSeconds;
        }

        return settings.ConnectionString;
    }
}
