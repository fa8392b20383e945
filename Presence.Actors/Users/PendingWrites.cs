namespace Presence.Actors.Users;

/// <summary>What a user's entity was asked to store and has not answered yet, in order. Bounded: what is over <see cref="Limit"/>, or over <see cref="MaxBytes"/>, is refused at once.</summary>
internal sealed class PendingWrites
{
    /// <summary>The most that wait for one user's journal.</summary>
    public const int Limit = 32;

    /// <summary>The most bytes that wait for one user's journal; a single rule may be larger, where its own limit lets it.</summary>
    public const int MaxBytes = 1024 * 1024;

    private readonly SortedDictionary<long, Write> _writes = [];
    private long _last;
    private long _bytes;

    /// <summary>Whether any waits.</summary>
    public bool Any => _writes.Count > 0;

    /// <summary>Whether one more of any size would be too many.</summary>
    public bool Full => _writes.Count >= Limit || _bytes >= MaxBytes;

    /// <summary>When the first of them is overdue; null while none waits.</summary>
    public TimeSpan? NextDeadline => _writes.Count == 0 ? null : _writes.Values.Min(write => write.Deadline);

    /// <summary>The one that waits longest; null where none does.</summary>
    public (long Number, IUserMessage Message)? First => _writes.Count == 0 ? null : (_writes.First().Key, _writes.First().Value.Message);

    /// <summary>Keeps it.</summary>
    public void Add(IUserMessage message, ReplyTo replyTo, TimeSpan deadline)
    {
        _writes[++_last] = new(message, replyTo, deadline);
        _bytes += Weigh(message);
    }

    /// <summary>It was answered; null where its time was over already.</summary>
    public Write? Take(long number)
    {
        if (_writes.Remove(number, out var write))
        {
            _bytes -= Weigh(write.Message);
        }

        return write;
    }

    /// <summary>Those whose time is over.</summary>
    public IEnumerable<Write> TakeOverdue(TimeSpan now) => Take(entry => entry.Value.Deadline <= now);

    /// <summary>All of them.</summary>
    public IEnumerable<Write> TakeAll() => Take(_ => true);

    /// <summary>All but that one.</summary>
    public IEnumerable<Write> TakeAllBut(long? number) => Take(entry => entry.Key != number);

    private List<Write> Take(Func<KeyValuePair<long, Write>, bool> which) =>
        _writes.Where(which).Select(entry => entry.Key).ToList().ConvertAll(number => Take(number)!);

    private static int Weigh(IUserMessage message) => message is SetPrivacy privacy ? ProfileJournal.Weigh(privacy.Rule) : 0;

    /// <summary>One of them.</summary>
    public sealed record Write(IUserMessage Message, ReplyTo ReplyTo, TimeSpan Deadline);
}
