using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Configuration;
using Akka.Event;
using Akka.Hosting;
using Akka.Remote.Hosting;
using Presence.Actors;
using Presence.Actors.Nodes;
using Presence.Adapters.Sql;
using Presence.Core.Cluster;
using Presence.Host.Clustering;
using ClusterOptions = Presence.Host.Clustering.ClusterOptions;

namespace Presence.Host;

/// <summary>The actor system, and its cluster. Why the times are what they are: docs/adr/0012.</summary>
internal static class AkkaComposition
{
    private static readonly Config Settings = """
        akka {
          # What it says before and after its loggers, in a form of its own: what keeps a node from starting is told in a line on standard error.
          stdout-loglevel = OFF
          coordinated-shutdown {
            exit-clr = off
            # It would take SIGTERM for itself, beside the host, and stop the hub while sockets are still being sent away.
            run-by-clr-shutdown-hook = off
          }
          remote {
            # A node that starts again at the same address is to be heard soon.
            retry-gate-closed-for = 500 ms
            log-remote-lifecycle-events = off
            # For who is watched and is no member any more: a region that asks for a shard's home a moment too early is told of the dead one, and
            # would go on asking it for as long as this takes (10 s by default).
            watch-failure-detector {
              heartbeat-interval = 500 ms
              unreachable-nodes-reaper-interval = 500 ms
              expected-response-after = 500 ms
              acceptable-heartbeat-pause = 2 s
            }
            dot-netty.tcp {
              # What is lost at the beginning of a connection TCP repeats after 1, 2, 4, 8 s: once the network heals, a new attempt is sooner there.
              connection-timeout = 2 s
              # A snapshot, or a whole list of contacts, is one message.
              maximum-frame-size = 4 MiB
              send-buffer-size = 4 MiB
              receive-buffer-size = 4 MiB
            }
          }
          cluster {
            downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
            split-brain-resolver {
              active-strategy = keep-majority
              stable-after = 3 s
              down-all-when-unstable = on
            }
            down-removal-margin = 1 s
            run-coordinated-shutdown-when-down = on
            failure-detector {
              heartbeat-interval = 500 ms
              acceptable-heartbeat-pause = 2 s
              expected-response-after = 500 ms
            }
            unreachable-nodes-reaper-interval = 500 ms
            retry-unsuccessful-join-after = 2 s
            seed-node-timeout = 3 s
            gossip-interval = 500 ms
            leader-actions-interval = 500 ms
            periodic-tasks-initial-delay = 200 ms
            singleton.hand-over-retry-interval = 500 ms
            distributed-data {
              gossip-interval = 500 ms
              notify-subscribers-interval = 100 ms
            }
            sharding {
              # Nothing is remembered, so nothing is to be kept on disk.
              distributed-data.durable.keys = []
              least-shard-allocation-strategy.rebalance-absolute-limit = 20
              # An entity has 5 s less than this, for the end of what it is writing; who is waited for longer is gone.
              handoff-timeout = 10 s
              rebalance-interval = 5 s
              retry-interval = 500 ms
              coordinator-failure-backoff = 1 s
              shard-start-timeout = 3 s
              shard-failure-backoff = 1 s
              waiting-for-state-timeout = 1 s
              updating-state-timeout = 2 s
            }
          }
        }
        """;

    /// <summary>A cluster of one has nobody to wait for.</summary>
    private static readonly Config Alone = """
        akka.cluster {
          gossip-interval = 200 ms
          leader-actions-interval = 200 ms
        }
        """;

    public static void AddPresenceActors(this IServiceCollection services, StorageOptions storage, NodeName node, ClusterOptions options)
    {
        var fate = new NodeFate();
        var toldElsewhere = new ToldElsewhereFilter(TimeProvider.System);
        services.AddSingleton(options).AddSingleton(options.EffectiveRoles).AddSingleton(fate);
        services.AddSingleton(provider => NodeClock.Of(provider.GetRequiredService<ActorSystem>()));
        services.AddAkka(
            "presence",
            (akka, provider) =>
                akka.ConfigureLoggers(loggers =>
                    {
                        loggers.ClearLoggers();
                        loggers.AddLogger<AkkaLog>();
                    })
                    .AddHocon(Settings, HoconAddMode.Prepend)
                    .AddHocon(options.JoinsOthers ? Config.Empty : Alone, HoconAddMode.Prepend)
                    .AddHocon($"akka.cluster.min-nr-of-members = {options.EffectiveMinimumMembers}", HoconAddMode.Prepend)
                    .AddSetup(new AkkaLogSetup(provider.GetRequiredService<ILoggerFactory>()))
                    .AddSetup(new LogFilterSetup([new OversizedFilter(provider.GetRequiredService<NodeCounters>()), toldElsewhere]))
                    .WithStrictSerialization()
                    .WithTransport(options)
                    .WithClustering(new() { Roles = [.. options.EffectiveRoles.Names, ClusterRoles.KeepsParticipants, node.Role] })
                    .WithSqlJournal(storage, node)
                    .WithPresence(provider)
                    .AddStartup((system, _) => fate.Watch(system))
                    .AddStartup((system, _) => system.ActorOf(Props.Create(() => new NodeWatch(toldElsewhere)), "node-watch"))
                    // Not waited for: a name that can't be looked up is the business of who waits for the membership, and for how long.
                    .AddStartup((system, _) => ClusterEntry.Begin(system, options))
        );
    }

    private static AkkaConfigurationBuilder WithTransport(this AkkaConfigurationBuilder akka, ClusterOptions options)
    {
        akka.WithRemoting(options.EffectiveBindAddress, options.Port, options.Host);
        return options.Tls.IsSet
            ? akka.AddHocon("akka.remote.dot-netty.tcp.enable-ssl = on", HoconAddMode.Prepend)
                .AddSetup(new NodeCertificates(options.Tls).Setup())
            : akka;
    }
}
