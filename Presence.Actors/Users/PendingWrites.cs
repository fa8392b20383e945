namespace Presence.Actors.Users;

/// <summary>What a user's entity has asked its profile to store and was not answered yet. Bounded: what is over <see cref="Limit"/> is refused at once.</summary>
internal sealed class PendingWrites
{
    /// <summary>The most that wait for one user's journal.</summary>
    public const int Limit = 32;

    private readonly Dictionary<long, Write> _writes = [];
    private long _last;

    /// <summary>Whether any waits.</summary>
    public bool Any => _writes.Count > 0;

    /// <summary>Whether one more would be too many.</summary>
    public bool Full => _writes.Count >= Limit;

    /// <summary>When the first of them is overdue; null while none waits.</summary>
    public TimeSpan? NextDeadline => _writes.Count == 0 ? null : _writes.Values.Min(write => write.Deadline);

    /// <summary>Keeps it; its number.</summary>
    public long Add(IUserMessage message, ReplyTo replyTo, TimeSpan deadline)
    {
        _writes[++_last] = new(message, replyTo, deadline);
        return _last;
    }

    /// <summary>It was answered; null where its time was over already.</summary>
    public Write? Take(long number) => _writes.Remove(number, out var write) ? write : null;

    /// <summary>Those whose time is over.</summary>
    public IEnumerable<Write> TakeOverdue(TimeSpan now) => Take(write => write.Deadline <= now);

    /// <summary>All of them.</summary>
    public IEnumerable<Write> TakeAll() => Take(_ => true);

    private List<Write> Take(Func<Write, bool> which)
    {
        var taken = _writes.Where(entry => which(entry.Value)).ToList();
        taken.ForEach(entry => _writes.Remove(entry.Key));
        return taken.ConvertAll(entry => entry.Value);
    }

    /// <summary>One of them.</summary>
    public sealed record Write(IUserMessage Message, ReplyTo ReplyTo, TimeSpan Deadline);
}
