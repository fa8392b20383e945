using Akka.Actor;
using Presence.Actors.Events;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <content>Events from backends.</content>
public sealed partial class HubActor
{
    /// <summary>Pieces of backlogs for whose sockets there is no room yet: their entities wait for the answer.</summary>
    private readonly Dictionary<(IActorRef Entity, long Number), (UserId User, List<HubSocket> Sockets)> _pieces = [];

    /// <summary>To each socket those that it has not had: the entity tells of one again where it can't know who had it.</summary>
    private void OnEvents(EventsFor events)
    {
        // One that is not attached yet is told by its own attachment; one that waits for its first snapshot, after that.
        List<HubSocket> sockets =
            _local.GetValueOrDefault(events.UserId)?.Sockets.FindAll(socket => socket.WasAttached && IsFor(events, socket)) ?? [];
        foreach (var posted in events.Events)
        {
            ReadOnlyMemory<byte>? encoded = null;
            foreach (var socket in sockets)
            {
                if (socket.Connection.Resume?.Events.Has(posted.Id) == true)
                {
                    Acknowledge(socket.User.Id, posted);
                    continue;
                }

                if (!socket.TakesEvent(posted, Options.ResumeWindow, Options.Limits.Events))
                {
                    continue;
                }

                var frame = encoded ??= _services.Encoder.Event(posted);
                Deliver(socket, connection => connection.DeliverEvent(frame));
            }
        }

        if (events is { Connection: not null, More: false } && sockets is [var one])
        {
            one.AwaitsEvents = false;
            TellKnown(one);
        }

        if (events.Number == 0)
        {
            return;
        }

        if (HaveRoom(sockets))
        {
            Sender.Tell(new EventsTaken(events.UserId, events.Number));
        }
        else
        {
            _pieces[(Sender, events.Number)] = (events.UserId, sockets);
        }
    }

    /// <summary>The client of a stream says it with what it comes back with.</summary>
    private void Acknowledge(UserId user, PostedEvent posted)
    {
        if (posted.Durable)
        {
            _services.Users().Tell(new AcknowledgeEvent(user, posted.Id), Self);
        }
    }

    private static bool IsFor(EventsFor events, HubSocket socket) =>
        events.Connection is { } connection ? socket.Connection.Id == connection : events.Except?.Contains(socket.Connection.Id) != true;

    /// <summary>Whether one of them can take more. Of several the slowest is not waited for: what it is too slow for closes it.</summary>
    private bool HaveRoom(List<HubSocket> sockets) =>
        sockets.Count == 0
        || sockets.Exists(socket =>
            !_sockets.ContainsKey(socket.Connection.Id) || (socket.Ready && socket.Connection.Waiting <= Options.Limits.OutboxBytes / 2)
        );

    /// <summary>Looked at with each tick: sockets tell nobody that they have sent something.</summary>
    private void AnswerPieces()
    {
        foreach (var (piece, (user, sockets)) in _pieces)
        {
            if (HaveRoom(sockets))
            {
                _pieces.Remove(piece);
                piece.Entity.Tell(new EventsTaken(user, piece.Number));
            }
        }
    }
}
