using Presence.Actors.Users;
using Presence.Core.Errors;

namespace Presence.Actors.Loading;

/// <summary>Gathers what many ask of the store into one query at a time: what is asked while one runs goes into the next.</summary>
/// <remarks>
/// One at a time also keeps the order: what is read again after a change is told after what was read before it.
/// A query that was late, or failed, is followed by a smaller one; what it did not read is asked for first. Each that is quick lets the next one be twice as large.
/// </remarks>
/// <typeparam name="TId">What is read by.</typeparam>
internal sealed class Batch<TId>
    where TId : notnull
{
    /// <summary>How many ids fill a query, where their rows are small.</summary>
    public const int Most = 500;

    /// <summary>By what a query shrinks that failed.</summary>
    private const int Division = 16;

    /// <summary>A query that took longer is followed by no larger one. Nor by a smaller one: on a busy machine small ones take as long, and loading would be slower still.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(500);

    /// <summary>How often in a row a query may be late before who waits is told, while other queries are answered: the store is there, and busy.</summary>
    private const int MostLateWhileReached = 8;

    /// <summary>The same, while no query is answered.</summary>
    private const int MostLate = 2;

    private readonly int _most;
    private readonly LinkedList<Wanted> _waiting = [];
    private List<Wanted> _running = [];
    private TimeSpan _startedAt;
    private int _late;

    /// <summary>Empty.</summary>
    /// <param name="most">How many ids fill a query at most.</param>
    public Batch(int most = Most) => Size = _most = most;

    /// <summary>How many ids the next query has.</summary>
    public int Size { get; private set; }

    /// <summary>Somebody asks for those ids.</summary>
    /// <param name="ids">Which.</param>
    /// <param name="replyTo">Who is told when all of them have been read; null: whoever is told of each one.</param>
    public void Add(IReadOnlyCollection<TId> ids, ReplyTo? replyTo)
    {
        var asked = new Asked(replyTo, ids.Count);
        foreach (var id in ids)
        {
            _waiting.AddLast(new Wanted(id, asked));
        }
    }

    /// <summary>The ids of the next query, each once, which now runs; none where one runs already or nobody waits.</summary>
    /// <param name="now">By a monotonic clock.</param>
    public IReadOnlyList<TId> Start(TimeSpan now)
    {
        if (_running.Count > 0)
        {
            return [];
        }

        var ids = new HashSet<TId>();
        while (ids.Count < Size && _waiting.First is { } next)
        {
            _waiting.RemoveFirst();
            _running.Add(next.Value);
            ids.Add(next.Value.Id);
        }

        _startedAt = now;
        return [.. ids];
    }

    /// <summary>The query has ended: who asked, and for what. What it did not read goes into the next one.</summary>
    /// <param name="now">By the same clock.</param>
    /// <param name="unread">What it did not read; null: it read everything.</param>
    /// <param name="large">Whether it read so much that the next one is to be smaller.</param>
    public IReadOnlyList<Wanted> Finish(TimeSpan now, IReadOnlySet<TId>? unread = null, bool large = false)
    {
        _late = 0;
        Size =
            large ? Math.Max(1, Size / 2)
            : now - _startedAt > Slow ? Size
            : Math.Min(_most, Size * 2);
        var running = _running;
        _running = [];
        if (unread is null or { Count: 0 })
        {
            return running;
        }

        PutBack(running.FindAll(wanted => unread.Contains(wanted.Id)));
        return running.FindAll(wanted => !unread.Contains(wanted.Id));
    }

    /// <summary>
    /// The query has failed: who is to be told so. Where the store is out of reach, all, those too who wait for the next query: it would take as long. Where it was late, the same the second time, or later while others are answered.
    /// Else it is tried with fewer ids, down to one that can't be read.
    /// </summary>
    /// <param name="cause">Why.</param>
    /// <param name="isReached">Whether another query was answered lately.</param>
    public IReadOnlyList<Wanted> Fail(Exception cause, bool isReached)
    {
        var late = IsLate(cause);
        _late = late ? _late + 1 : 0;
        var away = late ? _late >= (isReached ? MostLateWhileReached : MostLate) : cause is StoreUnavailableException;
        var alone = _running.Select(wanted => wanted.Id).Distinct().Take(2).Count() == 1;
        _late = away ? 0 : _late;
        Size = Math.Max(1, Math.Min(Size, _running.Count) / Division);
        var running = _running;
        _running = [];
        if (away)
        {
            running.AddRange(_waiting);
            _waiting.Clear();
            return running;
        }

        if (alone && !late)
        {
            return running;
        }

        PutBack(running);
        return [];
    }

    /// <summary>Not answered in time: the query may have been too large, or the store be out of reach.</summary>
    private static bool IsLate(Exception cause) => cause is OperationCanceledException || cause.GetBaseException() is TimeoutException;

    private void PutBack(List<Wanted> wanted)
    {
        for (var i = wanted.Count - 1; i >= 0; i--)
        {
            _waiting.AddFirst(wanted[i]);
        }
    }

    /// <summary>Somebody asked for that id, among others or alone.</summary>
    public readonly record struct Wanted(TId Id, Asked By);

    /// <summary>Somebody asked for some ids.</summary>
    internal sealed class Asked(ReplyTo? replyTo, int ids)
    {
        private int _left = ids;
        private bool _told;

        /// <summary>Who.</summary>
        public ReplyTo? ReplyTo { get; } = replyTo;

        /// <summary>One of the ids was read; true when all were, and the asker is to be told.</summary>
        public bool IsRead() => --_left == 0 && !_told;

        /// <summary>One of the ids can't be read; true for the first, of which the asker is told at once.</summary>
        public bool IsUnread()
        {
            var first = !_told;
            _told = true;
            return first;
        }
    }
}
