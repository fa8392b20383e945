using Akka.Actor;
using Presence.Actors.Nodes;

namespace Presence.Actors.Users;

/// <summary>
/// How much later than the grace time those who left lately were seen to go on this node. A timer is never on time, so "last seen" and "offline since" lie a little more than the grace apart.
/// Whoever becomes invisible has no timer, and would be known by having none of that lateness: so it takes one like that of the others.
/// </summary>
/// <remarks>One a node. Keeps the last 64. Any thread may call it.</remarks>
public sealed class LateGraces : IExtension
{
    private const int Most = 64;

    private static readonly Provider Id = new();

    private readonly Lock _gate = new();
    private readonly Queue<TimeSpan> _latest;

    private LateGraces(IEnumerable<TimeSpan> first) => _latest = new(first);

    /// <summary>Those of the node that this actor system is.</summary>
    public static LateGraces Of(ActorSystem system) => Id.Apply(system);

    /// <summary>Somebody went offline that long after the grace was over.</summary>
    public void Note(TimeSpan late)
    {
        lock (_gate)
        {
            _latest.Enqueue(late);
            if (_latest.Count > Most)
            {
                _latest.Dequeue();
            }
        }
    }

    /// <summary>One that might as well have been noted, and is none of those: two that are alike to the microsecond would tell that one of them was made up.</summary>
    public TimeSpan Draw()
    {
        List<TimeSpan> sorted;
        lock (_gate)
        {
            sorted = [.. _latest.Order()];
        }

        var place = Random.Shared.NextDouble() * (sorted.Count - 1);
        var below = sorted[(int)place];
        return NodeClock.InMicros(below + ((sorted[Math.Min((int)place + 1, sorted.Count - 1)] - below) * (place - (int)place)));
    }

    private sealed class Provider : ExtensionIdProvider<LateGraces>
    {
        /// <summary>Before anybody has left: what the scheduler's wheel makes of it, which looks at its timers once a tick. A clock that a spec moves is on time.</summary>
        public override LateGraces CreateExtension(ExtendedActorSystem system)
        {
            var tick =
                system.Scheduler is HashedWheelTimerScheduler
                    ? system.Settings.Config.GetTimeSpan("akka.scheduler.tick-duration")
                    : TimeSpan.Zero;
            return new([tick * 0.5, tick * 1.5]);
        }
    }
}
