using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace Presence.Host.Clustering;

/// <summary>Writes a line in the log for each node of the cluster that comes, goes, is lost or is back.</summary>
internal sealed class NodeWatch : UntypedActor
{
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ToldElsewhereFilter _filter;

    /// <summary>Akka tells of a member twice that comes up while this subscribes.</summary>
    private readonly HashSet<UniqueAddress> _members = [];

    public NodeWatch(ToldElsewhereFilter filter) => _filter = filter;

    protected override void PreStart() =>
        _cluster.Subscribe(
            Self,
            ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.IReachabilityEvent)
        );

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterEvent.MemberJoined { Member: var node } when IsOther(node):
                _filter.Knows(node.Address);
                break;
            case ClusterEvent.MemberUp { Member: var node } when IsOther(node) && _members.Add(node.UniqueAddress):
                _filter.Knows(node.Address);
                _log.Info("Node {0} is a member of the cluster", NameOf(node));
                break;
            case ClusterEvent.UnreachableMember { Member: var node } when IsOther(node):
                _log.Warning("Node {0} can't be reached", NameOf(node));
                break;
            case ClusterEvent.ReachableMember { Member: var node } when IsOther(node):
                _log.Info("Node {0} is reached again", NameOf(node));
                break;
            case ClusterEvent.MemberRemoved { Member: var node, PreviousStatus: MemberStatus.Down } when IsOther(node):
                _members.Remove(node.UniqueAddress);
                _log.Warning("Node {0} was given up, and is no member of the cluster any more", NameOf(node));
                break;
            case ClusterEvent.MemberRemoved { Member: var node } when IsOther(node):
                _members.Remove(node.UniqueAddress);
                _log.Info("Node {0} has left the cluster", NameOf(node));
                break;
        }
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private bool IsOther(Member node) => node.UniqueAddress != _cluster.SelfUniqueAddress;

    private static string NameOf(Member node) => $"{node.Address.Host}:{node.Address.Port}";
}
