using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Presence.Actors.Hub;

namespace Presence.Actors.Nodes;

/// <summary>What every node counts. Answer: <see cref="ClusterStats"/>.</summary>
public sealed record GetClusterStats : INodeMessage
{
    /// <summary>The only one.</summary>
    public static GetClusterStats Instance { get; } = new();
}

/// <summary>What each node counts that answered in time.</summary>
public sealed record ClusterStats(ImmutableArray<NodeStats> Nodes) : INodeMessage;

/// <summary>Asks the hubs of all nodes what they count, for operators. One gathering is one child of it.</summary>
internal sealed class StatsActor : UntypedActor
{
    public static Props Props() => Akka.Actor.Props.Create(() => new StatsActor());

    protected override void OnReceive(object message)
    {
        if (message is not GetClusterStats)
        {
            Unhandled(message);
            return;
        }

        var asker = Sender;
        var cluster = Cluster.Get(Context.System);
        var others = cluster.State.Members.Where(member => !member.Address.Equals(cluster.SelfAddress));
        var hubs = others
            .Select(member => Context.ActorSelection(new RootActorPath(member.Address) / "user" / "hub"))
            .Prepend(Context.ActorSelection("/user/hub"));
        Context.ActorOf(Akka.Actor.Props.Create(() => new Gathering(asker, hubs.ToArray())));
    }

    private sealed class Gathering(IActorRef asker, ActorSelection[] hubs) : UntypedActor, IWithTimers
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

        private sealed record Over : INodeMessage, IDeadLetterSuppression
        {
            public static Over Instance { get; } = new();
        }

        private readonly List<NodeStats> _answers = [];

        protected override void PreStart()
        {
            Timers.StartSingleTimer(Over.Instance, Over.Instance, Limit);
            foreach (var hub in hubs)
            {
                hub.Tell(new GetStats(), Self);
            }
        }

        protected override void OnReceive(object message)
        {
            if (message is NodeStats stats)
            {
                _answers.Add(stats);
            }

            if (message is Over || _answers.Count == hubs.Length)
            {
                asker.Tell(new ClusterStats([.. _answers]));
                Context.Stop(Self);
            }
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }
}
