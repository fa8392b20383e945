using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Hosting;
using Akka.Remote.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Actors.Identity;
using Presence.Actors.Nodes;
using Presence.Core.Cluster;
using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Events;
using Presence.Core.Identity;
using Presence.Core.Sessions;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Nodes;

/// <summary>A node of a spec: an actor system with remoting and cluster, composed as the host does it, without its transports.</summary>
internal sealed class LocalNode : IAsyncDisposable
{
    /// <summary>As in the host, but for what waits longer on a machine that is busy with other specs, or need not wait where all is near.</summary>
    private const string Settings = """
        akka {
          loglevel = WARNING
          scheduler.implementation = "Presence.Specs.World.SettableScheduler, Presence.Specs"
          stdout-loglevel = OFF
          loggers = []
          log-dead-letters = off
          coordinated-shutdown.exit-clr = off
          actor.serialization-settings.allow-unregistered-types = on
          remote.log-remote-lifecycle-events = off
          remote.dot-netty.tcp {
            maximum-frame-size = 4 MiB
            send-buffer-size = 4 MiB
            receive-buffer-size = 4 MiB
          }
          persistence {
            journal.plugin = "presence.journal"
          }
          cluster {
            failure-detector.acceptable-heartbeat-pause = 15 s
            gossip-interval = 200 ms
            leader-actions-interval = 200 ms
            periodic-tasks-initial-delay = 100 ms
            singleton.hand-over-retry-interval = 200 ms
            distributed-data {
              gossip-interval = 200 ms
              notify-subscribers-interval = 100 ms
            }
            sharding {
              distributed-data.durable.keys = []
              least-shard-allocation-strategy.rebalance-absolute-limit = 20
              rebalance-interval = 5 s
              retry-interval = 200 ms
              coordinator-failure-backoff = 500 ms
              waiting-for-state-timeout = 1 s
            }
          }
        }
        presence.journal {
          class = "Presence.Specs.World.JournalStandIn, Presence.Specs"
          plugin-dispatcher = "akka.actor.default-dispatcher"
        }
        """;

    private readonly IHost _host;
    private readonly ClockMark _mark = new();

    private LocalNode(SharedStores stores, ClusterRoles roles, NodeName name, TimeSpan clockAhead)
    {
        Standing = NodeStanding.Unwatched(Pulse);
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new());
        builder
            .Services.AddSingleton(new PresenceOptions())
            .AddSingleton(roles)
            .AddSingleton<IUserStore>(stores)
            .AddSingleton<IUserArchive>(stores)
            .AddSingleton<ISessionStore>(stores)
            .AddSingleton<IEventStore>(stores)
            .AddSingleton<INodeFence>(stores)
            .AddSingleton<IRevocationStore>(stores.Revocations)
            .AddSingleton(Revocations)
            .AddSingleton(TokenTimes.Default)
            .AddSingleton<IContactDirectory>(stores)
            .AddSingleton<IConversationDirectory>(stores)
            .AddSingleton<IPushEncoder>(Frames)
            .AddSingleton(Counters)
            .AddSingleton(Seen)
            .AddSingleton(Standing)
            .AddSingleton<IJournalCutter>(stores)
            .AddSingleton(_mark)
            .AddSingleton<IClockStore>(stores.ClockMark)
            .AddSingleton(TimeProvider.System)
            .AddSingleton(new Core.Limits.Targets(new LimitOptions().TargetsPerHour))
            .AddAkka(
                "presence",
                (akka, provider) =>
                    akka.AddHocon(Settings, HoconAddMode.Prepend)
                        .AddHocon($"{SettableScheduler.ClockAhead} = {clockAhead.TotalSeconds}", HoconAddMode.Prepend)
                        .AddSetup(new SharedJournal(stores.Journal))
                        .WithRemoting("127.0.0.1", 0)
                        .WithClustering(new ClusterOptions { Roles = [.. roles.Names, ClusterRoles.KeepsParticipants, name.Role] })
                        .WithPresence(provider)
            );
        _host = builder.Build();
        Name = name;
    }

    public NodeName Name { get; }

    /// <summary>The clock of the node's pulse: it stands, unless the spec lets the node pause.</summary>
    public FakeTimeProvider Pulse { get; } = new();

    public NodeStanding Standing { get; }

    public NodeCounters Counters { get; } = new();

    public SeenUntil Seen { get; } = new();

    public Revocations Revocations { get; } = new();

    public FrameBook Frames { get; } = new();

    public ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    public Akka.Cluster.Cluster Cluster => Akka.Cluster.Cluster.Get(System);

    public IActorRef Hub => Actor<HubKey>();

    public IActorRef Actor<TKey>() => ActorRegistry.For(System).Get<TKey>();

    /// <summary>Its wall clock.</summary>
    public SettableScheduler Clock => (SettableScheduler)System.Scheduler;

    public static async Task<LocalNode> Start(SharedStores stores, ClusterRoles roles, TimeSpan clockAhead = default)
    {
        var node = new LocalNode(stores, roles, NodeName.New(), clockAhead);
        node._mark.AtStart = await stores.ClockMark.Read(CancellationToken.None);
        await node._host.StartAsync();
        return node;
    }

    /// <summary>A client connects to this node.</summary>
    public NodeClient Connect(string user, string device = "phone", Grant? grant = null, ResumeRequest? resume = null)
    {
        var client = new NodeClient(this, new(user), new(device)) { Grant = grant, Resume = resume };
        Hub.Tell(new OpenConnection(client), ActorRefs.NoSender);
        return client;
    }

    /// <summary>It leaves as a node does that is stopped by its operator.</summary>
    public Task Leave() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        Standing.Dispose();
        Counters.Dispose();
    }
}
