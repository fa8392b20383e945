using Akka.Actor;
using Presence.Actors.Loading;
using Presence.Actors.Sessions;
using Presence.Core.Conversations;
using Presence.Core.Privacy;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <content>Coming back: a client is told what it missed and no more, or, where that is not sure, everything. All of it rests on the state of those watched, which any node can ask for, and on no log.</content>
public sealed partial class HubActor
{
    private void AskForSession(HubSocket socket)
    {
        if (socket is { Resuming.AwaitsSession: true, Connection.Device: { } device })
        {
            _services.Loader.Tell(new LoadSession(socket.User.Id, device), Self);
        }
    }

    private void OnSession(SessionLoaded loaded)
    {
        foreach (var socket in _local.GetValueOrDefault(loaded.UserId)?.Sockets.ToList() ?? [])
        {
            if (socket.Connection.Device != loaded.DeviceId || socket.Resuming is not { AwaitsSession: true } resuming)
            {
                continue;
            }

            resuming.AwaitsSession = false;
            resuming.Session = loaded.Session;
            if (socket.WasAttached && !socket.Welcomed)
            {
                BeginFirst(socket);
            }
        }
    }

    private void OnFirstAttached(HubSocket socket, DateTimeOffset? endedAt)
    {
        if (socket.Resuming is not { } resuming)
        {
            BeginFirst(socket);
            return;
        }

        var (now, cursor) = (_clock.SharedTime, resuming.Request.Cursor);
        // No cursor is ahead of the clock that all nodes share, but one of before a restart that lost that clock: it would count as one that has everything.
        resuming.Refused =
            now - (endedAt ?? cursor.At) > Options.ResumeWindow || cursor.At > now || socket.User.ContactsHash != cursor.Contacts;
        if (resuming.Refused || !resuming.AwaitsSession)
        {
            BeginFirst(socket);
        }
    }

    /// <summary>Who is new is welcomed now. Who comes back is when all whom it watches are known: only then is it sure what it missed.</summary>
    private void BeginFirst(HubSocket socket)
    {
        var comesBack = socket.Resuming is { Refused: false } resuming && Restore(socket, resuming);
        if (!comesBack)
        {
            socket.Resuming = null;
            Welcome(socket, resumed: false);
        }

        foreach (var user in socket.User.Contacts.Concat(socket.Subscriptions))
        {
            AddViewer(user, socket);
        }

        if (!comesBack && socket.Connection.Snapshot == SnapshotKind.None)
        {
            socket.BecomeReady(_services.Time.GetTimestamp());
        }
        else
        {
            BeginSnapshot(new(socket, socket.User.Contacts, socket.Connection.Snapshot, first: true, Elapsed + StartLimit));
        }
    }

    /// <summary>Takes over what belonged to the earlier socket; false where what is stored may not be all of it.</summary>
    private bool Restore(HubSocket socket, Resuming resuming)
    {
        var request = resuming.Request;
        if (resuming.Session is not { } session || session.Connection != request.Connection)
        {
            resuming.Session = null;
            return request.Cursor.Session == 0;
        }

        var bytes = EntriesOf(session).Sum(entry => entry.Weight);
        if (session.Sequence < request.Cursor.Session || !HasRoom(socket, bytes))
        {
            return false;
        }

        socket.Weigh(bytes);
        foreach (var user in session.Subscriptions)
        {
            AddSubscription(socket, user);
        }

        socket.Session = session.Sequence;
        socket.Stored = session.IsWhole ? null : new(session.Connection, session.Sequence);
        resuming.SubscribedSince = session.Sequence > request.Cursor.Session;
        return true;
    }

    /// <summary>Welcomes one that comes back; since when it is told what changed, of contacts and of those subscribed to, or null where it is told everything.</summary>
    private (Cursor Contacts, Cursor Subscribed)? TakeBack(PendingSnapshot snapshot)
    {
        var socket = snapshot.Socket;
        var (resuming, cursor) = (socket.Resuming!, socket.Resuming!.Request.Cursor);
        socket.Resuming = null;
        var sure = socket.User.ContactsHash == cursor.Contacts && snapshot.Users.All(user => IsSure(user, socket, cursor));
        if (!sure)
        {
            Forget(socket.Subscriptions, socket);
            socket.Weigh(-socket.WatchedBytes);
            (socket.Session, socket.Stored) = (0, null);
        }

        (socket.CameBack, socket.ToldAlone) = (sure, sure ? cursor.ToldAlone : 0);
        Welcome(socket, sure);
        if (sure && resuming.Session is { } session)
        {
            // Counted as watched until it is known that it may be watched no more: else a second break meanwhile would lose it.
            socket.Conversations.UnionWith(session.Conversations);
            // What is stored is the new connection's from now on.
            StoreSession(socket, session.IsWhole ? EntriesOf(session).ToDictionary(entry => entry, _ => true) : []);
            foreach (var conversation in session.Conversations)
            {
                OnClientAsks(new(socket.Connection.Id, null, new WatchOn(conversation)));
            }
        }

        return sure ? (cursor, resuming.SubscribedSince ? cursor.OfNobody : cursor) : null;
    }

    private void Forget(HashSet<UserId> subscriptions, HubSocket socket)
    {
        foreach (var user in subscriptions.Where(user => !socket.User.Contacts.Contains(user)))
        {
            DropViewer(user, socket);
        }

        subscriptions.Clear();
    }

    /// <summary>
    /// Whether what the client has of that user, and what it may see, can be told apart by versions: a rule changed meanwhile can show or hide what did not move.
    /// One subscribed to of whom the client sees nothing may have been erased since; whether it was, or is hidden, or never was, is not to be told apart.
    /// Of contacts that is known: who is erased is nobody's contact.
    /// </summary>
    private bool IsSure(UserId user, HubSocket viewer, Cursor cursor) =>
        user == viewer.User.Id
        || (
            _watched.TryGetValue(user, out var watched)
            && watched.Known
            && (watched.RuleAt is not { } at || Versions.Of(at) <= cursor.Time)
            && (viewer.User.Contacts.Contains(user) || (watched.SightOf(viewer) != Sight.Nothing && watched.Presence.Version > 0))
        );

    /// <summary>The record, if it is one that the client does not have. Of the hidden nothing: whether they move is nobody's to know.</summary>
    private void AddNews(List<ReadOnlyMemory<byte>> records, WatchedUser watched, HubSocket viewer, Cursor cursor)
    {
        var sight = watched.SightOf(viewer);
        if (IsOutOfReach(watched))
        {
            // The node from which the client comes may have told it something newer than what was heard here.
            watched.Owed[viewer] = sight != Sight.Nothing && !cursor.Has(watched.Presence);
        }
        else if (sight != Sight.Nothing && !cursor.Has(watched.Presence))
        {
            var isPlain = watched.Presence.Version > cursor.ToldAlone && !watched.HidesTime(sight);
            var version = isPlain ? watched.Presence.Version : VersionAlone(watched, viewer);
            watched.NoteTold(viewer, sight, version);
            records.Add(isPlain ? watched.Encoded(sight) : _services.Encoder.Record(watched.Shown(sight) with { Version = version }));
        }
        else if (_clock.Shared - watched.Epoch < (long)Options.OfflineGrace.TotalMicroseconds)
        {
            // The entity has just begun: what the client has of it, it may have as presumed.
            watched.NoteTold(viewer, sight, Math.Max(watched.Presence.Version, cursor.ToldAlone));
        }
    }

    private bool IsOutOfReach(WatchedUser watched) =>
        watched.AskedAt is not null || (watched.Entity is { } entity && _silent.Contains(entity.Path.Address));

    /// <summary>What the client has seen by now, with those named who changed so lately that the time alone does not say it.</summary>
    private Cursor CursorOf(HubSocket socket)
    {
        var time = Math.Min(_services.Seen.Time, socket.KnownUntil);
        var newer = socket
            .User.Contacts.Concat(socket.Subscriptions)
            .Select(user => _watched.GetValueOrDefault(user))
            .OfType<WatchedUser>()
            .Where(watched => watched.Known && watched.Presence.Version > time && watched.SightOf(socket) != Sight.Nothing)
            .Take(Cursor.MostNewer)
            .Select(watched => Cursor.HashOf(watched.Id, watched.Presence.Version));
        return new Cursor(time, socket.KnownContacts, socket.Session, [.. newer]).After(socket.ToldAlone);
    }

    /// <summary>What belongs to the socket changed: the difference is stored, so that it can come back wherever the client does.</summary>
    private void SessionChanged(HubSocket socket, IEnumerable<SessionEntry> entries, bool areThere)
    {
        var differences = entries.ToDictionary(entry => entry, _ => areThere);
        var bytes = differences.Keys.Sum(entry => entry.Weight);
        socket.Weigh(areThere ? bytes : -bytes);
        StoreSession(socket, differences);
    }

    private void StoreSession(HubSocket socket, IReadOnlyDictionary<SessionEntry, bool> differences)
    {
        if (socket.Connection.Device is not { } device)
        {
            return;
        }

        socket.Session++;
        TellKnown(socket);
        var to = new SessionMark(socket.Connection.Id.Value, socket.Session);
        _services.Writer.Tell(new WriteSession(new(socket.User.Id, device, socket.Stored, to, differences, _clock.Wall)));
        socket.Stored = to;
    }

    /// <summary>Under the text that is kept of that user anyway: thousands of sockets may subscribe to the same.</summary>
    private void AddSubscription(HubSocket socket, UserId user) =>
        socket.Subscriptions.Add(_watched.TryGetValue(user, out var watched) ? watched.Id : user);

    private static SessionEntry EntryOf(UserId user) => new(SessionEntryKind.Subscription, user.Value);

    private static SessionEntry EntryOf(ConversationId conversation) => new(SessionEntryKind.Conversation, conversation.Value);

    private static List<SessionEntry> EntriesOf(Session session) =>
        [.. session.Subscriptions.Select(EntryOf), .. session.Conversations.Select(EntryOf)];
}
