using Akka.Actor;
using Presence.Actors.Users;
using Presence.Core.Events;

namespace Presence.Actors.Events;

/// <summary>A connection that was attached, and is to have what waits.</summary>
internal readonly record struct AttachedTo(IActorRef Hub, ConnectionId Connection);

/// <summary>What a read of a user's events came to.</summary>
/// <param name="New">For all connections of the user.</param>
/// <param name="All">What waits, for <paramref name="Attached"/>.</param>
/// <param name="Attached">Those that were attached before the read.</param>
internal sealed record EventsToTell(
    IReadOnlyList<WaitingEvent> New,
    IReadOnlyList<WaitingEvent> All,
    IReadOnlyCollection<AttachedTo> Attached
);

/// <summary>One user's reads of its events: one at a time, so that they come in order; what is asked for meanwhile goes into the next.</summary>
internal sealed class EventReads
{
    private HashSet<EventId> _told = [];
    private HashSet<AttachedTo> _waiting = [];
    private HashSet<AttachedTo> _underWay = [];
    private bool _wanted;
    private bool _reading;

    /// <summary>Whether one is under way.</summary>
    public bool IsRunning => _reading;

    /// <summary>There may be new ones.</summary>
    public void Want() => _wanted = true;

    /// <summary>That connection is to have all.</summary>
    public void Want(AttachedTo attached)
    {
        _wanted = true;
        _waiting.Add(attached);
    }

    /// <summary>Begins the next read; false where none is wanted, or one is under way.</summary>
    public bool TryStart()
    {
        if (_reading || !_wanted)
        {
            return false;
        }

        (_reading, _wanted) = (true, false);
        (_underWay, _waiting) = (_waiting, []);
        return true;
    }

    /// <summary>It failed: to be done again.</summary>
    public void Fail()
    {
        (_reading, _wanted) = (false, true);
        _waiting.UnionWith(_underWay);
        _underWay = [];
    }

    /// <summary>It has ended. What is not pending any more is forgotten, so that this never grows beyond what waits.</summary>
    public EventsToTell Finish(IReadOnlyList<WaitingEvent> pending)
    {
        var fresh = pending.Where(posted => !_told.Contains(posted.Id)).ToList();
        _told = [.. pending.Select(posted => posted.Id)];
        var attached = _underWay;
        (_reading, _underWay) = (false, []);
        return new(fresh, pending, attached);
    }
}
