using Presence.Core.Events;

namespace Presence.Actors.Events;

/// <summary>What devices of a user have acknowledged and the store may still have: it is given to nobody any more.</summary>
/// <param name="keep">The most that are kept; one over it comes again, should the store be read before it has forgotten it.</param>
internal sealed class AcknowledgedEvents(int keep)
{
    private readonly HashSet<EventId> _ids = [];

    /// <summary>Whether the store may still have any.</summary>
    public bool Any => _ids.Count > 0;

    /// <summary>A device has that event.</summary>
    public void Note(EventId id)
    {
        if (_ids.Count < keep)
        {
            _ids.Add(id);
        }
    }

    /// <summary>Of what the store has, that which nobody acknowledged. What the store has no more it never has again, and is forgotten here.</summary>
    public IReadOnlyList<WaitingEvent> Without(IReadOnlyList<WaitingEvent> stored)
    {
        if (!Any)
        {
            return stored;
        }

        _ids.IntersectWith(stored.Select(waiting => waiting.Id));
        return [.. stored.Where(waiting => !_ids.Contains(waiting.Id))];
    }
}
