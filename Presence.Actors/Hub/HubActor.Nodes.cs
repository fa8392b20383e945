using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <content>The hub among the nodes: until when it has heard everything, what it does when something was lost, and when its node is no longer to be believed.</content>
public sealed partial class HubActor
{
    /// <summary>After a pause, the time in which no socket is closed for its silence.</summary>
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(5);

    /// <summary>Put into the mailbox behind all that had been told by then.</summary>
    /// <param name="At">When that was.</param>
    /// <param name="Settled">Until when all that was told on this node is in front of it.</param>
    private sealed record Mark(TimeSpan At, long Settled) : IHubMessage, IDeadLetterSuppression;

    /// <summary>Who came back so lately when an entity was lost may come from where it was, and know more of it than is known here.</summary>
    private static readonly TimeSpan CameLately = TimeSpan.FromSeconds(10);

    private long? _heardElsewhere;
    private long _lines;
    private ImmutableHashSet<Address> _silent = [];

    private void OnMark(Mark mark)
    {
        _services.Counters.QueueAge = Elapsed - mark.At;
        if (_asked.Any(watched => !watched.IsDoubtful))
        {
            // Somebody's entity is gone, and may have changed before: who comes back now must be told of it.
            return;
        }

        var elsewhere = _heardElsewhere - (long)HybridClock.Slack.TotalMicroseconds;
        _services.Seen.Advance(Math.Min(mark.Settled, elsewhere ?? mark.Settled), _lines);
    }

    /// <summary>Something that entities of that node told has been lost; whose is not known. All of them are asked anew.</summary>
    private void OnLineBroken(Address node)
    {
        foreach (var (entity, user) in _entities.Where(entry => entry.Key.Path.Address.Equals(node)).ToList())
        {
            _services.Counters.Resubscriptions.Add(1);
            if (_watched.TryGetValue(user, out var watched))
            {
                Await(watched);
                NoteOwedLately(watched);
            }

            var revive = new Revive(user);
            Timers.StartSingleTimer(revive, revive, MaxJitter * Random.Shared.NextDouble());
        }
    }

    /// <summary>That node left, or is taken for dead. Its entities are gone, also those of which it was heard so late that their death-watch would not tell.</summary>
    private void OnNodeGone(Address node)
    {
        // What was asked for there is asked for elsewhere.
        _back = true;
        foreach (var entity in _entities.Keys.Where(entity => entity.Path.Address.Equals(node)).ToList())
        {
            Context.Unwatch(entity);
            OnEntityGone(entity);
        }
    }

    /// <summary>Who is being asked already is asked on until this one answers; what an earlier one answers is refused.</summary>
    private void OnEntityBegun(EntityBegun begun)
    {
        if (_local.TryGetValue(begun.UserId, out var local))
        {
            local.Epoch = Math.Max(local.Epoch, begun.Epoch);
            if (!Sender.Equals(local.Entity))
            {
                local.Sockets.FindAll(socket => socket.AttachingSince is null).ForEach(Attach);
            }
        }

        if (_watched.TryGetValue(begun.UserId, out var watched))
        {
            watched.Begun = Math.Max(watched.Begun, begun.Epoch);
            if (watched.AskedAt is null && !Sender.Equals(watched.Entity))
            {
                NoteLost(watched);
                Ask(watched);
            }
            else if (watched.Retry.IsLong)
            {
                watched.Retry.Soon();
            }
        }
    }

    private void NoteLost(WatchedUser watched)
    {
        watched.LostAt ??= Elapsed;
        // Counts as asked.
        Await(watched);
        NoteOwedLately(watched);
    }

    private void NoteOwedLately(WatchedUser watched)
    {
        foreach (var viewer in watched.Viewers.Where(viewer => viewer.CameBack && Elapsed - viewer.OpenedSince < CameLately))
        {
            watched.Owed.TryAdd(viewer, false);
        }
    }

    /// <summary>A node that was silent and is heard again, or is gone, owes an answer for each user of whom somebody was told nothing meanwhile: it is asked for.</summary>
    private void OnHeardUntil(HeardUntil heard)
    {
        var again = _silent.Except(heard.Silent);
        (_heardElsewhere, _silent, _lines) = (heard.Time, heard.Silent, heard.Lines);
        if (again.IsEmpty)
        {
            return;
        }

        foreach (var watched in _watched.Values.Where(watched => watched.Owed.Count > 0 && IsOn(again, watched)))
        {
            Ask(watched);
        }
    }

    private static bool IsOn(ImmutableHashSet<Address> nodes, WatchedUser watched) =>
        watched.Entity is { } entity && nodes.Contains(entity.Path.Address);

    private void NoteFound(WatchedUser watched)
    {
        if (watched.LostAt is { } lost)
        {
            watched.LostAt = null;
            _services.Counters.HandOver.Record((Elapsed - lost).TotalSeconds);
        }
    }

    /// <summary>Also what connections answered by themselves was held back.</summary>
    private void FlushAll()
    {
        Flush();
        foreach (var socket in _sockets.Values)
        {
            socket.Connection.Flush();
        }
    }

    /// <summary>The node was taken for dead. Its clients are sent to another one, and hear nothing more from here.</summary>
    private void SeverAll()
    {
        foreach (var socket in _sockets.Values.ToList())
        {
            socket.Connection.Sever(CloseReason.Restart);
            Forget(socket, CloseReason.Restart);
        }
    }
}
