using Akka.Actor;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <content>The life of a socket: attached at its user's entity, attached anew when that dies, swept when it falls silent.</content>
public sealed partial class HubActor
{
    /// <summary>The entity is told at least that often that a device lives, so that last seen stays young.</summary>
    private static readonly TimeSpan TellHeard = TimeSpan.FromSeconds(30);

    private void OnOpen(IClientConnection connection)
    {
        if (RefuseRevoked(connection))
        {
            return;
        }

        if (!_local.TryGetValue(connection.User, out var user))
        {
            _local[connection.User] = user = new(connection.User, Cursor.HashOf(Options.Privacy.Rule));
            NoteHere(user, isHere: true);
        }

        var older = connection.Device is null ? null : user.Sockets.Find(socket => socket.Connection.Device == connection.Device);
        var openedAt = _clock.SharedTime;
        var socket = new HubSocket(connection, user, openedAt, Elapsed) { EventsSince = connection.Resume?.Cursor.At ?? openedAt };
        user.Sockets.Add(socket);
        _sockets[connection.Id] = socket;
        AwaitToken(socket);
        _connects++;
        _services.Counters.Connects.Add(1);
        _services.Counters.AddConnections(1);
        Attach(socket);
        AskForSession(socket);
        if (older is not null)
        {
            // Here and now, lest both be attached anew by turns while the entity is slow to answer. Behind the new attachment, so that there is no grace between.
            Close(older, CloseReason.Replaced);
        }
    }

    private void Attach(HubSocket socket)
    {
        socket.AttachingSince ??= Elapsed;
        socket.AskedAt = Elapsed;
        socket.Retry.Asked();
        _attaching.Add(socket);
        var connection = socket.Connection;
        var known = new KnownUntil(socket.User.Epoch, socket.User.Own.Version, 0, Online: false);
        _services
            .Users()
            .Tell(
                new AttachDevice(
                    connection.User,
                    connection.Device,
                    connection.Id,
                    connection.Info,
                    socket.Active,
                    socket.OpenedAt,
                    socket.WasAttached,
                    known,
                    Unsaid: connection.Active is null && !socket.WasAttached,
                    socket.WasAttached ? null : connection.Resume?.Cursor.At,
                    socket.WasAttached ? SilenceOf(socket) : TimeSpan.Zero
                ),
                Self
            );
    }

    /// <summary>A client that waits for its first frame is sent away when its time is over; one that has it notices nothing, and its entity is asked for as long as it takes.</summary>
    private void AttachAgain(TimeSpan now)
    {
        foreach (var socket in _attaching.ToList())
        {
            if (!socket.Welcomed && now - socket.AttachingSince >= StartLimit)
            {
                Close(socket, CloseReason.TryAgainLater);
            }
            else if (socket.Retry.IsDue(now - socket.AskedAt, awaited: !socket.Welcomed))
            {
                Attach(socket);
            }
        }
    }

    private void OnAttached(DeviceAttached attached)
    {
        if (!_sockets.TryGetValue(attached.Connection, out var socket))
        {
            // Its end and its attachment have overtaken each other: the device would stay connected for ever.
            Detach(new DetachDevice(attached.UserId, attached.DeviceId, attached.Connection));
            return;
        }

        var user = socket.User;
        if (IsReplaced(attached.Epoch, user.Epoch))
        {
            return;
        }

        socket.AttachingSince = null;
        NoteHeard(socket.Retry);
        _attaching.Remove(socket);
        user.Entity = Sender;
        user.Epoch = attached.Epoch;
        WatchEntity(Sender, user.Id);
        if (!socket.WasAttached)
        {
            // To one that was attached before, the entity tells what is new, and the clients are told.
            TakeOwn(user, attached.Own);
            socket.Own = user.Own;
        }

        socket.AwaitsEvents = attached.EventsFollow;
        TakeBlocked(user, attached.Blocked ?? []);
        TakeContacts(user, attached.Contacts);
        if (!socket.WasAttached)
        {
            socket.WasAttached = true;
            socket.Active = !attached.Idle;
            OnFirstAttached(socket, attached.EndedAt);
        }
    }

    private void Welcome(HubSocket socket, bool resumed)
    {
        socket.Welcomed = true;
        TellKnown(socket);
        socket.Connection.Welcome(resumed);
        Touch(socket);
    }

    /// <summary>Whether an entity of that epoch was replaced by one heard of since: then nothing that it tells is believed.</summary>
    private bool IsReplaced(long epoch, long known)
    {
        if (epoch >= known)
        {
            return false;
        }

        _services.Counters.RefusedEpochs.Add(1);
        return true;
    }

    private void OnAttachRefused(AttachRefused refused)
    {
        if (!_sockets.TryGetValue(refused.Connection, out var socket))
        {
            return;
        }

        if (refused.Refusal.Code == ErrorCodes.TooManyDevices)
        {
            Close(socket, CloseReason.RateLimited);
        }
        else if (!socket.Welcomed)
        {
            Close(socket, CloseReason.TryAgainLater);
        }
    }

    private void OnEnded(ConnectionEnded ended)
    {
        if (_sockets.TryGetValue(ended.Connection, out var socket))
        {
            Detach(socket, ended.Reason);
            Forget(socket, ended.Reason);
        }
    }

    /// <summary>The entity ends it: the device was removed, or has a newer socket. Detached all the same: the entity may be gone since, and the next one have attached it.</summary>
    private void OnEndConnection(EndConnection end)
    {
        if (_sockets.TryGetValue(end.Connection, out var socket))
        {
            Close(socket, end.Reason);
        }
    }

    private void Close(HubSocket socket, CloseReason reason)
    {
        socket.Connection.Close(reason);
        Detach(socket, reason);
        Forget(socket, reason);
    }

    /// <summary>Of one closed for its silence the last sign of life is past; every other end is one.</summary>
    private void Detach(HubSocket socket, CloseReason reason) =>
        Detach(
            new DetachDevice(
                socket.User.Id,
                socket.Connection.Device,
                socket.Connection.Id,
                Goodbye: reason == CloseReason.Normal,
                reason == CloseReason.HeartbeatMissed ? SilenceOf(socket) : TimeSpan.Zero
            )
        );

    private TimeSpan SilenceOf(HubSocket socket) =>
        _services.Time.GetElapsedTime(Math.Max(socket.Connection.LastHeard, socket.ReadyAt), _services.Time.GetTimestamp());

    private void Detach(DetachDevice detach)
    {
        var detaching = new Detaching(detach) { AskedAt = Elapsed };
        detaching.Retry.Asked();
        _detaching[detach.Connection] = detaching;
        _services.Users().Tell(detach, Self);
    }

    /// <summary>One that is lost would leave the device connected for ever.</summary>
    private void DetachAgain(TimeSpan now)
    {
        foreach (var detaching in _detaching.Values.Where(detaching => detaching.Retry.IsDue(now - detaching.AskedAt)))
        {
            detaching.AskedAt = now;
            detaching.Retry.Asked();
            _services.Users().Tell(detaching.Message, Self);
        }
    }

    private void OnDetached(DeviceDetached detached)
    {
        if (_detaching.Remove(detached.Connection, out var detaching))
        {
            NoteHeard(detaching.Retry);
        }
    }

    private sealed class Detaching(DetachDevice message)
    {
        public DetachDevice Message { get; } = message;

        public TimeSpan AskedAt { get; set; }

        public Retry Retry { get; } = new();
    }

    private void Forget(HubSocket socket, CloseReason reason)
    {
        var user = socket.User;
        _sockets.Remove(socket.Connection.Id);
        _attaching.Remove(socket);
        // Told again they could undo what the same client chooses over its next connection.
        _requests.Drop(socket);
        user.Sockets.Remove(socket);
        socket.Weigh(-socket.WatchedBytes);
        _disconnects[reason.Word] = _disconnects.GetValueOrDefault(reason.Word) + 1;
        _services.Counters.Disconnects.Add(1, new KeyValuePair<string, object?>("reason", reason.Word));
        _services.Counters.AddConnections(-1);
        foreach (var watched in user.Contacts.Concat(socket.Subscriptions))
        {
            DropViewer(watched, socket);
        }

        foreach (var conversation in socket.Conversations)
        {
            StopWatching(conversation, socket);
        }

        ForgetShown(socket);
        if (user.Sockets.Count == 0)
        {
            _local.Remove(user.Id);
            NoteHere(user, isHere: false);
            UnwatchEntity(user.Entity, user.Id);
        }
    }

    /// <summary>Nothing was heard for too long: closed. Something was: the entity is told now and then.</summary>
    private void OnSweep()
    {
        ForgetConversations();
        var now = _services.Time.GetTimestamp();
        var tellAfter = Options.LastSeenInterval / 4 < TellHeard ? Options.LastSeenInterval / 4 : TellHeard;
        List<HubSocket>? silent = null;
        List<HubSocket>? stuck = null;
        foreach (var socket in _sockets.Values)
        {
            if (!socket.Ready)
            {
                // What it sends is left where it is until its first snapshot is out, for which it has a time of its own. Whatever keeps it waiting after that is a fault here.
                if (Elapsed - socket.OpenedSince > StartLimit * 3)
                {
                    (stuck ??= []).Add(socket);
                }

                continue;
            }

            var heard = Math.Max(socket.Connection.LastHeard, socket.ReadyAt);
            if (_services.Time.GetElapsedTime(heard, now) > Options.HeartbeatTimeout)
            {
                (silent ??= []).Add(socket);
            }
            else if (heard > socket.ToldHeard && _services.Time.GetElapsedTime(socket.ToldHeard, now) >= tellAfter)
            {
                TellHeardOf(socket, active: null);
            }
        }

        silent?.ForEach(socket => Close(socket, CloseReason.HeartbeatMissed));
        stuck?.ForEach(socket => Close(socket, CloseReason.TryAgainLater));
    }

    private void TellHeardOf(HubSocket socket, bool? active)
    {
        socket.Active = active ?? socket.Active;
        socket.ToldHeard = _services.Time.GetTimestamp();
        if (socket.Connection.Device is { } device)
        {
            _services.Users().Tell(new DeviceHeard(socket.User.Id, device, socket.Connection.Id, active, SilenceOf(socket)), Self);
        }
    }

    private void WatchEntity(IActorRef entity, UserId user)
    {
        if (_entities.TryAdd(entity, user))
        {
            Context.Watch(entity);
        }
    }

    /// <summary>Unless the user has sockets here, or is watched, all the same.</summary>
    private void UnwatchEntity(IActorRef? entity, UserId user)
    {
        if (entity is not null && !_local.ContainsKey(user) && !_watched.ContainsKey(user) && _entities.Remove(entity))
        {
            Context.Unwatch(entity);
        }
    }

    /// <summary>It died, moved, or was passivated: asked anew, whatever it was.</summary>
    private void OnEntityGone(IActorRef entity)
    {
        if (_entities.Remove(entity, out var user))
        {
            if (_watched.TryGetValue(user, out var watched))
            {
                NoteLost(watched);
            }

            _services.Counters.Resubscriptions.Add(1);
            var revive = new Revive(user);
            Timers.StartSingleTimer(revive, revive, MaxJitter * Random.Shared.NextDouble());
        }
    }

    /// <summary>Devices first: the answer to the watch then knows them already.</summary>
    private void OnRevive(UserId user)
    {
        if (_local.TryGetValue(user, out var local))
        {
            local.Sockets.ForEach(Attach);
        }

        if (_watched.TryGetValue(user, out var watched))
        {
            Ask(watched);
        }
    }

    private void TakeOwn(LocalUser user, PresenceRecord own)
    {
        if (own.Version >= user.Own.Version)
        {
            user.Own = own;
        }
    }

    private void OnOwnPresenceChanged(OwnPresenceChanged changed)
    {
        if (!_local.TryGetValue(changed.Own.UserId, out var user) || changed.Own.Version < user.Own.Version)
        {
            return;
        }

        if (IsReplaced(changed.Epoch, user.Epoch))
        {
            return;
        }

        (user.Own, user.Epoch) = (changed.Own, changed.Epoch);
        if (changed.Rule is { } rule)
        {
            TakeRule(user, rule, changed.Cause);
        }

        ReadOnlyMemory<byte>? frame = null;
        // Who waits for the first snapshot finds the change in it.
        foreach (var socket in user.Sockets.Where(socket => socket.Ready))
        {
            var knows = socket.Own is { } own && own.ShowsTheSame(changed.Own);
            socket.Own = changed.Own;
            if (!knows && socket.Connection.Id != changed.Cause)
            {
                socket.Connection.DeliverPresence(user.Id, frame ??= _services.Encoder.PresenceUpdate(changed.Own, changed.At));
                Touch(socket);
            }
        }
    }

    /// <summary>After the first snapshot. A client for which too much waits for that is sent away.</summary>
    private void Deliver(HubSocket socket, Action<IClientConnection> deliver)
    {
        var room = socket.WhenReady(() =>
        {
            deliver(socket.Connection);
            Touch(socket);
        });
        if (!room)
        {
            // Not here: it would be taken from those who are just being delivered to.
            Self.Tell(new EndConnection(socket.Connection.Id, CloseReason.Overloaded));
        }
    }
}
