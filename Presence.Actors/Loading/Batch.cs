using Presence.Actors.Users;

namespace Presence.Actors.Loading;

/// <summary>Gathers what many ask of the store into one query at a time: what is asked while one runs goes into the next.</summary>
/// <remarks>One at a time also keeps the order: what is read again after a change is told after what was read before it.</remarks>
/// <typeparam name="TId">What is read by.</typeparam>
/// <param name="size">How many ids fill a query.</param>
internal sealed class Batch<TId>(int size = Batch<TId>.Size)
    where TId : notnull
{
    /// <summary>How many ids fill a query, where their rows are small.</summary>
    public const int Size = 500;

    private readonly Queue<Entry> _waiting = [];
    private List<Entry> _asked = [];
    private bool _running;

    /// <summary>Somebody asks for those ids.</summary>
    public void Add(IReadOnlyCollection<TId> ids, ReplyTo replyTo) => _waiting.Enqueue(new(ids, replyTo));

    /// <summary>The ids of the next query, which now runs; none where one runs already or nobody waits.</summary>
    public IReadOnlyCollection<TId> Start()
    {
        var ids = new HashSet<TId>();
        while (!_running && ids.Count < size && _waiting.TryDequeue(out var entry))
        {
            _asked.Add(entry);
            ids.UnionWith(entry.Ids);
        }

        _running |= ids.Count > 0;
        return ids;
    }

    /// <summary>The query has ended: who asked, and for what.</summary>
    public IReadOnlyList<Entry> Finish()
    {
        _running = false;
        var asked = _asked;
        _asked = [];
        return asked;
    }

    /// <summary>The same, with those that wait for the next query.</summary>
    public IReadOnlyList<Entry> FinishAll()
    {
        _asked.AddRange(_waiting);
        _waiting.Clear();
        return Finish();
    }

    /// <summary>Somebody asked for those ids.</summary>
    public readonly record struct Entry(IReadOnlyCollection<TId> Ids, ReplyTo ReplyTo);
}
