using Presence.Core.Events;

namespace Presence.Actors.Hub;

/// <summary>The events that a socket was given and may be told of again. Bounded by what can wait for a user: of the older ones nobody will tell.</summary>
/// <param name="keep">The most that wait for a user, of durable ones and of the others each.</param>
internal sealed class GivenEvents(int keep)
{
    private readonly HashSet<EventId> _ids = [];
    private readonly Queue<EventId> _durable = [];
    private readonly Queue<EventId> _passing = [];

    /// <summary>Notes it; false where it was given before.</summary>
    public bool Add(PostedEvent posted)
    {
        if (!_ids.Add(posted.Id))
        {
            return false;
        }

        var order = posted.Durable ? _durable : _passing;
        order.Enqueue(posted.Id);
        if (order.Count > keep)
        {
            _ids.Remove(order.Dequeue());
        }

        return true;
    }
}
