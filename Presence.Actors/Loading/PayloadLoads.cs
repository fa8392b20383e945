using Akka.Actor;
using Presence.Actors.Events;
using Presence.Core.Events;

namespace Presence.Actors.Loading;

/// <summary>
/// The payloads that entities ask for, by their bytes: one small query at a time, with a pause of <see cref="Rest"/> times as long as it took, and no more on its way to hubs than <see cref="MaxLentBytes"/>:
/// a backlog must not take a machine's time from what happens now. In the order in which they were asked for, so that each user has its turn.
/// </summary>
internal sealed class PayloadLoads
{
    /// <summary>The most bytes of one query, but for a single load.</summary>
    private const int QueryBytes = 256 * 1024;

    /// <summary>What is read is then sent, which costs all nodes that it passes about as much again.</summary>
    private const int Rest = 8;

    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);

    /// <summary>The most bytes read and not yet with the hubs. Further ones wait in the store.</summary>
    private const int MaxLentBytes = 2 * 1024 * 1024;

    /// <summary>After that they count as gone: they wait for a slow reader, whose own limit holds, or are lost and will be read again.</summary>
    public static readonly TimeSpan LentFor = TimeSpan.FromSeconds(1);

    private readonly Queue<(IActorRef Asker, LoadPayloads Load)> _waiting = [];
    private readonly Dictionary<(IActorRef Asker, long Number), (int Bytes, TimeSpan Until)> _lent = [];
    private List<(IActorRef Asker, LoadPayloads Load)> _asked = [];
    private TimeSpan _begunAt;
    private TimeSpan _restUntil;
    private long _lentBytes;

    /// <summary>When to try again; null where nobody waits, or a query runs and will end.</summary>
    public TimeSpan? NextIn(TimeSpan now) =>
        _asked.Count > 0 || _waiting.Count == 0 ? null
        : _restUntil > now ? _restUntil - now
        : LentFor;

    /// <summary>Somebody asks.</summary>
    public void Add(IActorRef asker, LoadPayloads load) => _waiting.Enqueue((asker, load));

    /// <summary>The events of the next query, which now runs; none where one runs already, nobody asks, or there is no room.</summary>
    public IReadOnlyCollection<EventAcknowledgement> Start(TimeSpan now)
    {
        if (_asked.Count > 0 || _waiting.Count == 0 || now < _restUntil)
        {
            return [];
        }

        foreach (var (key, _) in _lent.Where(lent => lent.Value.Until <= now))
        {
            Given(key.Asker, key.Number);
        }

        _begunAt = now;
        var bytes = 0;
        while (_waiting.TryPeek(out var next) && IsRoomFor(next.Load.Bytes, bytes))
        {
            bytes += next.Load.Bytes;
            _asked.Add(_waiting.Dequeue());
        }

        return [.. _asked.SelectMany(asked => asked.Load.Events.Select(id => new EventAcknowledgement(asked.Load.UserId, id)))];
    }

    /// <summary>The query has ended: who asked, and for what.</summary>
    public IReadOnlyList<(IActorRef Asker, LoadPayloads Load)> Finish(TimeSpan now)
    {
        var asked = _asked;
        _asked = [];
        var rest = (now - _begunAt) * Rest;
        _restUntil = now + (rest < LongestRest ? rest : LongestRest);
        foreach (var (asker, load) in asked)
        {
            Given(asker, load.Number);
            _lent[(asker, load.Number)] = (load.Bytes, now + LentFor);
            _lentBytes += load.Bytes;
        }

        return asked;
    }

    /// <summary>That asker has them no more.</summary>
    public void Given(IActorRef asker, long number)
    {
        if (_lent.Remove((asker, number), out var lent))
        {
            _lentBytes -= lent.Bytes;
        }
    }

    private bool IsRoomFor(int bytes, int before) =>
        before == 0
            ? _lentBytes == 0 || _lentBytes + bytes <= MaxLentBytes
            : before + bytes <= QueryBytes && _lentBytes + before + bytes <= MaxLentBytes;
}
