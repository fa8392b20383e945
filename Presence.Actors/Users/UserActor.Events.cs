using Akka.Actor;
using Presence.Actors.Events;

namespace Presence.Actors.Users;

/// <content>Events from backends, and the connections that only listen.</content>
public sealed partial class UserActor
{
    private EventReads? _eventReads;
    private int _eventRetries;
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
                _services.Events.Tell(new WriteAcknowledgement(new(_id, acknowledged.EventId)));
                break;
            case EventsLoaded loaded:
                _eventRetries = 0;
                TellEvents(_eventReads!.Finish(loaded.Events));
                ReadEvents();
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
        }
        else if (_eventReads?.TryStart() == true)
        {
            _services.Loader.Tell(new LoadEvents(_id));
        }
    }

    private void TellEvents(EventsToTell events)
    {
        foreach (var (hub, connection) in events.Attached)
        {
            foreach (var part in EventsFor.Parts(_id, connection, events.Earlier))
            {
                _services.Hubs.Tell(hub, part, Self);
            }
        }

        foreach (var part in EventsFor.Parts(_id, null, events.New))
        {
            foreach (var hub in Hubs)
            {
                _services.Hubs.Tell(hub, part, Self);
            }
        }
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

        _services.Hubs.Tell(Sender, new DeviceAttached(_id, null, attach.Connection, _state.Own, _contacts!, null, _epoch), Self);
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
