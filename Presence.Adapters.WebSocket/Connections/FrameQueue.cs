namespace Presence.Adapters.WebSocket.Connections;

/// <summary>What a push is about: a user, or a typist in a conversation.</summary>
/// <param name="Conversation">The conversation; null for a presence.</param>
/// <param name="User">The user.</param>
internal readonly record struct PushKey(string? Conversation, string User);

/// <summary>Frames waiting for a socket, in order; of pushes about the same only the latest. Not thread-safe.</summary>
/// <remarks>
/// A newer push takes the place of the one that waits, so that who changes all the time is not put off for ever. But not across an answer or a snapshot that was
/// queued between the two: that may tell of the same user, and the newer push must stay behind it. Then the old one goes and the new one stands last.
/// </remarks>
internal sealed class FrameQueue
{
    /// <summary>Up to so many frames a walk is faster than an index, and an index is memory.</summary>
    private const int WalkUpTo = 8;

    private Node? _head;
    private Node? _tail;
    private Dictionary<PushKey, Node>? _index;
    private long _sequence;
    private long _lastOrdered;

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them are answers and snapshots, never conflated.</summary>
    public int Ordered { get; private set; }

    /// <summary>How many bytes all of them have.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether none waits.</summary>
    public bool IsEmpty => _head is null;

    /// <summary>Whether the first must not go into a batch.</summary>
    public bool FirstIsAlone => _head is { Alone: true };

    /// <summary>The bytes of the first; 0 where none waits.</summary>
    public int FirstBytes => _head?.Frame.Length ?? 0;

    /// <summary>A frame that stays where it is.</summary>
    public void Append(ReadOnlyMemory<byte> frame, bool alone)
    {
        var node = Link(null, frame);
        node.Alone = alone;
        _lastOrdered = node.Sequence;
        Ordered++;
    }

    /// <summary>A push, of which only the latest is worth sending.</summary>
    public void Conflate(PushKey key, ReadOnlyMemory<byte> frame)
    {
        if (Find(key) is { } waiting)
        {
            if (waiting.Sequence > _lastOrdered)
            {
                Bytes += frame.Length - waiting.Frame.Length;
                waiting.Frame = frame;
                return;
            }

            Unlink(waiting);
        }

        Link(key, frame);
    }

    /// <summary>The first; the queue must not be empty.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        var node = _head!;
        Unlink(node);
        if (node.Key is null)
        {
            Ordered--;
        }

        return node.Frame;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _head = _tail = null;
        _index = null;
        Count = Ordered = 0;
        Bytes = 0;
    }

    private Node Link(PushKey? key, ReadOnlyMemory<byte> frame)
    {
        var node = new Node(key, ++_sequence, frame) { Previous = _tail };
        if (_tail is null)
        {
            _head = node;
        }
        else
        {
            _tail.Next = node;
        }

        _tail = node;
        Count++;
        Bytes += frame.Length;
        if (_index is null && Count > WalkUpTo)
        {
            BuildIndex();
        }
        else if (key is { } pushed)
        {
            _index?.Add(pushed, node);
        }

        return node;
    }

    private void Unlink(Node node)
    {
        if (node.Previous is null)
        {
            _head = node.Next;
        }
        else
        {
            node.Previous.Next = node.Next;
        }

        if (node.Next is null)
        {
            _tail = node.Previous;
        }
        else
        {
            node.Next.Previous = node.Previous;
        }

        Count--;
        Bytes -= node.Frame.Length;
        if (_head is null)
        {
            _index = null;
        }
        else if (node.Key is { } key)
        {
            _index?.Remove(key);
        }
    }

    private Node? Find(PushKey key)
    {
        if (_index is not null)
        {
            return _index.GetValueOrDefault(key);
        }

        var node = _head;
        while (node is not null && node.Key != key)
        {
            node = node.Next;
        }

        return node;
    }

    private void BuildIndex()
    {
        _index = [];
        for (var node = _head; node is not null; node = node.Next)
        {
            if (node.Key is { } key)
            {
                _index.Add(key, node);
            }
        }
    }

    private sealed class Node(PushKey? key, long sequence, ReadOnlyMemory<byte> frame)
    {
        public PushKey? Key { get; } = key;

        public long Sequence { get; } = sequence;

        public ReadOnlyMemory<byte> Frame { get; set; } = frame;

        public bool Alone { get; set; }

        public Node? Previous { get; set; }

        public Node? Next { get; set; }
    }
}
