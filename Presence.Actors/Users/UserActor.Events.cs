using Akka.Actor;
using Presence.Actors.Events;
using Presence.Core.Events;

namespace Presence.Actors.Users;

/// <content>Events from backends, and the connections that only listen.</content>
public sealed partial class UserActor
{
    private EventReads? _eventReads;
    private EventQueues? _eventQueues;
    private AcknowledgedEvents? _acknowledged;

    /// <summary>Never begins anew: an answer of an earlier life of the user names no piece of this one.</summary>
    private long _eventPieces;

    private int _eventRetries;

    private static readonly TimeSpan RepeatEventsAfter = TimeSpan.FromSeconds(1);

    private Dictionary<ConnectionId, IActorRef>? _listeners;

    /// <summary>The hubs that have a connection of the user, be it of a device or of a listener.</summary>
    private IEnumerable<IActorRef> Hubs => _listeners is null ? _devices.Hubs : _devices.Hubs.Union(_listeners.Values);

    private void OnEvents(object message)
    {
        switch (message)
        {
            case EventPosted when Hubs.Any():
                (_eventReads ??= new()).Want();
                ReadEvents();
                break;
            case EventPosted:
                // Whoever connects reads it.
                break;
            case AcknowledgeEvent acknowledged:
                (_acknowledged ??= new(2 * Options.Limits.Events)).Note(acknowledged.EventId);
                _services.Events.Tell(new WriteAcknowledgement(new(_id, acknowledged.EventId)));
                break;
            case EventsLoaded loaded:
                _eventRetries = 0;
                QueueEvents(_eventReads!.Finish(_acknowledged?.Without(loaded.Events) ?? loaded.Events));
                ReadEvents();
                break;
            case PayloadsLoaded loaded:
                OnPayloads(loaded);
                break;
            case PayloadsUnread unread:
                // Given again when its time is over.
                _services.Loader.Tell(new PayloadsGiven(unread.Number));
                break;
            case EventsTaken taken when _eventQueues?.Taken(taken.Number) == true:
                _services.Loader.Tell(new PayloadsGiven(taken.Number));
                GiveEvents();
                break;
            case EventsTaken:
                break;
            case EventsUnread:
                _eventReads!.Fail();
                Timers.StartSingleTimer(Tick.ReadEvents, Tick.ReadEvents, Pauses.After(_eventRetries++));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Also for a connection that was attached before, and is attached anew: what was posted while the entity moved is found so.</summary>
    private void ReadEventsFor(IActorRef hub, ConnectionId connection)
    {
        (_eventReads ??= new()).Want(new(hub, connection));
        ReadEvents();
    }

    private void ReadEvents()
    {
        if (!Hubs.Any())
        {
            // One that is under way has still to be answered.
            _eventReads = _eventReads?.IsRunning == true ? _eventReads : null;
            _eventQueues = null;
        }
        else if (_eventReads?.TryStart() == true)
        {
            _services.Loader.Tell(new LoadEvents(_id));
        }
    }

    private void QueueEvents(EventsToTell events)
    {
        _eventQueues ??= new();
        foreach (var (hub, connection) in events.Attached)
        {
            _eventQueues.Begin(new(hub, connection), events.All);
            if (events.All.Count == 0)
            {
                _services.Hubs.Tell(hub, new EventsFor(_id, connection, []), Self);
            }
        }

        _eventQueues.AddNew(events.New, events.Attached, EventConnections);
        GiveEvents();
    }

    private IEnumerable<AttachedTo> EventConnections =>
        _devices
            .Attached.Select(at => new AttachedTo(at.Hub, at.Connection))
            .Concat(_listeners?.Select(entry => new AttachedTo(entry.Value, entry.Key)) ?? []);

    private void GiveEvents()
    {
        foreach (var piece in _eventQueues?.Next(Elapsed, () => ++_eventPieces) ?? [])
        {
            if (piece.Events.All(waiting => waiting.Event is not null))
            {
                Give(piece, [.. piece.Events.Select(waiting => waiting.Event!)]);
            }
            else
            {
                var ids = piece.Events.Select(waiting => waiting.Id).ToArray();
                _services.Loader.Tell(new LoadPayloads(_id, piece.Number, ids, piece.Bytes));
            }
        }

        if (_eventQueues?.AnyUnderWay == true && !Timers.IsTimerActive(Tick.RepeatEvents))
        {
            Timers.StartSingleTimer(Tick.RepeatEvents, Tick.RepeatEvents, RepeatEventsAfter);
        }
    }

    private void OnPayloads(PayloadsLoaded loaded)
    {
        if (_eventQueues?.UnderWay(loaded.Number) is { } piece)
        {
            Give(piece, loaded.Events);
        }
        else
        {
            _services.Loader.Tell(new PayloadsGiven(loaded.Number));
        }
    }

    private void Give(EventPiece piece, IEnumerable<PostedEvent> events)
    {
        var (hub, connection) = piece.Target;
        var behind = connection is null ? _eventQueues!.Behind(hub).ToArray() : [];
        var more = _eventQueues!.HasMore(piece.Target);
        // Who is blocked is not heard of either; should the block end before the event does, it is given with the next connect.
        var seen = events.Where(posted => posted.Sender is not { } sender || Blocked?.Contains(sender) != true);
        _services.Hubs.Tell(hub, new EventsFor(_id, connection, [.. seen], piece.Number, behind.Length > 0 ? behind : null, more), Self);
    }

    private void OnAttachListener(AttachDevice attach)
    {
        Follow(attach);
        _listeners ??= [];
        if (_listeners.Count >= Options.Limits.Devices && !_listeners.ContainsKey(attach.Connection))
        {
            _services.Hubs.Tell(Sender, new AttachRefused(_id, attach.Connection, TooManyDevices), Self);
            return;
        }

        WatchHub(Sender);
        _listeners[attach.Connection] = Sender;
        if (attach.Again)
        {
            TellMissed(Sender);
        }

        _services.Hubs.Tell(
            Sender,
            new DeviceAttached(_id, null, attach.Connection, _state.Own, _contacts!, null, _epoch, Blocked: Blocked, EventsFollow: true),
            Self
        );
        ReadEventsFor(Sender, attach.Connection);
    }

    private void ForgetListener(ConnectionId connection)
    {
        if (_listeners?.Remove(connection) == true && _listeners.Count == 0)
        {
            _listeners = null;
        }
    }

    private void ForgetListenersOf(IActorRef hub)
    {
        _eventQueues?.Forget(target => target.Hub.Equals(hub));
        foreach (var (connection, _) in _listeners?.Where(entry => entry.Value.Equals(hub)).ToList() ?? [])
        {
            ForgetListener(connection);
        }
    }

    private void EndListeners()
    {
        foreach (var (connection, hub) in _listeners ?? [])
        {
            _services.Hubs.Tell(hub, new EndConnection(connection, Core.Errors.CloseReason.Forbidden), Self);
        }

        _listeners = null;
    }
}
