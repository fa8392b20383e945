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

/// <summary>Owns who types in one conversation, and until when; tells the hubs, which know who of the participants is on their node.</summary>
/// <remarks>Survives nothing: the next keystroke rebuilds it. Stops after a while in which nobody typed or asked.</remarks>
public sealed class ConversationActor : UntypedActor, IWithTimers, IWithStash
{
    private static readonly TimeSpan LoadLimit = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan IdleAfter = TimeSpan.FromMinutes(2);

    /// <summary>The most messages that wait for the participants to be loaded; what is over that is refused.</summary>
    private const int MaxStashed = 1_000;

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
    private readonly IActorRef _hubs;
    private ConversationTyping _state = ConversationTyping.Empty;
    private bool _loading = true;
    private bool _gaveUp;
    private int _stashed;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ConversationActor(ConversationId id, PresenceOptions options, IActorRef loader, IActorRef hubs)
    {
        _id = id;
        _options = options;
        _loader = loader;
        _hubs = hubs;
    }

    /// <summary>The entity of a conversation.</summary>
    /// <param name="id">Which.</param>
    /// <param name="options">For the ttl.</param>
    /// <param name="loader">Reads the participants.</param>
    /// <param name="hubs">Brings a message to the hub of every node.</param>
    public static Props Props(ConversationId id, PresenceOptions options, IActorRef loader, IActorRef hubs) =>
        Akka.Actor.Props.Create(() => new ConversationActor(id, options, loader, hubs));

    /// <summary>A clock that nobody sets; no time of day.</summary>
    private static DateTimeOffset Now => DateTimeOffset.UnixEpoch + NodeClock.Of(Context.System).Elapsed;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _loader.Tell(new LoadConversation(_id));
        Timers.StartSingleTimer(LoadOverdue.Instance, LoadOverdue.Instance, LoadLimit);
        Context.SetReceiveTimeout(IdleAfter);
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
            case ReceiveTimeout:
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
                Go(_state.EndOf(end.Typist, device));
                break;
            case EndTyping end:
                Go(_state.End(end.Typist));
                break;
            case ParticipantsLoaded loaded:
                OnParticipants(loaded.Participants);
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
            .SeenBy(get.Viewer, get.ViewerContacts.Contains)
            .Where(lease => lease.EndsAt > now)
            .Select(lease => new TypistIs(lease.Typist, lease.EndsAt - now));
        replyTo.Tell(new TypingIs(_id, [.. typists]), Self);
    }

    private void OnParticipants(ImmutableHashSet<UserId> participants)
    {
        var step = _state.WithParticipants(participants);
        // Told to those who took part until now: they saw it begin.
        Tell(step.Announcements, _state.Participants);
        var left = _state.Participants.Except(participants);
        _state = step.State;
        // Who left is told of no end that is to come.
        Tell([.. left.IsEmpty ? [] : _state.Leases.Values.Select(lease => new TypingAnnouncement(lease, IsTyping: false))], left);
        StartTimer();
        _hubs.Tell(new ParticipantsAre(_id, participants));
    }

    private void Go(TypingStep step)
    {
        _state = step.State;
        Tell(step.Announcements, _state.Participants);
        StartTimer();
    }

    private void Tell(ImmutableArray<TypingAnnouncement> announcements, ImmutableHashSet<UserId> participants)
    {
        foreach (var (lease, isTyping) in announcements)
        {
            var endsIn = isTyping ? lease.EndsAt - Now : TimeSpan.Zero;
            _hubs.Tell(new TypingChanged(_id, lease.Typist, isTyping, endsIn, lease.Rule, participants, NodeClock.Of(Context.System).Wall));
        }
    }

    private void StartTimer()
    {
        if (_state.NextEnd is { } end)
        {
            Timers.StartSingleTimer(LeaseEnds.Instance, LeaseEnds.Instance, end > Now ? end - Now : TimeSpan.Zero);
        }
        else
        {
            Timers.Cancel(LeaseEnds.Instance);
        }
    }

    /// <summary>The store is out of reach: whoever waits is told, and the next message tries again with a new entity. Passivated, since a stop would lose what is on its way.</summary>
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
    protected override void PostStop() => _loader.Tell(new ConversationUnloaded(_id, Self));

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    public IStash Stash { get; set; } = null!;
}
