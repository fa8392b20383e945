using Akka.Configuration;
using Akka.Hosting;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using LinqToDB;
using LinqToDB.Data;
using LinqToDB.DataProvider.SQLite;
using Presence.Core.Cluster;

namespace Presence.Adapters.Sql;

/// <summary>The journal of Akka.Persistence.Sql on the same database as the stores.</summary>
public static class JournalConfiguration
{
    /// <summary>Makes it the default journal. The tables are the <see cref="StorePreparation"/>'s business. There is no snapshot store: nothing is recovered, for a user is loaded from its row.</summary>
    public static AkkaConfigurationBuilder WithSqlJournal(this AkkaConfigurationBuilder builder, StorageOptions options, NodeName node) =>
        builder
            .AddHocon(Hocon(options), HoconAddMode.Prepend)
            .AddHocon(SqlPersistence.DefaultConfiguration, HoconAddMode.Append)
            .AddSetup(new DataOptionsSetup(options.IsPostgreSql ? PostgreSql(options, node) : Sqlite(options)));

    /// <summary>The settings, without the connection string: a configuration may be logged.</summary>
    private static Config Hocon(StorageOptions options) =>
        ConfigurationFactory.ParseString(
            $$"""
            akka.persistence.journal {
              plugin = "akka.persistence.journal.sql"
              sql {
                provider-name = "{{(options.IsPostgreSql ? ProviderName.PostgreSQL15 : ProviderName.SQLiteMS)}}"
                auto-initialize = off
                delete-compatibility-mode = off
                # The default writes tags into a table of their own and reads them by scanning it; nothing here is tagged.
                tag-write-mode = Csv
                # SQLite has one writer; what waits meanwhile is gathered into the next batch.
                parallelism = {{(options.IsPostgreSql ? 3 : 1)}}
                # On SQLite the driver would begin every read by taking the write lock. For this level, and no other, it does not; what is read
                # is a snapshot all the same, since connections share no cache.
                read-isolation-level = {{(options.IsPostgreSql ? "unspecified" : "read-uncommitted")}}
                # It takes a writer that comes back for one that was replaced, and leaves out what it wrote: the plug-in names a writer by its process,
                # and an entity that moves to another node and back has the first one's name again. One key in the journal has one event a number in any case.
                replay-filter.mode = off
                circuit-breaker {
                  # A store out of reach fails a write after 1 s by the statement's own timeout. This one is for what hangs all the same; were it
                  # as short, a busy machine would fail writes that the store takes, and the more so the busier it is.
                  call-timeout = 5 s
                  # A transaction that fails is one failure, however many users are in it, and it is halved to find the one that another
                  # writer was ahead of: that takes up to some 20 failures in a row without the store being at fault.
                  max-failures = 30
                  reset-timeout = 1 s
                }
              }
            }
            # Fewer than the connections of the pool: the others wait here, and for as long as it takes, and not there for one second.
            akka.persistence.max-concurrent-recoveries = 16
            akka.persistence.query.journal.sql.tag-read-mode = Csv
            # The default keeps files in a folder beside the program, and looks there before every recovery.
            akka.persistence.snapshot-store.plugin = "akka.persistence.no-snapshot-store"
            """
        );

    private static DataOptions Sqlite(StorageOptions options)
    {
        var connectionString = SqliteSettings.ConnectionString(options);
        var gate = WriteGate.Of(SqliteSettings.Path(options));
        return new DataOptions()
            .UseConnectionFactory(SQLiteTools.GetDataProvider(SQLiteProvider.Microsoft), _ => new StoreConnection(connectionString, gate))
            .WithOptions<ConnectionOptions>(connection => connection with { ProviderName = ProviderName.SQLiteMS });
    }

    private static DataOptions PostgreSql(StorageOptions options, NodeName node) =>
        new DataOptions().UseConnectionString(ProviderName.PostgreSQL15, PostgresSettings.ConnectionString(options, node));
}
