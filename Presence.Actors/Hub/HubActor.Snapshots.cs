using Presence.Core.Privacy;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <content>Snapshots: sent when all whom they name are known, or their time is over.</content>
public sealed partial class HubActor
{
    private void BeginSnapshot(PendingSnapshot snapshot)
    {
        foreach (var user in snapshot.Users)
        {
            if (_watched.TryGetValue(user, out var watched) && !watched.Known)
            {
                Await(snapshot, watched);
            }
        }

        if (snapshot.Missing == 0)
        {
            SendSnapshot(snapshot);
        }
        else
        {
            _snapshots.Add(snapshot);
            snapshot.Socket.First = snapshot.First ? snapshot : snapshot.Socket.First;
            snapshot.Waits = true;
            snapshot.Socket.OpenQuestions++;
        }
    }

    private static void Await(PendingSnapshot? snapshot, WatchedUser watched)
    {
        if (snapshot is not null && watched.Waiting.Add(snapshot))
        {
            snapshot.Missing++;
        }
    }

    private void SendSnapshot(PendingSnapshot snapshot)
    {
        if (snapshot.Waits)
        {
            snapshot.Waits = false;
            snapshot.Socket.OpenQuestions--;
        }

        var socket = snapshot.Socket;
        if (snapshot.Sent || !_sockets.ContainsKey(socket.Connection.Id))
        {
            snapshot.Sent = true;
            return;
        }

        snapshot.Sent = true;
        if (snapshot.First)
        {
            socket.First = null;
            var since = socket.Welcomed ? null : TakeBack(snapshot);
            if (socket.Connection.Snapshot != SnapshotKind.None || since is not null)
            {
                var self = _services.Encoder.Record(socket.User.Own);
                socket.Connection.DeliverSnapshot(RecordsOf(snapshot, since), CursorOf(socket), self);
                socket.Own = socket.User.Own;
                Touch(socket);
            }

            socket.BecomeReady(_services.Time.GetTimestamp());
        }
        else
        {
            Deliver(socket, connection => connection.DeliverSnapshot(RecordsOf(snapshot, null), CursorOf(socket), self: null));
        }
    }

    /// <summary>The records; with cursors only those that the client that brought it does not have.</summary>
    private List<ReadOnlyMemory<byte>> RecordsOf(PendingSnapshot snapshot, (Cursor Contacts, Cursor Subscribed)? since)
    {
        var records = new List<ReadOnlyMemory<byte>>(snapshot.Users.Count);
        foreach (var user in snapshot.Users)
        {
            if (user == snapshot.Socket.User.Id)
            {
                records.Add(_services.Encoder.Record(snapshot.Socket.User.Own));
            }
            else if (_watched.TryGetValue(user, out var watched))
            {
                if (since is { } cursors)
                {
                    AddNews(
                        records,
                        watched,
                        snapshot.Socket,
                        snapshot.Socket.User.Contacts.Contains(user) ? cursors.Contacts : cursors.Subscribed
                    );
                }
                else
                {
                    AddRecord(records, watched, snapshot);
                }
            }
        }

        TellKnown(snapshot.Socket);
        return records;
    }

    private void AddRecord(List<ReadOnlyMemory<byte>> records, WatchedUser watched, PendingSnapshot snapshot)
    {
        if (!watched.Known)
        {
            watched.ToldUnknown.Add(snapshot.Socket);
            records.Add(_services.Encoder.Record(PresenceRecord.Unknown(watched.Id) with { Certainty = Certainty.Unknown }));
            return;
        }

        var sight = watched.SightOf(snapshot.Socket);
        if (snapshot.Kind == SnapshotKind.NotOffline && watched.Shown(sight).OnlineStatus == OnlineStatus.Offline)
        {
            return;
        }

        if (watched.HidesTime(sight))
        {
            records.Add(_services.Encoder.Record(watched.Shown(sight) with { Version = VersionAmongMany(watched, snapshot.Socket) }));
            return;
        }

        var told = snapshot.Socket.Floors.GetValueOrDefault(watched.Id);
        watched.NoteTold(snapshot.Socket, sight, Math.Max(told, watched.Presence.Version));
        records.Add(
            // Who was never seen reads as the hidden do, whatever this viewer was told.
            told > watched.Presence.Version
            && watched.Presence.Version > 0
            && sight != Sight.Nothing
                ? _services.Encoder.Record(watched.Shown(sight) with { Version = told })
                : watched.Encoded(sight)
        );
    }
}
