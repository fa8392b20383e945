using Akka.Cluster;
using Akka.Cluster.Hosting;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Remote.Hosting;
using Presence.Actors;
using Presence.Adapters.Sql;
using Presence.Core.Cluster;

namespace Presence.Host;

/// <summary>The actor system: a cluster of one that joins itself.</summary>
internal static class AkkaComposition
{
    private static readonly Config Settings = """
        akka {
          coordinated-shutdown.exit-clr = off
          cluster {
            # A cluster of one has nobody to wait for.
            gossip-interval = 200ms
            leader-actions-interval = 200ms
            periodic-tasks-initial-delay = 200ms
            sharding {
              # Nothing is remembered, so nothing is to be kept on disk.
              distributed-data.durable.keys = []
              least-shard-allocation-strategy.rebalance-absolute-limit = 20
              handoff-timeout = 10s
            }
          }
        }
        """;

    public static void AddPresenceActors(this IServiceCollection services, StorageOptions storage, NodeName node) =>
        services.AddAkka(
            "presence",
            (akka, provider) =>
                akka.ConfigureLoggers(loggers =>
                    {
                        loggers.ClearLoggers();
                        loggers.AddLoggerFactory();
                    })
                    .AddHocon(Settings, HoconAddMode.Prepend)
                    .WithStrictSerialization()
                    .WithRemoting("127.0.0.1", 0)
                    .WithClustering()
                    .WithSqlJournal(storage, node)
                    .WithPresence(provider)
                    .AddStartup(
                        (system, _) =>
                        {
                            var cluster = Cluster.Get(system);
                            cluster.Join(cluster.SelfAddress);
                        }
                    )
        );
}
