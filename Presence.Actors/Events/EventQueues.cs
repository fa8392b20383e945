using Akka.Actor;
using Presence.Actors.Users;
using Presence.Core.Events;

namespace Presence.Actors.Events;

/// <summary>The receiver of events: one connection or, where it is null, all of the user's connections at a hub that are not behind.</summary>
internal readonly record struct EventTarget(IActorRef Hub, ConnectionId? Connection);

/// <summary>The next events of one target: small enough for one message, and given again until the hub says that there is room for more.</summary>
/// <param name="Number">By which the hub's answer names it.</param>
/// <param name="Target">The receiver.</param>
/// <param name="Events">Which.</param>
internal sealed record EventPiece(long Number, EventTarget Target, IReadOnlyList<WaitingEvent> Events)
{
    /// <summary>The size of the payloads.</summary>
    public int Bytes => Events.Sum(waiting => waiting.Bytes);

    /// <summary>When it is given again.</summary>
    public TimeSpan RepeatAt { get; set; }

    /// <summary>How often it was begun.</summary>
    public int Tries { get; set; }
}

/// <summary>One user's events on their way to its connections. Each connection has one piece under way at most, so that a backlog costs nobody else anything, and none of it is in memory before its turn.</summary>
internal sealed class EventQueues
{
    /// <summary>The most payload of one piece, in bytes; a single larger event is a piece by itself.</summary>
    public const int PieceBytes = 80 * 1024;

    /// <summary>What an event takes beside its payload, ids and times at their longest.</summary>
    private const int BytesAround = 512;

    private static readonly TimeSpan FirstRepeat = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastRepeat = TimeSpan.FromSeconds(32);

    private readonly Dictionary<EventTarget, Queued> _targets = [];

    /// <summary>Whether any piece waits for its hub's answer.</summary>
    public bool AnyUnderWay => _targets.Values.Any(queued => queued.UnderWay is not null);

    /// <summary>The connections at that hub that get their events one by one, since they have a backlog.</summary>
    public IEnumerable<ConnectionId> Behind(IActorRef hub) =>
        _targets.Keys.Where(target => target.Hub.Equals(hub)).Select(target => target.Connection).OfType<ConnectionId>();

    /// <summary>The connection starts over: it is given everything that waits.</summary>
    public void Begin(EventTarget target, IEnumerable<WaitingEvent> events)
    {
        _targets.Remove(target);
        Add(target, events);
    }

    /// <summary>What is new, for each hub and each connection that is behind. Hubs all of whose connections are behind need no word of their own.</summary>
    public void AddNew(IReadOnlyCollection<WaitingEvent> events, IReadOnlyCollection<AttachedTo> begun, IEnumerable<AttachedTo> connections)
    {
        var behind = _targets.Keys.Where(target => target.Connection is { } at && !begun.Contains(new(target.Hub, at))).ToList();
        behind.ForEach(target => Add(target, events));
        var hubs = connections.Where(at => !_targets.ContainsKey(new(at.Hub, at.Connection))).Select(at => at.Hub).Distinct().ToList();
        hubs.ForEach(hub => Add(new(hub, null), events));
    }

    /// <summary>The pieces whose turn it is: of targets that have none under way, and those not answered in time.</summary>
    public IReadOnlyList<EventPiece> Next(TimeSpan now, Func<long> number)
    {
        List<EventPiece>? pieces = null;
        foreach (var (target, queued) in _targets)
        {
            if (queued.UnderWay is null && queued.Waiting.Count > 0)
            {
                queued.UnderWay = Cut(number(), target, queued.Waiting);
            }

            if (queued.UnderWay is { } piece && piece.RepeatAt <= now)
            {
                var pause = FirstRepeat * Math.Pow(2, piece.Tries++);
                piece.RepeatAt = now + (pause < LastRepeat ? pause : LastRepeat);
                (pieces ??= []).Add(piece);
            }
        }

        return pieces ?? (IReadOnlyList<EventPiece>)[];
    }

    /// <summary>The piece of that number, if it is under way.</summary>
    public EventPiece? UnderWay(long number) =>
        _targets.Values.Select(queued => queued.UnderWay).FirstOrDefault(piece => piece?.Number == number);

    /// <summary>Whether more follows for that target.</summary>
    public bool HasMore(EventTarget target) => _targets.TryGetValue(target, out var queued) && queued.Waiting.Count > 0;

    /// <summary>The hub has it, and has room. False: it was answered before, or belongs to a connection that is gone.</summary>
    public bool Taken(long number)
    {
        if (UnderWay(number) is not { } piece)
        {
            return false;
        }

        var queued = _targets[piece.Target];
        queued.UnderWay = null;
        if (queued.Waiting.Count == 0)
        {
            _targets.Remove(piece.Target);
        }

        return true;
    }

    /// <summary>Those targets are gone.</summary>
    public void Forget(Func<EventTarget, bool> isGone)
    {
        foreach (var target in _targets.Keys.Where(isGone).ToList())
        {
            _targets.Remove(target);
        }
    }

    private void Add(EventTarget target, IEnumerable<WaitingEvent> events)
    {
        foreach (var waiting in events)
        {
            if (!_targets.TryGetValue(target, out var queued))
            {
                _targets[target] = queued = new();
            }

            queued.Waiting.Enqueue(waiting);
        }
    }

    private static EventPiece Cut(long number, EventTarget target, Queue<WaitingEvent> waiting)
    {
        var some = new List<WaitingEvent>();
        var bytes = 0;
        while (waiting.TryPeek(out var next) && (some.Count == 0 || bytes + next.Bytes + BytesAround <= PieceBytes))
        {
            some.Add(waiting.Dequeue());
            bytes += next.Bytes + BytesAround;
        }

        return new(number, target, some);
    }

    private sealed class Queued
    {
        public Queue<WaitingEvent> Waiting { get; } = [];

        public EventPiece? UnderWay { get; set; }
    }
}
