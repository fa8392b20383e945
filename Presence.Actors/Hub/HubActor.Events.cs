using Presence.Actors.Events;

namespace Presence.Actors.Hub;

/// <content>Events from backends.</content>
public sealed partial class HubActor
{
    /// <summary>To each socket those that it has not had: the entity tells of one again where it can't know who had it.</summary>
    private void OnEvents(EventsFor events)
    {
        if (!_local.TryGetValue(events.UserId, out var user))
        {
            return;
        }

        // One that is not attached yet is told by its own attachment; one that waits for its first snapshot, after that.
        var sockets = user.Sockets.FindAll(socket =>
            socket.WasAttached && (events.Connection is null || socket.Connection.Id == events.Connection)
        );
        foreach (var posted in events.Events)
        {
            ReadOnlyMemory<byte>? encoded = null;
            foreach (var socket in sockets.Where(socket => socket.TakesEvent(posted, Options.ResumeWindow, Options.Limits.Events)))
            {
                var frame = encoded ??= _services.Encoder.Event(posted);
                Deliver(socket, connection => connection.DeliverEvent(frame));
            }
        }
    }
}
