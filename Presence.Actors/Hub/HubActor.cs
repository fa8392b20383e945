using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Presence.Actors.Conversations;
using Presence.Actors.Events;
using Presence.Actors.Identity;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Core.Limits;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <summary>What the hub of a node works with.</summary>
/// <param name="Options">Times and limits.</param>
/// <param name="Encoder">Encodes what many are pushed alike.</param>
/// <param name="Users">The region of users; asked for late, since regions and hub know each other.</param>
/// <param name="Counters">What the node counts.</param>
/// <param name="Time">By which connections tell when they were last heard.</param>
/// <param name="Seen">Until when everything has been told.</param>
/// <param name="Standing">Whether the node may tell anything.</param>
/// <param name="Loader">Reads sessions.</param>
/// <param name="Writer">Writes them.</param>
/// <param name="Targets">Whom each viewer has asked about.</param>
public sealed record HubServices(
    PresenceOptions Options,
    IPushEncoder Encoder,
    Func<IActorRef> Users,
    NodeCounters Counters,
    TimeProvider Time,
    SeenUntil Seen,
    NodeStanding Standing,
    IActorRef Loader,
    IActorRef Writer,
    Targets Targets
)
{
    /// <summary>The tokens that are not taken any more.</summary>
    public Revocations Revocations { get; init; } = new();

    /// <summary>When the end of a token is told, and when it is the connection's.</summary>
    public TokenTimes Tokens { get; init; } = TokenTimes.Default;
}

/// <summary>Owns the sockets of a node: which there are, which of them watch whom, and the last view of each watched user, already encoded.</summary>
/// <remarks>
/// One message a change reaches it, however many sockets watch; who of them may see it is decided by the one rule of Core. It survives nothing, and asks again.
/// It death-watches the entities that it asked: one that dies or moves is asked anew, after jitter. What its mailbox holds is written first, then each touched socket is flushed once.
/// </remarks>
public sealed partial class HubActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(200);

    /// <summary>After that an entity that did not answer is asked again: a message can be lost in a hand-over (akka.net 8501).</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    /// <summary>How long a client waits for an answer. Above the entity's own limit, whose answer says more: over it nobody answers, since the entity is being moved, or the node that had it is gone.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    /// <summary>How long a client waits for its first frame, and then for its first snapshot: long, for many may come at once. A store out of reach is told much earlier, by a refusal.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(15);

    /// <summary>How long a user is watched on when nobody does any more: who reconnects finds it there.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    /// <summary>Entities that die together are not all asked anew at once.</summary>
    private static readonly TimeSpan MaxJitter = TimeSpan.FromMilliseconds(200);

    private sealed record Tick : IHubMessage, IDeadLetterSuppression
    {
        public static Tick Instance { get; } = new();
    }

    private sealed record Sweep : IHubMessage, IDeadLetterSuppression
    {
        public static Sweep Instance { get; } = new();
    }

    private sealed record FlushDue : IHubMessage, IDeadLetterSuppression
    {
        public static FlushDue Instance { get; } = new();
    }

    private sealed record Revive(UserId User) : IHubMessage, IDeadLetterSuppression;

    private readonly HubServices _services;
    private readonly NodeClock _clock = NodeClock.Of(Context.System);
    private readonly Dictionary<ConnectionId, HubSocket> _sockets = [];
    private readonly Dictionary<UserId, LocalUser> _local = [];
    private readonly Dictionary<UserId, WatchedUser> _watched = [];
    private readonly Dictionary<IActorRef, UserId> _entities = [];
    private readonly HashSet<HubSocket> _attaching = [];
    private readonly HashSet<WatchedUser> _asked = [];
    private readonly HashSet<WatchedUser> _unwatched = [];
    private readonly List<PendingSnapshot> _snapshots = [];
    private readonly Dictionary<ConnectionId, Detaching> _detaching = [];
    private readonly PendingRequests _requests = new();
    private readonly Dictionary<string, long> _disconnects = [];
    private List<HubSocket> _touched = [];
    private long _connects;
    private long _number;
    private TimeSpan _sweepFrom;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public HubActor(HubServices services) => _services = services;

    /// <summary>One a node.</summary>
    public static Props Props(HubServices services) => Akka.Actor.Props.Create(() => new HubActor(services));

    private TimeSpan Elapsed => _clock.Elapsed;

    private PresenceOptions Options => _services.Options;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, TickPeriod);
        var sweep = Options.HeartbeatTimeout / 10;
        Timers.StartPeriodicTimer(Sweep.Instance, Sweep.Instance, sweep < TimeSpan.FromSeconds(1) ? sweep : TimeSpan.FromSeconds(1));
    }

    /// <summary>A hub that failed knows its sockets no more: they are sent away, and come back to the next one.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        foreach (var socket in _sockets.Values.ToList())
        {
            Close(socket, CloseReason.Restart);
        }

        foreach (var watched in _watched.Keys)
        {
            _services.Users().Tell(new Unwatch(watched, NextNumber()), Self);
        }

        foreach (var conversation in _conversations.Values.ToList())
        {
            // Else the conversation would go on counting the participants that this hub had.
            ForgetParticipants(conversation);
        }

        base.PreRestart(reason, message);
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PresenceChanged changed:
                OnPresenceChanged(changed);
                break;
            case TypingChanged changed:
                OnTypingChanged(changed);
                break;
            case ClientAsks asks:
                OnClientAsks(asks);
                break;
            case Answer answer:
                OnAnswer(answer);
                break;
            case OwnPresenceChanged changed:
                OnOwnPresenceChanged(changed);
                break;
            case FlushDue:
                Flush();
                break;
            case OpenConnection open:
                OnOpen(open.Connection);
                break;
            case ConnectionEnded ended:
                OnEnded(ended);
                break;
            case DeviceAttached attached:
                OnAttached(attached);
                break;
            case AttachRefused refused:
                OnAttachRefused(refused);
                break;
            case WatchRefused refused:
                OnWatchRefused(refused);
                break;
            case EndConnection end:
                OnEndConnection(end);
                break;
            case EventsFor events:
                OnEvents(events);
                break;
            case ContactsAre contacts:
                OnContacts(contacts);
                break;
            case ParticipantsAre participants:
                OnParticipants(participants);
                break;
            case Terminated gone:
                OnEntityGone(gone.ActorRef);
                break;
            case Revive revive:
                OnRevive(revive.User);
                break;
            case DeviceDetached detached:
                OnDetached(detached);
                break;
            case SessionLoaded loaded:
                OnSession(loaded);
                break;
            case Tick:
                OnTick();
                break;
            case Sweep when _services.Standing.MaySpeak && Elapsed >= _sweepFrom:
                OnSweep();
                break;
            case Sweep:
                break;
            case Mark mark:
                OnMark(mark);
                break;
            case DirectoryChanged { Change: ForgetUser forget } news:
                OnForget(forget, new(Sender, news.Number));
                break;
            case ForgetUser forget:
                OnForget(forget, new(Sender, null));
                break;
            case UserErased erased:
                OnErased(erased);
                break;
            case HeardUntil heard:
                OnHeardUntil(heard);
                break;
            case EntityBegun begun:
                OnEntityBegun(begun);
                break;
            case NodeGone gone:
                OnNodeGone(gone.Node);
                break;
            case LineBroken broken:
                OnLineBroken(broken.Node);
                break;
            case MailDone:
                Sender.Tell(message);
                break;
            case NodeVouched:
                // What the clients sent meanwhile is read first, or they would all seem to have been silent.
                _sweepFrom = Elapsed + CatchUp;
                FlushAll();
                break;
            case CloseRevoked revoked:
                OnCloseRevoked(revoked);
                break;
            case NodeShutOut:
                SeverAll();
                break;
            case GetStats:
                Sender.Tell(Stats());
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnTick()
    {
        var now = Elapsed;
        OnTokens(_clock.Wall);
        AskSoonWhatIsBack(now);
        AttachAgain(now);
        AnswerPieces();
        AskForWatched(now);

        foreach (var snapshot in _snapshots.Where(snapshot => snapshot.Deadline <= now).ToList())
        {
            SendSnapshot(snapshot);
        }

        _snapshots.RemoveAll(snapshot => snapshot.Sent);
        foreach (var request in _requests.Repeat(now))
        {
            _services.Users().Tell(request, Self);
        }

        DetachAgain(now);
        Self.Tell(new Mark(now, _clock.Settled));
        foreach (var request in _requests.TakeAskedBefore(now - AnswerLimit))
        {
            Answer(request, new RefusedAnswer(new Refusal(ErrorCodes.Timeout, "no answer in time; whether it was done is not known")));
        }

        foreach (var watched in _unwatched.Where(watched => now - watched.UnwatchedAt >= Linger).ToList())
        {
            StopWatching(watched);
        }
    }

    private void Touch(HubSocket socket)
    {
        if (socket.Touched)
        {
            return;
        }

        if (_touched.Count == 0)
        {
            // Behind all that the mailbox holds now: that is written first, and flushed together.
            Self.Tell(FlushDue.Instance);
        }

        socket.Touched = true;
        _touched.Add(socket);
    }

    private void Flush()
    {
        if (!_services.Standing.MaySpeak)
        {
            return;
        }

        var touched = _touched;
        _touched = [];
        foreach (var socket in touched)
        {
            socket.Touched = false;
            socket.Connection.Flush();
        }
    }

    private NodeStats Stats() =>
        new(
            ((ExtendedActorSystem)Context.System).Provider.DefaultAddress.ToString(),
            _services.Counters.UsersOnline,
            _services.Counters.Devices,
            _sockets.Count,
            _connects,
            _disconnects.ToImmutableDictionary(),
            _services.Counters.RefusedByCause.ToImmutableDictionary()
        );

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;
}
