namespace Presence.Actors.Loading;

/// <summary>Rows that wait to be written: of each key the latest, and those first that have waited longest.</summary>
/// <param name="weigh">What a row weighs, in bytes.</param>
internal sealed class WaitingRows<TKey, TRow>(Func<TRow, int> weigh)
    where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TRow Row)>> _nodes = [];
    private readonly LinkedList<(TKey Key, TRow Row)> _order = [];

    /// <summary>How many wait.</summary>
    public int Count => _order.Count;

    /// <summary>What they weigh.</summary>
    public long Bytes { get; private set; }

    /// <summary>Keeps the row in place of an earlier one of that key. One that is new is kept only where there is room for so many bytes.</summary>
    public bool Keep(TKey key, TRow row, long room)
    {
        if (!_nodes.TryGetValue(key, out var node))
        {
            return weigh(row) <= room && Put(key, row, isFirst: false);
        }

        Bytes += weigh(row) - weigh(node.Value.Row);
        node.Value = (key, row);
        return true;
    }

    /// <summary>Puts back what could not be written, unless a later one came meanwhile.</summary>
    public void Return(IReadOnlyCollection<TRow> rows, Func<TRow, TKey> keyOf)
    {
        foreach (var row in rows.Where(row => !_nodes.ContainsKey(keyOf(row))).Reverse())
        {
            Put(keyOf(row), row, isFirst: true);
        }
    }

    /// <summary>Takes those that have waited longest: no more than so many, and than weigh so much together, but one at least.</summary>
    public IReadOnlyList<TRow> Take(int bytes, int most)
    {
        var taken = new List<TRow>();
        while (taken.Count < most && _order.First is { Value: var (key, row) } && (taken.Count == 0 || weigh(row) <= bytes))
        {
            bytes -= weigh(row);
            taken.Add(row);
            Remove(key);
        }

        return taken;
    }

    /// <summary>Forgets the row of that key.</summary>
    public void Remove(TKey key)
    {
        if (_nodes.Remove(key, out var node))
        {
            _order.Remove(node);
            Bytes -= weigh(node.Value.Row);
        }
    }

    /// <summary>Forgets the rows of those keys.</summary>
    public void RemoveAll(Func<TKey, bool> which) => _nodes.Keys.Where(which).ToList().ForEach(Remove);

    private bool Put(TKey key, TRow row, bool isFirst)
    {
        _nodes[key] = isFirst ? _order.AddFirst((key, row)) : _order.AddLast((key, row));
        Bytes += weigh(row);
        return true;
    }
}
