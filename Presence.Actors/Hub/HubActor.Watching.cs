using Akka.Actor;
using Presence.Actors.Users;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <content>Who watches whom, and what they are told.</content>
public sealed partial class HubActor
{
    private void AddViewer(UserId user, HubSocket viewer)
    {
        if (user == viewer.User.Id)
        {
            return;
        }

        if (!_watched.TryGetValue(user, out var watched))
        {
            _watched[user] = watched = new(user, _services.Encoder);
            Ask(watched);
        }

        if (watched.Viewers.Add(viewer) && watched.IsDoubtful && viewer.Unknown++ == 0)
        {
            TellKnown(viewer);
        }

        watched.UnwatchedAt = null;
        _unwatched.Remove(watched);
    }

    /// <summary>The viewer neither subscribes nor is a contact any more, or is gone.</summary>
    private void DropViewer(UserId user, HubSocket viewer)
    {
        if (!_watched.TryGetValue(user, out var watched) || !watched.Viewers.Remove(viewer))
        {
            return;
        }

        if (watched.IsDoubtful && --viewer.Unknown == 0)
        {
            TellKnown(viewer);
        }

        watched.ToldUnknown.Remove(viewer);
        watched.Owed.Remove(viewer);
        watched.ToldGrace.Remove(viewer);
        if (watched.Viewers.Count == 0)
        {
            watched.UnwatchedAt = Elapsed;
            _unwatched.Add(watched);
        }
    }

    private void Ask(WatchedUser watched)
    {
        Await(watched);
        watched.Retry.Asked();
        var online = watched.Presence.OnlineStatus != OnlineStatus.Offline;
        _services
            .Users()
            .Tell(
                new Watch(
                    watched.Id,
                    new(watched.Epoch, watched.Version, watched.Presence.Version, online),
                    NextNumber(),
                    watched.PresumedVersion
                ),
                Self
            );
    }

    /// <summary>Until it is answered nobody knows what has changed.</summary>
    private void Await(WatchedUser watched)
    {
        watched.AskedAt = Elapsed;
        if (_asked.Add(watched))
        {
            watched.AskedSince = Elapsed;
        }
    }

    /// <summary>A time, so that it grows over a restart of the hub too.</summary>
    private long NextNumber() => _number = Versions.Next(_number, _clock.Shared);

    private void StopWatching(WatchedUser watched)
    {
        _unwatched.Remove(watched);
        _asked.Remove(watched);
        _watched.Remove(watched.Id);
        _services.Users().Tell(new Unwatch(watched.Id, NextNumber()), Self);
        UnwatchEntity(watched.Entity, watched.Id);
    }

    private void OnPresenceChanged(PresenceChanged changed)
    {
        if (!_watched.TryGetValue(changed.Presence.UserId, out var watched))
        {
            Sender.Tell(new Unwatch(changed.Presence.UserId, NextNumber()));
            return;
        }

        if (IsReplaced(changed.Epoch, Math.Max(watched.Epoch, watched.Begun)))
        {
            return;
        }

        watched.AskedAt = null;
        _asked.Remove(watched);
        NoteFound(watched);
        NoteHeard(watched.Retry);
        TakePresence(changed, watched);
        if (changed.AskedAt is { } askedAt)
        {
            _services.Counters.PushDuration.Record(Math.Max(0, (_clock.SharedTime - askedAt).TotalSeconds));
        }

        TrustAgain(watched);
    }

    private void TakePresence(PresenceChanged changed, WatchedUser watched)
    {
        var revived = watched.Known && !Sender.Equals(watched.Entity);
        watched.Entity = Sender;
        WatchEntity(Sender, watched.Id);
        if (watched.Known && changed.Version < watched.Version)
        {
            return;
        }

        var (first, presence, rule, wasSure) = (!watched.Known, watched.Presence, watched.Rule, watched.IsSure);
        watched.Take(changed, revived);
        // What did not move is what whoever came back has, or is older than that.
        var isNewer = watched.Presence.Version > presence.Version;
        if (first)
        {
            TellFirst(watched, changed.At);
        }
        else
        {
            // A re-made entity tells the same with a new version; that is nothing to push.
            var sameContent = presence.ShowsTheSame(watched.Presence);
            if (
                !sameContent
                || !rule.Equals(changed.Rule)
                || watched.Owed.Count > 0
                || (watched.IsAbovePresumed && watched.ToldGrace.Count > 0)
            )
            {
                TellChange(watched, rule, sameContent, isNewer, changed.At);
            }
        }

        if (!wasSure && watched.IsSure && !watched.IsAbovePresumed)
        {
            // A device that comes back within the grace changes nothing, and no version with it. Who was told grace needs one.
            Ask(watched);
        }
    }

    /// <summary>Snapshots waited for it. Who came to watch since sees it now, if there is something to see; who was told that nothing is known is told in any case, and of the hidden the same as of those never seen.</summary>
    private void TellFirst(WatchedUser watched, DateTimeOffset at)
    {
        var pushes = new Pushes(this, watched, at);
        foreach (var viewer in watched.Viewers.Where(viewer => viewer.Ready))
        {
            var sight = watched.SightOf(viewer);
            if (watched.Shown(sight).OnlineStatus != OnlineStatus.Offline)
            {
                pushes.To(viewer, sight);
            }
            else if (watched.ToldUnknown.Contains(viewer) && watched.HidesTime(sight))
            {
                PushAlone(watched, viewer, sight);
            }
            else if (watched.ToldUnknown.Contains(viewer))
            {
                viewer.Connection.DeliverPresence(watched.Id, _services.Encoder.PresenceUpdate(watched.Shown(sight), at));
                Touch(viewer);
            }
        }

        watched.ToldUnknown.Clear();
        var told = watched.Viewers.Where(viewer => --viewer.Unknown == 0).ToList();
        EndWaiting(watched);
        // Behind the snapshots: a cursor that is told in between is to say nothing of them.
        told.ForEach(TellKnown);
    }

    /// <summary>The entity can't be loaded: snapshots go out without it, and it is asked again.</summary>
    private void OnWatchRefused(WatchRefused refused)
    {
        if (_watched.TryGetValue(refused.UserId, out var watched))
        {
            EndWaiting(watched);
        }
    }

    private void EndWaiting(WatchedUser watched)
    {
        foreach (var snapshot in watched.Waiting.Where(snapshot => --snapshot.Missing == 0))
        {
            SendSnapshot(snapshot);
        }

        watched.Waiting.Clear();
    }

    private void TellChange(WatchedUser watched, PrivacyRule ruleBefore, bool sameContent, bool isNewer, DateTimeOffset at)
    {
        var pushes = new Pushes(this, watched, at);
        var sameRule = ruleBefore.Equals(watched.Rule);
        foreach (var viewer in watched.Viewers)
        {
            // Who waits for the first snapshot finds the change in it.
            if (!viewer.Ready)
            {
                continue;
            }

            var sight = watched.SightOf(viewer);
            var before = sameRule ? sight : watched.SightOf(viewer, ruleBefore);
            var isOwed = watched.Owed.TryGetValue(viewer, out var inAnyCase) && (inAnyCase || isNewer);
            isOwed |= watched.IsAbovePresumed && watched.ToldGrace.Contains(viewer);
            var isOld = sight != before ? watched.Presence.Version < watched.Version : sameContent && watched.HidesTime(sight) && isOwed;
            if (sight != Sight.Nothing && isOld)
            {
                // Told late: it must be above what the viewer has, also from a connection that this one resumes, and say nothing of when it came to be so.
                PushAlone(watched, viewer, sight);
            }
            else if (sight != before || ((!sameContent || isOwed) && sight != Sight.Nothing))
            {
                pushes.To(viewer, sight);
            }
        }

        watched.Owed.Clear();
    }

    private void OnContacts(ContactsAre changed)
    {
        if (_local.TryGetValue(changed.UserId, out var user))
        {
            TakeContacts(user, changed.Contacts);
        }
    }

    private void TakeContacts(LocalUser user, IReadOnlySet<UserId> contacts)
    {
        var before = user.Contacts;
        if (before.SetEquals(contacts))
        {
            return;
        }

        user.Contacts = contacts;
        foreach (var socket in user.Sockets.Where(socket => socket.WasAttached))
        {
            foreach (var removed in before.Except(contacts))
            {
                EndContact(removed, socket);
            }

            foreach (var added in contacts.Except(before))
            {
                BeginContact(added, socket);
            }

            TellKnown(socket);
        }
    }

    /// <summary>Everyone is pushed the other's offline, the blocked too: nobody is to tell hidden from offline. Only who subscribed and may see it goes on.</summary>
    private void EndContact(UserId user, HubSocket viewer)
    {
        if (!_watched.TryGetValue(user, out var watched))
        {
            return;
        }

        var subscribed = viewer.Subscriptions.Contains(user);
        if (!subscribed)
        {
            DropViewer(user, viewer);
        }

        var sight = subscribed ? watched.SightOf(viewer) : Sight.Nothing;
        var before = Audience.SightOf(watched.Rule, viewer.User.Id, areContacts: true, viewer.User.Blocked.Contains(user));
        if (viewer.Ready && (sight == Sight.Nothing || sight != before))
        {
            PushAlone(watched, viewer, sight);
        }
    }

    private void BeginContact(UserId user, HubSocket viewer)
    {
        AddViewer(user, viewer);
        if (!_watched.TryGetValue(user, out var watched))
        {
            return;
        }

        if (!viewer.Ready && !watched.Known)
        {
            // The first snapshot names whoever is a contact when it is sent: it waits for this one too.
            Await(viewer.First, watched);
        }

        if (!viewer.Ready || !watched.Known)
        {
            return;
        }

        var sight = watched.SightOf(viewer);
        if (watched.Shown(sight).OnlineStatus != OnlineStatus.Offline)
        {
            PushAlone(watched, viewer, sight);
        }
    }

    /// <summary>A push that only this viewer gets, with a version of its own, above all that it was told.</summary>
    private void PushAlone(WatchedUser watched, HubSocket viewer, Sight sight)
    {
        var version = VersionAlone(watched, viewer);
        var record =
            sight == Sight.Nothing
                ? PresenceRecord.LostSight(watched.Id, version, _clock.Wall)
                : watched.Shown(sight) with
                {
                    Version = version,
                };
        watched.NoteTold(viewer, sight, version);
        viewer.Connection.DeliverPresence(watched.Id, _services.Encoder.PresenceUpdate(record, _clock.Wall));
        Touch(viewer);
    }

    private long VersionAlone(WatchedUser watched, HubSocket viewer)
    {
        var version = Versions.Next(Math.Max(watched.Version, viewer.ToldAlone), _clock.Shared);
        TellAlone(watched, viewer, version);
        return version;
    }

    /// <summary>The same for a snapshot, which may have thousands such. The caller tells the connection of the last.</summary>
    private long VersionAmongMany(WatchedUser watched, HubSocket viewer)
    {
        viewer.ToldAlone = Versions.Next(Math.Max(watched.Version, viewer.ToldAlone), _clock.Shared);
        viewer.ToldManyAlone = true;
        return viewer.ToldAlone;
    }

    /// <summary>What follows, on this connection or on one that resumes it, must be above that.</summary>
    private static void TellAlone(WatchedUser watched, HubSocket viewer, long version)
    {
        (viewer.Floors[watched.Id], viewer.ToldAlone) = (version, Math.Max(viewer.ToldAlone, version));
        TellKnown(viewer);
    }

    /// <summary>What its cursors name.</summary>
    private static void TellKnown(HubSocket socket) =>
        socket.Connection.Knows(socket.KnownContacts, socket.Session, socket.ToldAlone, socket.KnownUntil);

    /// <summary>One change, encoded once for all who see alike.</summary>
    private sealed class Pushes(HubActor hub, WatchedUser watched, DateTimeOffset at)
    {
        private readonly ReadOnlyMemory<byte>?[] _frames = new ReadOnlyMemory<byte>?[3];

        public void To(HubSocket viewer, Sight sight)
        {
            var version = sight == Sight.Nothing ? watched.Version : watched.Presence.Version;
            viewer.Floors.Remove(watched.Id, out var floor);
            floor = viewer.CameBack || viewer.ToldManyAlone ? viewer.ToldAlone : floor;
            if (floor >= version)
            {
                hub.PushAlone(watched, viewer, sight);
                return;
            }

            if (sight == Sight.Nothing)
            {
                // Should sight come back, it is told with a version above this one.
                viewer.Floors[watched.Id] = version;
            }

            watched.NoteTold(viewer, sight, version);
            var frame = _frames[(int)sight] ??= hub._services.Encoder.PresenceUpdate(Record(sight), at);
            viewer.Connection.DeliverPresence(watched.Id, frame);
            hub.Touch(viewer);
        }

        private PresenceRecord Record(Sight sight) =>
            sight == Sight.Nothing ? PresenceRecord.LostSight(watched.Id, watched.Version, at) : watched.Shown(sight);
    }
}
