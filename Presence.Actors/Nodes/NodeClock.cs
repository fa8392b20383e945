using Akka.Actor;
using Presence.Core.Users;

namespace Presence.Actors.Nodes;

/// <summary>The three clocks of a node, each for its own purpose; docs/adr/0019 says which is for what.</summary>
/// <remarks>They follow the scheduler of the actor system, so that specs govern them. Any thread may ask.</remarks>
public sealed class NodeClock : IExtension
{
    private static readonly Provider Id = new();

    private readonly HybridClock _shared = new();
    private readonly IScheduler _scheduler;

    private NodeClock(IScheduler scheduler)
    {
        _scheduler = scheduler;
        _ = Shared;
    }

    /// <summary>The clocks of the node that this actor system is.</summary>
    public static NodeClock Of(ActorSystem system) => Id.Apply(system);

    /// <summary>Time that passes, and is never set: for intervals, deadlines, retries and rates of this node. It means nothing on another node.</summary>
    public TimeSpan Elapsed => _scheduler.HighResMonotonicClock;

    /// <summary>The time of day, which people set: for what people and the store see. In whole microseconds, as the store keeps times: a time that lost a digit would tell that it was stored and loaded.</summary>
    public DateTimeOffset Wall
    {
        get
        {
            var now = _scheduler.Now;
            return now.AddTicks(-(now.UtcTicks % TimeSpan.TicksPerMicrosecond));
        }
    }

    /// <summary>The clock that all nodes share, in microseconds since 1970: for versions, cursors, and the order of what happened on two nodes.</summary>
    public long Shared => _shared.Read(Versions.Of(Wall), Micros(Elapsed));

    /// <summary>The same as a time, for where a message or a row has one.</summary>
    public DateTimeOffset SharedTime => Versions.TimeOf(Shared);

    /// <summary>Until when all that was told on this node has been told: <see cref="HybridClock.Settled"/>.</summary>
    public long Settled => _shared.Settled(Versions.Of(Wall), Micros(Elapsed));

    /// <summary>Now, by the wall clock and by the shared one.</summary>
    public Moment Now
    {
        get
        {
            var wall = Wall;
            return new(wall, _shared.Read(Versions.Of(wall), Micros(Elapsed)));
        }
    }

    /// <summary>Another node, or a stored mark, says that it is that late.</summary>
    public void Observe(long shared) => _shared.Observe(shared, Micros(Elapsed));

    /// <summary>The same in whole microseconds.</summary>
    public static TimeSpan InMicros(TimeSpan time) => TimeSpan.FromTicks(time.Ticks - (time.Ticks % TimeSpan.TicksPerMicrosecond));

    private static long Micros(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;

    private sealed class Provider : ExtensionIdProvider<NodeClock>
    {
        public override NodeClock CreateExtension(ExtendedActorSystem system) => new(system.Scheduler);
    }
}
