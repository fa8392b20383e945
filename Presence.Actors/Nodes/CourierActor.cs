using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Presence.Actors.Conversations;
using Presence.Actors.Events;
using Presence.Actors.Hub;
using Presence.Actors.Serialization;
using Presence.Actors.Users;

namespace Presence.Actors.Nodes;

/// <summary>Owns the lines between the entities of this node and the hubs of others: what one drain of its mailbox holds for a node travels as one message, numbered, so that what is lost on the way is noticed there.</summary>
/// <remarks>
/// At the other end it opens what comes, and tells its hub, in the entities' names. A number left out means that something was lost: its hub then asks that node's entities anew.
/// Even a line on which nothing is told is told of once a second, so that a loss is noticed soon, and so that hubs know until when they have heard everything (<see cref="HeardUntil"/>), and so that all nodes share one clock: each mail says how late it is at its sender.
/// Mail of a node that was taken for dead is refused and counted. Survives nothing: both ends begin anew, which counts as a loss.
/// </remarks>
internal sealed class CourierActor : UntypedActor, IWithTimers
{
    /// <summary>Its name, by which peers reach it.</summary>
    public const string Name = "courier";

    private static readonly TimeSpan TellOfLines = TimeSpan.FromSeconds(1);

    /// <summary>A node that gives no receipts is sent a window's worth in that time.</summary>
    private static readonly TimeSpan PaceTime = TimeSpan.FromMilliseconds(100);

    /// <summary>So long a node that has come up waits at the most for what its peers say of the time: one that can't be heard must not keep it from its work.</summary>
    private static readonly TimeSpan PeersLimit = TimeSpan.FromSeconds(3);

    /// <summary>A node of which nothing whole has come for so long is silent: two tellings, and some time on the way.</summary>
    private static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(2.5);

    /// <summary>What waits is to go.</summary>
    /// <param name="At">When this was put into the mailbox: all that was told before is in front of it, and what is told later may be behind it though this is read later still.</param>
    /// <param name="Silent">Lines on which nothing waits are told of too.</param>
    private sealed record Deliver(long At, bool Silent) : INodeMessage, IDeadLetterSuppression;

    private sealed record Tick : INodeMessage, IDeadLetterSuppression
    {
        public static Tick Instance { get; } = new();
    }

    private sealed record PaceDue : INodeMessage, IDeadLetterSuppression
    {
        public static PaceDue Instance { get; } = new();
    }

    private readonly NodeStanding _standing;
    private readonly NodeCounters _counters;
    private readonly NodeClock _clock = NodeClock.Of(Context.System);
    private readonly IActorRef _hub;
    private readonly SeenUntil _seen;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly PresenceSerializer _serializer = new((ExtendedActorSystem)Context.System);
    private readonly Dictionary<Address, OutgoingLine> _out = [];
    private readonly Dictionary<UniqueAddress, IncomingLine> _in = [];
    private readonly HashSet<System.Type> _reported = [];
    private ImmutableHashSet<Address> _silent = [];
    private bool _ordered;
    private long _toldUntil;
    private long _lines;
    private TimeSpan? _upSince;

    public CourierActor(NodeStanding standing, NodeCounters counters, IActorRef hub, SeenUntil seen)
    {
        _standing = standing;
        _counters = counters;
        _hub = hub;
        _seen = seen;
    }

    public static Props Props(NodeStanding standing, NodeCounters counters, IActorRef hub, SeenUntil seen) =>
        Akka.Actor.Props.Create(() => new CourierActor(standing, counters, hub, seen));

    protected override void PreStart()
    {
        _standing.AwaitPeers();
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, TellOfLines);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ToHub to:
                Add(to.Hub.Path.Address, Written(to.Message));
                break;
            case TypingChanged or ParticipantsAre or EntityBegun:
                ToAllHubs((IWireMessage)message);
                break;
            case ToHubs to:
                AddToHubs(to);
                break;
            case HubMail mail:
                Open(mail);
                break;
            case MailDone done:
                OnDone(done);
                break;
            case Deliver deliver:
                DeliverAll(deliver);
                break;
            case PaceDue:
                Pace();
                break;
            case Tick:
                Self.Tell(new Deliver(_clock.Settled, Silent: true));
                TellHub();
                break;
            case ClusterEvent.IMemberEvent changed:
                OnMember(changed);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void ToAllHubs(IWireMessage message)
    {
        _hub.Tell(message, Sender);
        if (_out.Count == 0)
        {
            return;
        }

        // Once for all nodes.
        var letter = Written(message);
        foreach (var node in _out.Keys)
        {
            Add(node, letter);
        }
    }

    private Letter Written(IWireMessage message) => new(Sender, message) { Written = PresenceSerializer.Written(message) };

    private void AddToHubs(ToHubs to)
    {
        if (!to.Except.Contains(_hub.Path.Address))
        {
            foreach (var message in to.Messages)
            {
                _hub.Tell(message, Sender);
            }
        }

        foreach (var (node, line) in _out)
        {
            foreach (
                var message in !line.KeepsParticipants ? to.ToOlder
                : to.Except.Contains(node) ? []
                : to.Messages
            )
            {
                Add(node, Written(message));
            }
        }
    }

    private void Add(Address node, Letter letter)
    {
        if (!_out.TryGetValue(node, out var line))
        {
            // It left, or has not been seen to come: its hub asks anew as soon as the two nodes know each other.
            return;
        }

        if (!line.Add(letter))
        {
            Refuse(letter, node);
        }
        else if (!_ordered)
        {
            _ordered = true;
            // Behind all that the mailbox holds now.
            Self.Tell(new Deliver(_clock.Settled, Silent: false));
        }
    }

    /// <summary>Not handed to the transport, where it would fail. Each kind is logged once, and each letter counted.</summary>
    private void Refuse(Letter letter, Address node)
    {
        _counters.Oversized.Add(1);
        if (_reported.Add(letter.Content.GetType()))
        {
            _log.Error(
                "{0} of {1} has {2} bytes, which no mail to {3} can carry: it is not sent. Further ones of the kind are only counted",
                letter.Content.GetType().Name,
                letter.From.Path,
                letter.Written?.Bytes.Length,
                node
            );
        }
    }

    private void DeliverAll(Deliver deliver)
    {
        if (!_standing.MaySpeak)
        {
            // The next second looks again.
            return;
        }

        _ordered = false;
        _toldUntil = deliver.At;
        foreach (var line in _out.Values)
        {
            if (!SendWaiting(line) && deliver.Silent)
            {
                Send(line, []);
            }
        }
    }

    /// <summary>What waits for that node, as far as there is room. Whether anything was sent.</summary>
    private bool SendWaiting(OutgoingLine line)
    {
        var before = line.Number;
        while (line.TryTake(out var letters))
        {
            Send(line, letters);
        }

        if (line is { IsWaiting: true, GivesReceipts: false } && !Timers.IsTimerActive(PaceDue.Instance))
        {
            Timers.StartSingleTimer(PaceDue.Instance, PaceDue.Instance, PaceTime);
        }

        return line.Number != before;
    }

    private void Send(OutgoingLine line, ImmutableArray<Letter> letters)
    {
        var incoming = _in.GetValueOrDefault(line.Node);
        // Only where nothing waits is all sent that was told until then.
        var toldUntil = line.HasToldAll && _toldUntil >= line.Since ? _toldUntil : 0;
        var mail = new HubMail(_cluster.SelfUniqueAddress.Uid, line.NextNumber(), toldUntil, letters) { Received = incoming?.Done ?? 0 };
        line.Courier.Tell(mail, Self);
        incoming?.ReceiptIsSent();
        if (!line.GivesReceipts)
        {
            AnswerFor(letters);
        }
    }

    /// <summary>The hub of an earlier build does not say that it has taken events.</summary>
    private static void AnswerFor(ImmutableArray<Letter> letters)
    {
        foreach (var letter in letters)
        {
            if (letter.Content is EventsFor { Number: > 0 } events)
            {
                letter.From.Tell(new EventsTaken(events.UserId, events.Number));
            }
        }
    }

    private void Pace()
    {
        foreach (var line in _out.Values)
        {
            line.Pace();
            if (_standing.MaySpeak)
            {
                SendWaiting(line);
            }
        }
    }

    /// <summary>The hub has dealt with a mail. A sender that has much under way is told at once, since it may wait for that.</summary>
    private void OnDone(MailDone done)
    {
        if (
            _in.TryGetValue(done.Life, out var incoming)
            && incoming.IsDone(done)
            && _out.GetValueOrDefault(done.Life.Address) is { GivesReceipts: true } line
            && _standing.MaySpeak
        )
        {
            Send(line, []);
        }
    }

    private void Open(HubMail mail)
    {
        var from = new UniqueAddress(Sender.Path.Address, mail.Life);
        if (!_in.TryGetValue(from, out var line))
        {
            if (_out.GetValueOrDefault(from.Address)?.Node.Equals(from) != true)
            {
                // Taken for dead, and speaks: or so new that it is not known here, and will be asked as soon as it is.
                _counters.RefusedEpochs.Add(1);
                return;
            }

            _in[from] = line = new();
        }

        if (mail.Number != line.Number + 1)
        {
            line.Lose();
            _hub.Tell(new LineBroken(from.Address));
        }

        line.Number = mail.Number;
        foreach (var letter in mail.Letters)
        {
            var content = letter.Content is LetterPart part ? line.PutTogether(part, _serializer) : letter.Content;
            if (content is not null)
            {
                _hub.Tell(content, letter.From);
            }
        }

        _hub.Tell(new MailDone(from, mail.Number, mail.Bytes));

        if (mail.SentAt > 0)
        {
            _clock.Observe(mail.SentAt);
            (line.HeardUntil, line.HeardAt) = (mail.SentAt, _clock.Elapsed);
            BeginWhenPeersAreHeard();
            if (_silent.Contains(from.Address))
            {
                // At once: what waits for that node is asked for now.
                TellHub();
            }
        }

        if (mail.Received is { } received && _out.GetValueOrDefault(from.Address) is { } back && back.Node.Equals(from))
        {
            back.Received(received);
            if (_standing.MaySpeak)
            {
                SendWaiting(back);
            }
        }
    }

    /// <summary>What has come of every node; not known while one of them has not been heard of.</summary>
    private void TellHub()
    {
        var now = _clock.Elapsed;
        var lines = _out.Values.Select(line => (line.Node.Address, In: _in.GetValueOrDefault(line.Node))).ToList();
        _silent = [.. lines.Where(line => line.In?.HeardUntil is null || now - line.In.HeardAt > SilentAfter).Select(line => line.Address)];
        _hub.Tell(new HeardUntil(lines.Count == 0 ? null : lines.Min(line => line.In?.HeardUntil ?? 0), _silent, _lines));
        BeginWhenPeersAreHeard();
    }

    /// <summary>Before its entities give out a version, this node's clock must be past all that its peers told their clients without knowing of it.</summary>
    private void BeginWhenPeersAreHeard()
    {
        if (
            _upSince is { } since
            && (_clock.Elapsed - since >= PeersLimit || _out.Values.All(line => _in.GetValueOrDefault(line.Node)?.HeardUntil is not null))
        )
        {
            _standing.HeardPeers();
        }
    }

    private void OnMember(ClusterEvent.IMemberEvent changed)
    {
        var member = changed.Member;
        if (member.UniqueAddress.Equals(_cluster.SelfUniqueAddress))
        {
            if (changed is ClusterEvent.MemberUp)
            {
                _upSince ??= _clock.Elapsed;
                BeginWhenPeersAreHeard();
            }

            return;
        }

        var isKnown = _out.GetValueOrDefault(member.Address)?.Node.Equals(member.UniqueAddress) == true;
        if (changed is ClusterEvent.MemberRemoved)
        {
            _in.Remove(member.UniqueAddress);
            if (isKnown)
            {
                EndLine(member.Address);
            }
        }
        else if (!isKnown)
        {
            // A node that starts again at its address can be told to have come before it is told that its earlier life is gone.
            EndLine(member.Address);
            _lines = _seen.AwaitLine();
            _out[member.Address] = new(
                member.UniqueAddress,
                Context.ActorSelection(new RootActorPath(member.Address) / "user" / Name),
                member.HasRole(ClusterRoles.KeepsParticipants)
            )
            {
                Since = _clock.Settled,
            };
            // Nothing is heard of it yet: the hub is to know that before anything comes.
            TellHub();
        }

        if (changed is ClusterEvent.MemberUp)
        {
            // It waits for that, to begin.
            Self.Tell(new Deliver(_clock.Settled, Silent: true));
        }
    }

    private void EndLine(Address node)
    {
        if (_out.Remove(node))
        {
            _hub.Tell(new NodeGone(node));
        }
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    public ITimerScheduler Timers { get; set; } = null!;
}
