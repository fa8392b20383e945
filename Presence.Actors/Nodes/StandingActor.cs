using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using Presence.Core.Cluster;

namespace Presence.Actors.Nodes;

/// <summary>Owns what is known of this node's standing in its cluster: notices that it was paused, asks the peers to vouch for it, shuts the dead out of the store, and learns when it is itself taken for dead.</summary>
/// <remarks>Answers peers that ask the same. Restarts with what the cluster tells it anew.</remarks>
internal sealed class StandingActor : UntypedActor, IWithTimers
{
    /// <summary>Its name, by which peers reach it.</summary>
    public const string Name = "standing";

    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan AskAlways = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan ShutOutAgain = TimeSpan.FromSeconds(1);

    private sealed record Tick : INodeMessage
    {
        public static Tick Instance { get; } = new();
    }

    private sealed record ShutOutDead : INodeMessage
    {
        public static ShutOutDead Instance { get; } = new();
    }

    private sealed record DeadAreOut(IReadOnlyCollection<string> Nodes) : INodeMessage;

    private sealed record DeadAreNotOut(Exception Cause) : INodeMessage;

    private readonly NodeStanding _standing;
    private readonly INodeFence _fence;
    private readonly NodeClock _clock = NodeClock.Of(Context.System);
    private readonly IActorRef _hub;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<Address> _vouchers = [];
    private readonly Dictionary<UniqueAddress, TimeSpan> _heardBy = [];
    private readonly HashSet<string> _dead = [];
    private TimeSpan? _askedAt;
    private long _pause;
    private bool _woke;
    private bool _shuttingOut;

    public StandingActor(NodeStanding standing, INodeFence fence, IActorRef hub)
    {
        _standing = standing;
        _fence = fence;
        _hub = hub;
    }

    public static Props Props(NodeStanding standing, INodeFence fence, IActorRef hub) =>
        Akka.Actor.Props.Create(() => new StandingActor(standing, fence, hub));

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        // Another node refuses this one: it was replaced.
        Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, TickPeriod);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick:
                OnTick();
                break;
            case AmIMember asks:
                OnAsked(asks);
                break;
            case Vouch vouch:
                OnVouched(vouch, Sender.Path.Address);
                break;
            case ClusterEvent.MemberDowned downed:
                OnDown(downed.Member);
                break;
            case ClusterEvent.MemberRemoved removed:
                _heardBy.Remove(removed.Member.UniqueAddress);
                if (removed.PreviousStatus == MemberStatus.Down)
                {
                    OnDown(removed.Member);
                }

                break;
            case ThisActorSystemQuarantinedEvent:
                ShutOutSelf();
                break;
            case ClusterEvent.IMemberEvent:
                break;
            case ShutOutDead:
                ShutOut();
                break;
            case DeadAreOut done:
                _shuttingOut = false;
                _dead.ExceptWith(done.Nodes);
                ShutOut();
                break;
            case DeadAreNotOut failed:
                _shuttingOut = false;
                _log.Warning("A node that is down could not be shut out of the store, and is again soon: {0}", failed.Cause.Message);
                Timers.StartSingleTimer(ShutOutDead.Instance, ShutOutDead.Instance, ShutOutAgain);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnTick()
    {
        LookAround();
        // Here too, so that what is asked now is asked after any pause until now.
        _standing.TakePulse();
        if (_standing.IsShutOut)
        {
            return;
        }

        var woke = _standing.Woke;
        if (woke && !_woke)
        {
            _log.Warning(
                "This node was paused for more than {0} s, or out of reach of half of the cluster: silent until its peers have vouched for it",
                NodeStanding.LongestBeat.TotalSeconds
            );
        }

        _woke = woke;
        if (woke && _pause != _standing.LastPause)
        {
            _pause = _standing.LastPause;
            _vouchers.Clear();
        }

        if (_askedAt is not { } asked || _clock.Elapsed - asked >= (woke ? AskAgain : AskAlways))
        {
            _askedAt = _clock.Elapsed;
            foreach (var peer in Peers())
            {
                Context
                    .ActorSelection(new RootActorPath(peer.Address) / "user" / Name)
                    .Tell(new AmIMember(_cluster.SelfUniqueAddress.ToString(), _pause, _clock.Elapsed.Ticks));
            }

            VouchedByEnough();
        }
    }

    private IEnumerable<Member> Peers() => _cluster.State.Members.Where(member => !member.UniqueAddress.Equals(_cluster.SelfUniqueAddress));

    /// <summary>One that was paused itself answers too: if all were, nobody was replaced, and somebody must begin.</summary>
    private void OnAsked(AmIMember asks)
    {
        var state = _cluster.State;
        var member = state.Members.FirstOrDefault(member => member.UniqueAddress.ToString() == asks.Node);
        if (member is { Status: not (MemberStatus.Down or MemberStatus.Removed) } && !state.Unreachable.Contains(member))
        {
            Sender.Tell(new Vouch(asks.Pause, asks.At));
        }
    }

    private void OnVouched(Vouch vouch, Address peer)
    {
        // A pause since may not have been noticed by anybody yet.
        _standing.TakePulse();
        if (_cluster.State.Members.FirstOrDefault(member => member.Address.Equals(peer)) is { } member)
        {
            _heardBy[member.UniqueAddress] = TimeSpan.FromTicks(vouch.At);
        }

        if (vouch.Pause == _pause)
        {
            _vouchers.Add(peer);
            VouchedByEnough();
        }
    }

    /// <summary>With the node itself more than half: at least one of any majority that could have replaced it.</summary>
    private void VouchedByEnough()
    {
        var members = _cluster.State.Members.Count;
        if ((_vouchers.Count + 1) * 2 > members && _standing.Vouched(_pause))
        {
            _log.Info("Vouched for by {0} of {1} peers", _vouchers.Count, members - 1);
            _woke = false;
            _hub.Tell(NodeVouched.Instance);
        }
    }

    private void OnDown(Member member)
    {
        if (member.UniqueAddress.Equals(_cluster.SelfUniqueAddress))
        {
            ShutOutSelf();
            return;
        }

        _dead.UnionWith(
            member
                .Roles.Where(role => role.StartsWith(NodeName.RolePrefix, StringComparison.Ordinal))
                .Select(role => role[NodeName.RolePrefix.Length..])
        );
        ShutOut();
    }

    private void ShutOutSelf()
    {
        _standing.ShutOut();
        _hub.Tell(NodeShutOut.Instance);
    }

    private void ShutOut()
    {
        if (_shuttingOut || _dead.Count == 0)
        {
            return;
        }

        _shuttingOut = true;
        var nodes = _dead.ToArray();
        _fence
            .ShutOut(nodes, CancellationToken.None)
            .PipeTo(Self, success: () => new DeadAreOut(nodes), failure: cause => new DeadAreNotOut(cause));
    }

    /// <summary>
    /// Looked at with each tick: the state may be a moment behind the event that tells of a change. Half of an even number is cut off too, unless it has the first member: so the split-brain resolver decides.
    /// In reach is only who was asked within the longest beat, and vouched: one that this node hears may not hear it, and takes it for dead.
    /// </summary>
    private void LookAround()
    {
        var state = _cluster.State;
        var members = state.Members.Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving).ToList();
        var since = _clock.Elapsed - NodeStanding.LongestBeat;
        var reached = members.Where(member => !state.Unreachable.Contains(member) && HeardBy(member) >= since).ToList();
        var twice = reached.Count * 2;
        var hasFirst = members.Count > 0 && reached.Contains(members.MinBy(member => member.Address, Member.AddressOrdering)!);
        _standing.IsCutOff = members.Count > 1 && (twice < members.Count || (twice == members.Count && !hasFirst));
        if (_standing.IsCutOff)
        {
            _standing.Doubt();
        }
    }

    private TimeSpan HeardBy(Member member)
    {
        if (member.UniqueAddress.Equals(_cluster.SelfUniqueAddress))
        {
            return _clock.Elapsed;
        }

        // A new one has the time of a beat to answer.
        _heardBy.TryAdd(member.UniqueAddress, _clock.Elapsed);
        return _heardBy[member.UniqueAddress];
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    public ITimerScheduler Timers { get; set; } = null!;
}
