using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Presence.Actors.Conversations;
using Presence.Actors.Users;
using Presence.Core.Users;

namespace Presence.Actors.Nodes;

/// <summary>Owns the lines between the entities of this node and the hubs of others: what one drain of its mailbox holds for a node travels as one message, numbered, so that what is lost on the way is noticed there.</summary>
/// <remarks>
/// At the other end it opens what comes, and tells its hub, in the entities' names. A number left out means that something was lost: its hub then asks that node's entities anew.
/// Even a line on which nothing is told is told of once a second, so that a loss is noticed soon, and so that hubs know until when they have heard everything (<see cref="HeardUntil"/>).
/// Mail of a node that was taken for dead is refused and counted. Survives nothing: both ends begin anew, which counts as a loss.
/// </remarks>
internal sealed class CourierActor : UntypedActor, IWithTimers
{
    /// <summary>Its name, by which peers reach it.</summary>
    public const string Name = "courier";

    /// <summary>The most that one message carries, as <see cref="WeightOf"/> counts; keeps it well below the frame limit of 4 MiB.</summary>
    private const int MailWeight = 500;

    /// <summary>The most letters that wait while the node may not speak; what is over that is dropped, and counts as lost.</summary>
    private const int MaxWaiting = 100_000;

    private static readonly TimeSpan TellOfLines = TimeSpan.FromSeconds(1);

    /// <summary>A node that says nothing on its line for so long is not heard: two tellings, and the difference of two clocks.</summary>
    private static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(2.5);

    /// <summary>What waits is to go.</summary>
    /// <param name="At">When this was put into the mailbox: all that was told before is in front of it, and what is told later may be behind it though this is read later still.</param>
    /// <param name="Silent">Lines on which nothing waits are told of too.</param>
    private sealed record Deliver(long At, bool Silent) : INodeMessage, IDeadLetterSuppression;

    private sealed record Tick : INodeMessage, IDeadLetterSuppression
    {
        public static Tick Instance { get; } = new();
    }

    private sealed class Outgoing(UniqueAddress node, ActorSelection courier, bool keepsParticipants)
    {
        /// <summary>Whether its hub keeps the participants of conversations; that of the build before does not.</summary>
        public bool KeepsParticipants { get; } = keepsParticipants;
        public UniqueAddress Node { get; } = node;
        public ActorSelection Courier { get; } = courier;
        public List<Letter> Letters { get; } = [];
        public long Number { get; set; }
    }

    private sealed class Incoming
    {
        public long Number { get; set; }
        public long? HeardUntil { get; set; }
    }

    private readonly NodeStanding _standing;
    private readonly NodeCounters _counters;
    private readonly IActorRef _hub;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly Dictionary<Address, Outgoing> _out = [];
    private readonly Dictionary<UniqueAddress, Incoming> _in = [];
    private int _waiting;

    public CourierActor(NodeStanding standing, NodeCounters counters, IActorRef hub)
    {
        _standing = standing;
        _counters = counters;
        _hub = hub;
    }

    public static Props Props(NodeStanding standing, NodeCounters counters, IActorRef hub) =>
        Akka.Actor.Props.Create(() => new CourierActor(standing, counters, hub));

    private static long Micros => Versions.Next(0, Context.System.Scheduler.Now);

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, TellOfLines);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ToHub to:
                Add(to.Hub.Path.Address, new(Sender, to.Message));
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
            case Deliver deliver:
                DeliverAll(deliver);
                break;
            case Tick:
                Self.Tell(new Deliver(Micros, Silent: true));
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
        foreach (var node in _out.Keys)
        {
            Add(node, new(Sender, message));
        }
    }

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
                Add(node, new(Sender, message));
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

        if (_waiting >= MaxWaiting)
        {
            line.Number++;
            return;
        }

        if (_waiting++ == 0)
        {
            // Behind all that the mailbox holds now.
            Self.Tell(new Deliver(Micros, Silent: false));
        }

        line.Letters.Add(letter);
    }

    private void DeliverAll(Deliver deliver)
    {
        if (!_standing.MaySpeak)
        {
            // The next second looks again.
            return;
        }

        _waiting = 0;
        foreach (var line in _out.Values.Where(line => deliver.Silent || line.Letters.Count > 0))
        {
            var from = 0;
            do
            {
                var weight = 0;
                var to = from;
                while (to < line.Letters.Count && (to == from || weight + WeightOf(line.Letters[to]) <= MailWeight))
                {
                    weight += WeightOf(line.Letters[to++]);
                }

                // Only the last one holds all that was told until then.
                Send(line, to == line.Letters.Count ? deliver.At : 0, [.. line.Letters[from..to]]);
                from = to;
            } while (from < line.Letters.Count);

            line.Letters.Clear();
        }
    }

    private void Send(Outgoing line, long sentAt, ImmutableArray<Letter> letters) =>
        line.Courier.Tell(new HubMail(_cluster.SelfUniqueAddress.Uid, ++line.Number, sentAt, letters), Self);

    /// <summary>How much of a message it fills: one that names many users counts more.</summary>
    private static int WeightOf(Letter letter) =>
        letter.Content switch
        {
            DeviceAttached attached => 1 + (attached.Contacts.Count / 20),
            ContactsAre contacts => 1 + (contacts.Contacts.Count / 20),
            PresenceChanged changed => 1 + ((changed.Rule.Blocked.Count + changed.Rule.Overrides.Count) / 20),
            TypingChanged typing => 1 + ((typing.Participants?.Count ?? 0) / 20),
            ParticipantsAre participants => 1 + (participants.Participants.Count / 20),
            _ => 1,
        };

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
            _hub.Tell(new LineBroken(from.Address));
        }

        line.Number = mail.Number;
        foreach (var letter in mail.Letters)
        {
            _hub.Tell(letter.Content, letter.From);
        }

        if (mail.SentAt > 0)
        {
            line.HeardUntil = mail.SentAt;
        }
    }

    /// <summary>What has come of every node; not known while one of them has not been heard of.</summary>
    private void TellHub()
    {
        var since = Versions.Next(0, Context.System.Scheduler.Now - SilentAfter);
        var heard = _out.Values.Select(line => (line.Node.Address, Until: _in.GetValueOrDefault(line.Node)?.HeardUntil ?? 0)).ToList();
        var silent = heard.Where(line => line.Until < since).Select(line => line.Address);
        _hub.Tell(new HeardUntil(heard.Count == 0 ? null : heard.Min(line => line.Until), [.. silent]));
    }

    private void OnMember(ClusterEvent.IMemberEvent changed)
    {
        var member = changed.Member;
        if (member.UniqueAddress.Equals(_cluster.SelfUniqueAddress))
        {
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
            _out[member.Address] = new(
                member.UniqueAddress,
                Context.ActorSelection(new RootActorPath(member.Address) / "user" / Name),
                member.HasRole(ClusterRoles.KeepsParticipants)
            );
            // Nothing is heard of it yet: the hub is to know that before anything comes.
            TellHub();
        }
    }

    private void EndLine(Address node)
    {
        if (_out.Remove(node, out var line))
        {
            _waiting -= line.Letters.Count;
            _hub.Tell(new NodeGone(node));
        }
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    public ITimerScheduler Timers { get; set; } = null!;
}
