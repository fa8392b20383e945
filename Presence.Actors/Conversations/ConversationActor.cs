using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Actors.Conversations;

/// <summary>Owns who types in one conversation, and until when; tells the hubs, which keep who of the participants is on their node.</summary>
/// <remarks>Survives nothing: the next keystroke rebuilds it. Stops after a while in which nobody typed, and soon where nobody ever did. See docs/adr/0024.</remarks>
public sealed class ConversationActor : UntypedActor, IWithTimers, IWithStash
{
    private static readonly TimeSpan LoadLimit = TimeSpan.FromSeconds(1.5);

    /// <summary>Where somebody has typed somebody soon will again, and the hubs know who takes part.</summary>
    private static readonly TimeSpan IdleAfter = TimeSpan.FromMinutes(2);

    /// <summary>Where nobody has typed there is nothing to keep; long enough that who asks again finds the participants loaded.</summary>
    private static readonly TimeSpan IdleBeforeTyping = TimeSpan.FromSeconds(5);

    /// <summary>The most messages that wait for the participants to be loaded; what is over that is refused.</summary>
    private const int MaxStashed = 1_000;

    /// <summary>The most typists that one answer names; a socket that watches hears of the others as they go on.</summary>
    private const int MaxNamed = 1_000;

    /// <summary>The most participants that one message to a hub names.</summary>
    private const int MaxInPart = 5_000;

    /// <summary>Of more typists than that an end may be told a moment late: it is looked for less often, and a hub that asks is not told of them.</summary>
    private const int Many = 100;

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private sealed record LeaseEnds : IDeadLetterSuppression, INoSerializationVerificationNeeded, INotInfluenceReceiveTimeout
    {
        public static LeaseEnds Instance { get; } = new();
    }

    private sealed record LoadOverdue : IDeadLetterSuppression, INoSerializationVerificationNeeded, INotInfluenceReceiveTimeout
    {
        public static LoadOverdue Instance { get; } = new();
    }

    private readonly ConversationId _id;
    private readonly PresenceOptions _options;
    private readonly IActorRef _loader;
    private readonly NodeCounters _counters;
    private readonly IActorRef _courier;
    private readonly HubLine _line;
    private readonly ConversationHubs _hubs;
    private ConversationTyping _state = ConversationTyping.Empty;
    private bool _loading = true;
    private bool _gaveUp;
    private int _stashed;
    private long _set;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ConversationActor(ConversationId id, PresenceOptions options, NodeCounters counters, IActorRef loader, IActorRef courier)
    {
        _id = id;
        _options = options;
        _counters = counters;
        _loader = loader;
        _courier = courier;
        _line = new(() => courier, _ => true);
        _hubs = new(options.Limits.LargeConversation);
    }

    /// <summary>The entity of a conversation.</summary>
    /// <param name="id">Which.</param>
    /// <param name="options">For the ttl, and the limits.</param>
    /// <param name="counters">Counts the entities of the node.</param>
    /// <param name="loader">Reads the participants.</param>
    /// <param name="courier">Brings a message to the hub of every node.</param>
    public static Props Props(ConversationId id, PresenceOptions options, NodeCounters counters, IActorRef loader, IActorRef courier) =>
        Akka.Actor.Props.Create(() => new ConversationActor(id, options, counters, loader, courier));

    /// <summary>A clock that nobody sets; no time of day.</summary>
    private static DateTimeOffset Now => DateTimeOffset.UnixEpoch + NodeClock.Of(Context.System).Elapsed;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        if (_counters.AddConversations(1) > _options.Limits.ConversationsPerNode)
        {
            _counters.AddLimited(nameof(LimitOptions.ConversationsPerNode));
            GiveUp();
            return;
        }

        _loader.Tell(new LoadConversation(_id));
        Timers.StartSingleTimer(LoadOverdue.Instance, LoadOverdue.Instance, LoadLimit);
        Context.SetReceiveTimeout(IdleBeforeTyping);
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (_loading)
        {
            OnLoading(message);
        }
        else if (message is ConversationRequest request)
        {
            OnMessage(request.Message, new(Sender, request.Number));
        }
        else
        {
            OnMessage(message, new(Sender, null));
        }
    }

    private void OnLoading(object message)
    {
        switch (message)
        {
            case ParticipantsLoaded or LoadFailed or LoadOverdue when _gaveUp:
                break;
            case ParticipantsLoaded loaded:
                _loading = false;
                _state = _state with { Participants = loaded.Participants };
                Timers.Cancel(LoadOverdue.Instance);
                Stash.UnstashAll();
                break;
            case LoadFailed or LoadOverdue:
                GiveUp();
                break;
            case StopConversation:
                RefuseStashed();
                Context.Stop(Self);
                break;
            case IConversationMessage when !_gaveUp && _stashed < MaxStashed:
                _stashed++;
                Stash.Stash();
                break;
            case IConversationMessage:
                Refuse(message, Sender);
                break;
            case ReceiveTimeout or ParticipantsHere:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnMessage(object message, ReplyTo replyTo)
    {
        switch (message)
        {
            case SetTyping set:
                OnSetTyping(set, replyTo);
                break;
            case GetTyping get:
                OnGetTyping(get, replyTo);
                break;
            case EndTyping { Device: { } device } end:
                Go(_state.EndOf(end.Typist, device, Now));
                break;
            case EndTyping end:
                Go(_state.End(end.Typist));
                break;
            case ParticipantsLoaded loaded:
                OnParticipants(loaded.Participants);
                break;
            case ParticipantsHere here:
                OnHub(here, replyTo.Asker);
                break;
            case LeaseEnds:
                Go(_state.Expire(Now));
                break;
            case ReceiveTimeout when !_state.Leases.IsEmpty:
                // With a ttl as long as that, somebody still types.
                break;
            case ReceiveTimeout:
                Context.Parent.Tell(new Passivate(StopConversation.Instance));
                break;
            case StopConversation:
                Context.Stop(Self);
                break;
            case LoadFailed or LoadOverdue:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnSetTyping(SetTyping set, ReplyTo replyTo)
    {
        var step = _state.On(set.Command, Now, _options.TypingTtl);
        replyTo.Tell(step.Refusal is { } refusal ? new Refused(refusal) : TypingAccepted.Instance, Self);
        Go(step);
    }

    private void OnGetTyping(GetTyping get, ReplyTo replyTo)
    {
        if (get.Viewer is { } viewer && !_state.Participants.Contains(viewer))
        {
            replyTo.Tell(new Refused(Refusal.NotAParticipant), Self);
            return;
        }

        var now = Now;
        var typists = _state
            .SeenBy(get.Viewer, get.ViewerContacts.Contains, user => get.ViewerBlocks?.Contains(user) == true)
            .Where(lease => lease.EndsAt > now)
            .Take(MaxNamed)
            .Select(lease => new TypistIs(lease.Typist, lease.EndsAt - now));
        replyTo.Tell(new TypingIs(_id, [.. typists]), Self);
    }

    private void OnParticipants(ImmutableHashSet<UserId> participants)
    {
        var step = _state.WithParticipants(participants);
        // Told to those who took part until now: they saw it begin.
        Tell(step.Announcements);
        var left = _state.Participants.Except(participants);
        _state = step.State;
        StartTimer();
        TellParticipants(left);
    }

    private void Go(TypingStep step)
    {
        _state = step.State;
        Tell(step.Announcements);
        StartTimer();
    }

    private void Tell(ImmutableArray<TypingAnnouncement> announcements)
    {
        if (announcements.IsEmpty)
        {
            return;
        }

        if (_set == 0)
        {
            TellParticipants(left: []);
            Context.SetReceiveTimeout(IdleAfter);
        }

        foreach (var announcement in announcements)
        {
            var changed = Changed(announcement);
            var older = changed with { Participants = _state.Participants, Set = null, IsLarge = false };
            _courier.Tell(new ToHubs([changed], [older], _hubs.Unconcerned(changed.IsTyping, Now)));
        }
    }

    private TypingChanged Changed(TypingAnnouncement announcement)
    {
        var lease = announcement.Lease;
        var endsIn = announcement.IsTyping ? lease.EndsAt - Now : TimeSpan.Zero;
        return new(
            _id,
            lease.Typist,
            announcement.IsTyping,
            endsIn,
            lease.Rule,
            Participants: null,
            NodeClock.Of(Context.System).Wall,
            _set,
            _hubs.IsLarge
        );
    }

    /// <summary>A hub that learns by it that somebody takes part no more tells that user's sockets that those who type have stopped; one of the build before is told that they have.</summary>
    private void TellParticipants(ImmutableHashSet<UserId> left)
    {
        _set = Versions.Next(_set, NodeClock.Of(Context.System).Shared);
        var ends = left.IsEmpty
            ? []
            : _state.Leases.Values.Select(lease =>
                Changed(new(lease, IsTyping: false)) with
                {
                    Participants = left,
                    Set = null,
                    IsLarge = false,
                }
            );
        _courier.Tell(new ToHubs([.. ParticipantsInParts()], [.. ends, new ParticipantsAre(_id, _state.Participants)], []));
    }

    private IEnumerable<ParticipantsAre> ParticipantsInParts()
    {
        if (_state.Participants.Count <= MaxInPart)
        {
            return [new(_id, _state.Participants, _set)];
        }

        var parts = _state.Participants.Chunk(MaxInPart).ToList();
        return parts.Select((part, index) => new ParticipantsAre(_id, [.. part], _set, MoreFollow: index < parts.Count - 1));
    }

    private void OnHub(ParticipantsHere here, IActorRef hub)
    {
        if (here.Set == _set)
        {
            _hubs.Take(hub, here, Now);
            return;
        }

        _hubs.Forget(hub, Now);
        if (!here.Asks || _set == 0)
        {
            return;
        }

        foreach (var part in ParticipantsInParts())
        {
            _line.Tell(hub, part, Self);
        }

        // Of more the hub hears as they go on.
        if (_state.Leases.Count <= Many)
        {
            foreach (var lease in _state.Leases.Values)
            {
                _line.Tell(hub, Changed(new(lease, IsTyping: true)), Self);
            }
        }
    }

    /// <summary>The timer that runs is never too late, since what begins later ends later: only when it has fired is the next end looked for, which takes a look at all.</summary>
    private void StartTimer()
    {
        if (_state.Leases.IsEmpty)
        {
            Timers.Cancel(LeaseEnds.Instance);
        }
        else if (!Timers.IsTimerActive(LeaseEnds.Instance) && _state.NextEnd is { } end)
        {
            var pause = _state.Leases.Count > Many ? LookAgain : TimeSpan.Zero;
            Timers.StartSingleTimer(LeaseEnds.Instance, LeaseEnds.Instance, end - Now > pause ? end - Now : pause);
        }
    }

    /// <summary>The store is out of reach, or the node has too many: whoever waits is told, and the next message tries again with a new entity. Passivated, since a stop would lose what is on its way.</summary>
    private void GiveUp()
    {
        _gaveUp = true;
        RefuseStashed();
        Context.Parent.Tell(new Passivate(StopConversation.Instance));
    }

    private void RefuseStashed()
    {
        foreach (var envelope in Stash.ClearStash())
        {
            Refuse(envelope.Message, envelope.Sender);
        }
    }

    private void Refuse(object message, IActorRef asker)
    {
        if (message is EndTyping)
        {
            // Nobody waits for it: nothing was begun here that it could end.
            return;
        }

        var number = (message as ConversationRequest)?.Number;
        new ReplyTo(asker, number).Tell(new Refused(Refusal.Unavailable), Self);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _counters.AddConversations(-1);
        _loader.Tell(new ConversationUnloaded(_id, Self));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    public IStash Stash { get; set; } = null!;
}
