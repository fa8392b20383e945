using Akka.Actor;
using Akka.Event;
using Presence.Actors.Events;
using Presence.Actors.Loading;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <content>
/// The end of all that is kept of the user. In this order, so that nothing of it can be written after the store has erased it:
/// the children stop and what the journal is writing is waited for, all nodes close the sockets and drop what waits to be written, the store erases, and then whoever watches is told.
/// What comes meanwhile waits, and finds a user never seen. Where a step fails it may be asked again; what the store has erased is erased.
/// </content>
public sealed partial class UserActor
{
    /// <summary>How long children may take to stop, and a write to end: under what sharding gives an entity that is handed over.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private sealed record ChildStopped(IActorRef Child) : IChildMessage;

    private sealed record StoreErased(ErasedFrom From) : IChildMessage;

    private sealed record StoreFailed(Exception Cause) : IChildMessage;

    private Erasure? _erasure;

    /// <summary>Under which version, and when, an earlier life ended; a hub that knows of that life is told so.</summary>
    private (long Version, DateTimeOffset At)? _erased;

    private void BeginErasure(ReplyTo replyTo)
    {
        // An answer that is on its way is of the old life; told later, the next one would take it for its own.
        _erasure = new() { ReadsEvents = _eventReads?.IsRunning == true };
        _erasure.Askers.Add(replyTo);
        RefuseWrites(_writes.TakeAll());
        // What waits for the contacts is of the old life.
        RefuseStashed();
        EndTyping();
        // No timer of the old life is to fire in the next one.
        Timers.CancelAll();
        Timers.StartSingleTimer(Tick.ErasureOverdue, Tick.ErasureOverdue, StopLimit);
        foreach (var child in _devices.Children)
        {
            _erasure.Stopping.Add(child);
            Context.WatchWith(child, new ChildStopped(child));
            Context.Stop(child);
        }

        ForgetOnAllNodes();
    }

    /// <summary>Everything that this node's children have had written is with the writer by now.</summary>
    private void ForgetOnAllNodes()
    {
        if (_erasure is { Stopping.Count: 0, ReadsEvents: false } && _inJournal is null)
        {
            Timers.Cancel(Tick.ErasureOverdue);
            _erasure.Awaited = 1;
            _services.News.Tell(new ForgetUser(_id, _clock.SharedTime));
        }
    }

    private void OnErasing(object message)
    {
        switch (message)
        {
            case ChildStopped stopped:
                OnStopped(stopped.Child);
                break;
            case FactsWritten written when written.Write == _inJournal?.Write:
                _inJournal = null;
                ForgetOnAllNodes();
                break;
            case EventsLoaded or EventsUnread when _erasure!.ReadsEvents:
                _erasure.ReadsEvents = false;
                ForgetOnAllNodes();
                break;
            case PayloadsLoaded or PayloadsUnread or EventsTaken:
                // Of the old life.
                break;
            case Done or Refused:
                OnNodesTold(message as Refused);
                break;
            case StoreErased erased:
                OnStoreErased(erased.From);
                break;
            case StoreFailed failed:
                Context.GetLogger().Warning("A user could not be erased: {0}", failed.Cause.Message);
                AbandonErasure();
                break;
            case Tick tick when tick == Tick.ErasureOverdue:
                AbandonErasure();
                break;
            case UserLoaded loaded:
                OnRead(loaded);
                break;
            case LoadFailed failed:
                EndRead(failed.Number, null);
                break;
            case ContactsLoaded loaded when _erasure!.InStore:
                OnContacts(loaded.Contacts);
                break;
            case StopUser:
                _erasure!.StopAfter = true;
                break;
            case Terminated gone:
                OnHubGone(gone.ActorRef);
                break;
            default:
                OnCommandWhileErasing(message, message is Request request ? new(Sender, request.Number) : new(Sender, null));
                break;
        }
    }

    private void OnCommandWhileErasing(object message, ReplyTo replyTo)
    {
        switch (message)
        {
            case EraseUser or Request { Message: EraseUser }:
                _erasure!.Askers.Add(replyTo);
                break;
            case DetachDevice detach:
                _services.Hubs.Tell(Sender, new DeviceDetached(detach.Connection), Self);
                break;
            case Unwatch unwatch:
                OnUnwatch(unwatch);
                break;
            case AttachDevice when !_erasure!.InStore:
                // Its socket is about to be closed. If it is not, its hub asks again.
                break;
            case Request { Message: UpdatePresence { Cause: not null } or Type { Device: not null } } when !_erasure!.InStore:
                Refuse(message, Sender);
                break;
            case DeviceHeard or EventPosted or AcknowledgeEvent:
                // Of the life that ends; whoever connects later reads what waits.
                break;
            case IUserMessage when _stashed < MaxStashed:
                _stashed++;
                Stash.Stash();
                break;
            case IUserMessage:
                Refuse(message, Sender);
                break;
        }
    }

    private void OnStopped(IActorRef child)
    {
        if (_erasure!.Stopping.Remove(child))
        {
            ForgetOnAllNodes();
        }
    }

    private void OnNodesTold(Refused? refused)
    {
        var erasure = _erasure!;
        erasure.Refused ??= refused;
        if (--erasure.Awaited > 0)
        {
            return;
        }

        if (erasure.InStore)
        {
            EndErasure();
        }
        else if (erasure.Refused is not null)
        {
            AbandonErasure();
        }
        else
        {
            _services
                .Archive.Erase(_id, CancellationToken.None)
                .PipeTo(Self, success: from => new StoreErased(from), failure: cause => new StoreFailed(cause));
        }
    }

    private void OnStoreErased(ErasedFrom from)
    {
        _erased = (Versions.Next(_state.Version, Now), _clock.Wall);
        BecomeNobody();
        _state = UserState.Erased(_id, _erased.Value.Version, Options.LastSeenRounding, Nobody.Profile);
        foreach (var watcher in _watchers.Keys)
        {
            TellErased(watcher);
        }

        _erasure!.InStore = true;
        _erasure.Awaited = 2;
        _services.News.Tell(new ContactsChanged([_id, .. from.Contacts]));
        _services.News.Tell(new ParticipantsChanged(from.Conversations));
    }

    private void TellErased(IActorRef hub) =>
        _services.Hubs.Tell(hub, new UserErased(_id, _erased!.Value.Version, _erased.Value.At, _epoch), Self);

    /// <summary>A hub that was not told, for it asked meanwhile, or what it was told was lost.</summary>
    private bool KnowsErasedLife(KnownUntil known) => _erased is { } erased && known.Version > 0 && known.Version < erased.Version;

    /// <summary>All of the old life that this entity knew; who watches goes on watching.</summary>
    private void BecomeNobody()
    {
        CountDevices(_state.Devices.Count, 0);
        _state = UserState.Load(_id, Nobody, Now);
        _devices.Clear();
        _answered.Clear();
        (_ended, _endedByCall, _typingIn, _listeners, _eventReads, _eventQueues) = (null, null, null, null, null, null);
        (_lastSeenWritten, _heldBack, _ruleSince) = (null, null, null);
        (_contacts, _contactsAsked) = (null, false);
        (_known, _devicesAsked, _presumedUntil, _beforeConnect) = (null, null, default, null);
        _unheard.Clear();
        (_sequence, _settling) = (0, false);
        (_inJournal, _tried, _mustReadAgain, _readingAgain) = (null, 0, false, false);
    }

    private void EndErasure()
    {
        var erasure = _erasure!;
        IAnswer answer = erasure.Refused is { } refused ? refused : Done.Instance;
        erasure.Askers.ForEach(asker => asker.Tell(answer, Self));
        _erasure = null;
        UnstashAll();
        if (erasure.StopAfter)
        {
            Self.Tell(StopUser.Instance);
        }

        WatchIdleness();
    }

    /// <summary>What is left of the user, all or nothing, is read anew by the next entity.</summary>
    private void AbandonErasure()
    {
        var erasure = _erasure!;
        erasure.Askers.ForEach(asker => asker.Tell(new Refused(Refusal.Unavailable), Self));
        RefuseReads();
        BecomeNobody();
        (_erasure, _loading) = (null, true);
        GiveUp();
        if (erasure.StopAfter)
        {
            Context.Stop(Self);
        }
    }

    /// <summary>How far it is.</summary>
    private sealed class Erasure
    {
        /// <summary>Who is told of the end.</summary>
        public List<ReplyTo> Askers { get; } = [];

        /// <summary>The children that have not stopped yet.</summary>
        public HashSet<IActorRef> Stopping { get; } = [];

        /// <summary>Whether the loader has still to answer what waits for the user.</summary>
        public bool ReadsEvents { get; set; }

        /// <summary>How many answers of all nodes are awaited.</summary>
        public int Awaited { get; set; }

        /// <summary>What a node could not do.</summary>
        public Refused? Refused { get; set; }

        /// <summary>Whether the store has erased.</summary>
        public bool InStore { get; set; }

        /// <summary>The entity is to move, and does when it is done: the next one must not read what is about to go.</summary>
        public bool StopAfter { get; set; }
    }
}
