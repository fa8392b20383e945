using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <summary>Owns one user: the devices, the effective status and its versions, who watches, what is chosen and not yet stored.</summary>
/// <remarks>
/// Not persistent itself: it starts from the loader's row, and survives a restart, a move and a passivation because the hubs attach their sockets and watch anew.
/// It stops when nobody is connected, watches or waits any more. Should it fail, it stops too, for the hubs must notice.
/// </remarks>
public sealed partial class UserActor : UntypedActor, IWithTimers, IWithStash
{
    /// <summary>How long a durable command may take: under the 2 s within which the client is told, with room for a busy machine.</summary>
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(1.5);

    /// <summary>How long the loader may take: long, for many may start at once. A store out of reach is told much earlier, by the loader itself.</summary>
    private static readonly TimeSpan LoadLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(30);

    /// <summary>How long an entity that presumes that devices are there gives the hubs to attach them, before it tells what it makes of it. Above their jitter, and one message asked again.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(2);

    /// <summary>The most messages that wait for a user to be loaded; what is over that is refused, or left to its sender's retry.</summary>
    private const int MaxStashed = 1_000;

    private sealed record Tick(string Name) : IChildMessage, IDeadLetterSuppression, INotInfluenceReceiveTimeout
    {
        public static readonly Tick LoadOverdue = new(nameof(LoadOverdue));
        public static readonly Tick WriteOverdue = new(nameof(WriteOverdue));
        public static readonly Tick Expired = new(nameof(Expired));
        public static readonly Tick FirstWordDue = new(nameof(FirstWordDue));
        public static readonly Tick ActivityDue = new(nameof(ActivityDue));
        public static readonly Tick Idle = new(nameof(Idle));
        public static readonly Tick PresumptionOver = new(nameof(PresumptionOver));
        public static readonly Tick Settled = new(nameof(Settled));
        public static readonly Tick ReadEvents = new(nameof(ReadEvents));
        public static readonly Tick RepeatEvents = new(nameof(RepeatEvents));
        public static readonly Tick ErasureOverdue = new(nameof(ErasureOverdue));
        public static readonly Tick LookAgain = new(nameof(LookAgain));
        public static readonly Tick StopOverdue = new(nameof(StopOverdue));
    }

    private readonly UserId _id;
    private readonly UserServices _services;
    private readonly NodeClock _clock = NodeClock.Of(Context.System);
    private readonly UserDevices _devices = new();
    private readonly Dictionary<IActorRef, long> _watchers = [];
    private readonly HashSet<IActorRef> _hubs = [];
    private readonly PendingWrites _writes = new();
    private readonly Dictionary<ConnectionId, (long Number, IAnswer? Answer)> _answered = [];
    private Dictionary<DeviceId, DateTimeOffset>? _ended;
    private List<(DeviceId? Device, DateTimeOffset At)>? _endedByCall;

    /// <summary>When the rule came into force here, by the clock that all nodes share, which is later than it was chosen: a client that comes back with a cursor of in between has heard nothing of it.</summary>
    private DateTimeOffset? _ruleSince;
    private Dictionary<ConversationId, TimeSpan>? _typingIn;
    private UserState _state;
    private long _sequence;
    private TimeSpan _startedAt;
    private long _epoch;
    private bool _settling;
    private TimeSpan? _lastSeenWritten;
    private int _children;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public UserActor(UserId id, UserServices services)
    {
        _id = id;
        _services = services;
        _state = UserState.Load(id, Nobody, default);
    }

    /// <summary>The entity of a user.</summary>
    public static Props Props(UserId id, UserServices services) => Akka.Actor.Props.Create(() => new UserActor(id, services));

    /// <summary>For the state and its versions; what is only counted in time goes by <see cref="Elapsed"/>.</summary>
    private Moment Now => _clock.Now;

    private TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Of whom nothing is stored: the server says who may see what.</summary>
    private StoredUser Nobody => new(WithDefaults(Profile.Empty), null);

    private PresenceOptions Options => _services.Options;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        // The first message says what is to be read.
        Timers.StartSingleTimer(Tick.LoadOverdue, Tick.LoadOverdue, LoadLimit);
    }

    /// <summary>A restart would keep the reference alive, and the hubs would not notice that their devices are gone from it.</summary>
    protected override void PostRestart(Exception reason) => Context.Stop(Self);

    /// <summary>A child's failure is this entity's own.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Escalate);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (_loading)
        {
            OnLoading(message);
        }
        else if (_erasure is not null)
        {
            OnErasing(message);
        }
        else if (_stopping)
        {
            OnStopping(message);
        }
        else if (!AwaitsContacts(message))
        {
            OnRequest(message);
        }
    }

    private void OnRequest(object message)
    {
        if (message is Request request)
        {
            OnMessage(request.Message, new(Sender, request.Number));
        }
        else
        {
            OnMessage(message, new(Sender, null));
        }
    }

    private void OnMessage(object message, ReplyTo replyTo)
    {
        NoteLook(message);
        switch (message)
        {
            case GetPresence get:
                OnGetPresence(get, replyTo);
                break;
            case UpdatePresence { Device: not null } update:
                OnUpdateByDevice(update, replyTo);
                break;
            case UpdatePresence update:
                Store(update, replyTo);
                break;
            case HeartbeatByHttp heartbeat:
                OnHeartbeat(heartbeat, replyTo);
                break;
            case Type type:
                OnType(type, replyTo);
                break;
            case GetTypingSeenBy get:
                OnGetTyping(get, replyTo);
                break;
            case GetPrivacy:
                replyTo.Tell(new PrivacyIs(_state.Profile.Privacy), Self);
                break;
            case SetPrivacy privacy:
                Store(privacy, replyTo);
                break;
            case GetDevices get:
                OnGetDevices(get, replyTo);
                break;
            case RemoveDevice remove:
                OnRemoveDevice(remove, replyTo);
                break;
            case DisconnectUser:
                foreach (var child in _devices.Children)
                {
                    child.Tell(EndDevice.Instance);
                }

                EndListeners();
                NoteEnded(null);
                replyTo.Tell(Done.Instance, Self);
                break;
            case EraseUser:
                BeginErasure(replyTo);
                break;
            case Explain explain:
                OnExplain(explain, replyTo);
                break;
            default:
                OnHubOrOwn(message);
                break;
        }

        // What ends by itself puts the end off no further: it may be seen by nobody.
        if (message is not Tick || !Timers.IsTimerActive(Tick.Idle))
        {
            WatchIdleness();
        }
    }

    private void OnHubOrOwn(object message)
    {
        switch (message)
        {
            case AttachDevice or Watch when !_services.Hubs.IsThere(Sender):
                break;
            case AttachDevice attach when WasEnded(attach):
                _services.Hubs.Tell(Sender, new EndConnection(attach.Connection, CloseReason.Forbidden), Self);
                break;
            case AttachDevice { DeviceId: { } device } attach:
                OnAttach(attach, device);
                break;
            case AttachDevice attach:
                OnAttachListener(attach);
                break;
            case DetachDevice detach:
                OnDetach(detach);
                break;
            case DeviceHeard heard:
                OnHeard(heard);
                break;
            case Watch watch:
                OnWatch(watch, Sender);
                break;
            case Unwatch unwatch:
                OnUnwatch(unwatch);
                break;
            case Terminated gone:
                OnHubGone(gone.ActorRef);
                break;
            case ContactsLoaded loaded:
                OnContacts(loaded.Contacts);
                break;
            case ContactsUnread:
                OnContactsUnread();
                break;
            case DevicesLoaded loaded:
                Know(loaded);
                UnstashAll();
                break;
            case DeviceReport report:
                OnReport(report);
                break;
            case DeviceGone gone:
                OnDeviceGone(gone);
                break;
            default:
                OnOwn(message);
                break;
        }
    }

    private void OnOwn(object message)
    {
        switch (message)
        {
            case FactsWritten written:
                OnWritten(written);
                WatchIdleness();
                break;
            case Tick tick:
                OnTick(tick);
                break;
            case StopUser:
                StopWhenWritten();
                break;
            case ClockWasSet:
                Move(_state.Refresh(Now), cause: null);
                break;
            case UserLoaded loaded:
                OnRead(loaded);
                break;
            case LoadFailed failed:
                EndRead(failed.Number, null);
                break;
            default:
                OnEvents(message);
                break;
        }
    }

    private void OnTick(Tick tick)
    {
        if (tick == Tick.WriteOverdue)
        {
            RefuseWrites(_writes.TakeOverdue(Elapsed));
        }
        else if (tick == Tick.Expired)
        {
            Move((_state with { Grace = Grace() }).Refresh(Now), cause: null);
        }
        else if (tick == Tick.FirstWordDue)
        {
            TellHeldBackConnect();
        }
        else if (tick == Tick.ActivityDue)
        {
            TellHeldBack();
        }
        else if (tick == Tick.PresumptionOver)
        {
            OnPresumptionOver();
        }
        else if (tick == Tick.Settled)
        {
            Settle();
        }
        else if (tick == Tick.ReadEvents)
        {
            ReadEvents();
        }
        else if (tick == Tick.RepeatEvents)
        {
            GiveEvents();
        }
        else if (tick == Tick.LookAgain)
        {
            LookAgain();
        }
        else if (tick == Tick.Idle && IsIdle)
        {
            Context.Parent.Tell(new Passivate(StopUser.Instance));
        }
    }

    private void OnWatch(Watch watch, IActorRef hub)
    {
        if (SeemsUnloaded)
        {
            SeemToLoad(() => OnWatch(watch, hub), () => _services.Hubs.Tell(hub, new WatchRefused(_id), Self));
            return;
        }

        if (KnowsErasedLife(watch.Known))
        {
            TellErased(hub);
        }
        else
        {
            Follow(watch.Known);
        }

        WatchHub(hub);
        _watchers[hub] = Math.Max(watch.Number, _watchers.GetValueOrDefault(hub));
        if (!_settling && _beforeConnect is null && _state.ConfirmedAbove(watch.Presumed, Now) is { } confirmed)
        {
            // The owner's devices have nothing new to hear.
            _state = confirmed;
            Announce();
            return;
        }

        _services.Hubs.Tell(hub, Announcement(), Self);
    }

    private void OnUnwatch(Unwatch unwatch)
    {
        if (_watchers.TryGetValue(Sender, out var number) && number <= unwatch.Number)
        {
            _watchers.Remove(Sender);
        }
    }

    private bool IsIdle =>
        _state.Devices.IsEmpty && _listeners is null && _watchers.Count == 0 && !_writes.Any && _inJournal is null && _stashed == 0;

    /// <summary>Any message puts the end off: who reads once often reads again.</summary>
    private void WatchIdleness()
    {
        if (!_loading && IsIdle)
        {
            Timers.StartSingleTimer(Tick.Idle, Tick.Idle, IdleAfter);
        }
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _services.Loader.Tell(new UserUnloaded(_id, Self));
        // The next one does not know where it was begun, and could not end it when it may no longer be seen.
        EndTyping();
        if (!_state.Devices.IsEmpty)
        {
            _services.Counters.AddUsersOnline(-1);
            _services.Counters.AddDevices(-_state.Devices.Count);
            _services.Writer.Tell(
                new WriteLastSeen(
                    new(_id, _state.InGrace ? _state.LastSeenAt ?? _clock.Wall : _clock.Wall, Connected: true, IsAllIdle(_state))
                )
            );
        }
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    public IStash Stash { get; set; } = null!;
}
