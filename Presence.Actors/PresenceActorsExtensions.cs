using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Presence.Actors.Conversations;
using Presence.Actors.Events;
using Presence.Actors.Hub;
using Presence.Actors.Identity;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Actors.Serialization;
using Presence.Actors.Sessions;
using Presence.Actors.Users;
using Presence.Core.Cluster;
using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Events;
using Presence.Core.Identity;
using Presence.Core.Limits;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Actors;

/// <summary>Puts the actors of Presence into an actor system.</summary>
public static class PresenceActorsExtensions
{
    /// <summary>Ten shards a node for ten nodes. More make a node's loss longer, since each finds its new home after another (ADR 0012). Never changed in the life of a cluster: an entity would be in two shards.</summary>
    private const int Shards = 100;

    /// <summary>How long a node that stops waits for what it has still to write.</summary>
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(3);

    /// <summary>The actors of a node and both regions. Needs <see cref="PresenceOptions"/>, the ports of Core, an <see cref="IPushEncoder"/>, <see cref="NodeCounters"/>, <see cref="SeenUntil"/>, <see cref="NodeStanding"/>, <see cref="ClockMark"/>, <see cref="Revocations"/>, <see cref="TokenTimes"/>, <see cref="Targets"/> and the <see cref="TimeProvider"/> in the services.</summary>
    public static AkkaConfigurationBuilder WithPresence(this AkkaConfigurationBuilder builder, IServiceProvider services)
    {
        var options = services.GetRequiredService<PresenceOptions>();
        UserServices? users = null;
        builder
            .WithCustomSerializer("presence", [typeof(IWireMessage), typeof(IProfileFact)], system => new PresenceSerializer(system))
            .WithActors((system, registry, _) => users = StartNodeActors(system, registry, services));
        if (!services.GetRequiredService<ClusterRoles>().Presence)
        {
            return builder
                .WithShardRegionProxy<UserRegion>("user", ClusterRoles.PresenceRole, new UserExtractor(Shards))
                .WithShardRegionProxy<ConversationRegion>("conversation", ClusterRoles.PresenceRole, new ConversationExtractor(Shards));
        }

        return builder
            .WithShardRegion<UserRegion>(
                "user",
                id => UserActor.Props(new UserId(id), users!),
                new UserExtractor(Shards),
                Sharding(StopUser.Instance)
            )
            .WithShardRegion<ConversationRegion>(
                "conversation",
                (_, registry, _) =>
                {
                    var counters = services.GetRequiredService<NodeCounters>();
                    return id =>
                        ConversationActor.Props(
                            new ConversationId(id),
                            options,
                            counters,
                            registry.Get<LoaderKey>(),
                            registry.Get<CourierKey>()
                        );
                },
                new ConversationExtractor(Shards),
                Sharding(StopConversation.Instance)
            );
    }

    private static UserServices StartNodeActors(ActorSystem system, IActorRegistry registry, IServiceProvider services)
    {
        NodeClock.Of(system).Observe(services.GetRequiredService<ClockMark>().AtStart);
        var options = services.GetRequiredService<PresenceOptions>();
        var counters = services.GetRequiredService<NodeCounters>();
        var standing = services.GetRequiredService<NodeStanding>();
        var store = services.GetRequiredService<IUserStore>();
        var sessions = services.GetRequiredService<ISessionStore>();
        var loader = system.ActorOf(
            LoaderActor.Props(
                store,
                services.GetRequiredService<IContactDirectory>(),
                services.GetRequiredService<IConversationDirectory>(),
                sessions,
                services.GetRequiredService<IEventStore>(),
                standing
            ),
            "loader"
        );
        var writer = system.ActorOf(UserWriterActor.Props(store, options.Limits), "writer");
        var sessionWriter = system.ActorOf(SessionWriterActor.Props(sessions, writer), "sessions");
        var events = system.ActorOf(EventWriterActor.Props(services.GetRequiredService<IEventStore>()), "events");
        var hub = system.ActorOf(
            HubActor.Props(
                new HubServices(
                    options,
                    services.GetRequiredService<IPushEncoder>(),
                    registry.Get<UserRegion>,
                    counters,
                    services.GetRequiredService<TimeProvider>(),
                    services.GetRequiredService<SeenUntil>(),
                    standing,
                    loader,
                    sessionWriter,
                    services.GetRequiredService<Targets>()
                )
                {
                    Revocations = services.GetRequiredService<Revocations>(),
                    Tokens = services.GetRequiredService<TokenTimes>(),
                }
            ),
            "hub"
        );
        var courier = system.ActorOf(
            CourierActor.Props(standing, counters, hub, services.GetRequiredService<SeenUntil>()),
            CourierActor.Name
        );
        system.ActorOf(ClockActor.Props(services.GetRequiredService<IClockStore>(), loader), "clock");
        system.ActorOf(StandingActor.Props(standing, services.GetRequiredService<INodeFence>(), hub), StandingActor.Name);
        system.ActorOf(
            RevocationsActor.Props(services.GetRequiredService<Revocations>(), services.GetRequiredService<IRevocationStore>(), hub),
            RevocationsActor.Name
        );
        system.ActorOf(DeadLetterCounter.Props(counters), "dead-letters");
        if (services.GetRequiredService<ClusterRoles>().Presence)
        {
            system.ActorOf(JournalCutterActor.Props(services.GetRequiredService<IJournalCutter>()), "journal-cutter");
        }

        registry.Register<CourierKey>(courier);
        registry.Register<StatsKey>(system.ActorOf(StatsActor.Props(), "stats"));
        var news = system.ActorOf(DirectoryNewsActor.Props(), "directory-news");
        registry.Register<DirectoryNewsKey>(news);
        registry.Register<LoaderKey>(loader);
        registry.Register<HubKey>(hub);
        // A hub asks anew for every entity that ends: a region that is asked goes on waiting for its shards until its time is over.
        CoordinatedShutdown
            .Get(system)
            .AddTask(
                CoordinatedShutdown.PhaseBeforeClusterShutdown,
                "stop-hub",
                () => hub.GracefulStop(FlushLimit).ContinueWith(_ => Akka.Done.Instance, TaskScheduler.Default)
            );
        // After the regions have handed their entities over, each of which writes when it was last seen.
        CoordinatedShutdown
            .Get(system)
            .AddTask(
                CoordinatedShutdown.PhaseBeforeActorSystemTerminate,
                "flush-writes",
                () =>
                    Task.WhenAll(new[] { writer, sessionWriter, events }.Select(each => each.Ask<Done>(FlushWrites.Instance, FlushLimit)))
                        .ContinueWith(_ => Akka.Done.Instance, TaskScheduler.Default)
            );
        return new(
            options,
            loader,
            writer,
            events,
            registry.Get<ConversationRegion>,
            store,
            counters,
            new(() => courier, node => Cluster.Get(system).State.Members.Any(member => member.Address.Equals(node))),
            services.GetRequiredService<IUserArchive>(),
            news
        )
        {
            Journal = system.ActorOf(JournalWriterActor.Props(), "journal-writer"),
            Standing = standing,
        };
    }

    /// <summary>Idle entities stop themselves: the region's own passivation counts only messages through it, and would stop a user with silent sockets.</summary>
    private static ShardOptions Sharding(object stop) =>
        new()
        {
            StateStoreMode = StateStoreMode.DData,
            Role = ClusterRoles.PresenceRole,
            RememberEntities = false,
            ShouldPassivateIdleEntities = false,
            HandOffStopMessage = stop,
        };
}
