using Npgsql;
using Presence.Core.Cluster;

namespace Presence.Adapters.Sql;

/// <summary>How the server is reached.</summary>
internal static class PostgresSettings
{
    /// <summary>How long a connect, and how long a statement, may take, in seconds. Each under the 2 s in which a store out of reach must show.</summary>
    public const int Seconds = 1;

    /// <summary>The connection string for use: with the timeouts, and with the node's name, by which the server refuses the writes of one that was shut out.</summary>
    public static string ConnectionString(StorageOptions options, NodeName node)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        return new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            Options = $"{settings.Options} -c presence.node={node.Value}".Trim(),
            Timeout = Seconds,
            CommandTimeout = Seconds,
            // After a timeout, do not wait for the server to confirm the cancellation: it may be gone. The connection is given up instead.
            CancellationTimeout = -1,
        }.ConnectionString;
    }

    /// <summary>The connection string for changing tables, which takes as long as it takes.</summary>
    public static string ConnectionStringForMigrations(StorageOptions options) =>
        new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            Timeout = Seconds,
            CommandTimeout = 0,
            Pooling = false,
        }.ConnectionString;

    /// <summary>Server and database, for people.</summary>
    public static string Describe(StorageOptions options)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        return $"PostgreSQL database {settings.Database ?? settings.Username} at {settings.Host}:{settings.Port}";
    }
}
