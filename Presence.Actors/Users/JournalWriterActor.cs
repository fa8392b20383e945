using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <summary>To the journal's writer of this node: store these facts of a user. Answer: <see cref="FactsWritten"/>, once, whatever happens.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="Write">The sender's number for it.</param>
/// <param name="After">The sequence number of the last fact that the sender knows; the facts get those that follow.</param>
/// <param name="Facts">What was decided.</param>
internal sealed record WriteFacts(UserId UserId, long Write, long After, IReadOnlyList<IProfileFact> Facts) : IWriterMessage;

/// <summary>What became of it.</summary>
internal sealed record FactsWritten(long Write, WriteOutcome Outcome) : IWriterMessage, IDeadLetterSuppression;

/// <summary>What became of a write.</summary>
internal enum WriteOutcome
{
    /// <summary>The journal has it.</summary>
    Stored,

    /// <summary>The journal was never asked.</summary>
    NotStored,

    /// <summary>The journal said no, or nothing. It may have it all the same, or get it in a moment.</summary>
    Unknown,
}

/// <summary>Owns what its node has to write into the journal: the facts of many users in one transaction. While one is written the next is gathered.</summary>
/// <remarks>
/// It speaks the protocol by which persistent actors speak to a journal. No persistent actor stands behind it: a user's entity knows from its row what was stored last, and the journal refuses a sequence number that is taken.
/// Survives nothing: who waits is told that the outcome is unknown.
/// </remarks>
public sealed class JournalWriterActor : UntypedActor, IWithTimers
{
    /// <summary>The most users in one transaction.</summary>
    public const int MaxUsers = 500;

    /// <summary>The most bytes in one transaction, unless a single user's facts are larger.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>The most bytes that wait; what is over it is told at once that it was not stored.</summary>
    public const int MaxWaitingBytes = 64 * 1024 * 1024;

    /// <summary>Who asked has been told by then that it failed, and it is not written any more.</summary>
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(1.5);

    /// <summary>Above all of the journal's own limits. After that it is taken for one that will never answer.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(8);

    private sealed record AnswerOverdue : IWriterMessage
    {
        public static AnswerOverdue Instance { get; } = new();
    }

    private sealed record Entry(string PersistenceId, WriteFacts Write, IActorRef Entity, int Bytes, TimeSpan Deadline);

    /// <summary>What goes to the journal as one; of a failed one, a half.</summary>
    private sealed class Transaction(IReadOnlyList<Entry> entries, Transaction? whole)
    {
        public IReadOnlyList<Entry> Entries => entries;

        public Transaction? Whole => whole;

        public bool HalfFailed { get; set; }
    }

    private readonly IActorRef _journal = Persistence.Instance.Apply(Context.System).JournalFor("");
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly LinkedList<Entry> _waiting = [];
    private readonly Stack<Transaction> _halves = [];
    private readonly Dictionary<string, Exception> _refused = new(StringComparer.Ordinal);
    private long _waitingBytes;
    private Transaction? _writing;
    private int _number;
    private int _unanswered;

    /// <summary>One a node.</summary>
    public static Props Props() => Akka.Actor.Props.Create(() => new JournalWriterActor());

    private static TimeSpan Elapsed => NodeClock.Of(Context.System).Elapsed;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case WriteFacts write:
                OnWrite(write);
                break;
            case WriteMessageSuccess stored when stored.ActorInstanceId == _number:
                OnAnswer();
                break;
            case WriteMessageFailure failed when failed.ActorInstanceId == _number:
                _refused[failed.Persistent.PersistenceId] = failed.Cause;
                OnAnswer();
                break;
            case WriteMessageRejected rejected when rejected.ActorInstanceId == _number:
                // A connection's failure can come back as a rejection (akka.net 7299), so this is no proof that nothing is stored.
                _refused[rejected.Persistent.PersistenceId] = rejected.Cause;
                OnAnswer();
                break;
            case AnswerOverdue when _writing is not null:
                _log.Warning("The journal has not answered a write of {0} users", _writing.Entries.Count);
                Tell(_writing.Entries, WriteOutcome.Unknown);
                WriteNext();
                break;
            default:
                // The answer to all of a transaction is that to each of its facts; what else comes is late.
                break;
        }
    }

    private void OnWrite(WriteFacts write)
    {
        var entry = new Entry(
            ProfileJournal.PersistenceIdOf(write.UserId),
            write,
            Sender,
            write.Facts.Sum(ProfileJournal.Weigh),
            Elapsed + WaitLimit
        );
        if (_waitingBytes + entry.Bytes > MaxWaitingBytes)
        {
            Tell(entry, WriteOutcome.NotStored);
            return;
        }

        _waiting.AddLast(entry);
        _waitingBytes += entry.Bytes;
        if (_writing is null)
        {
            WriteNext();
        }
    }

    private void WriteNext()
    {
        _writing = NextHalf() ?? Gather();
        _refused.Clear();
        _number++;
        if (_writing is null)
        {
            Timers.Cancel(AnswerOverdue.Instance);
            return;
        }

        var writes = ImmutableList.CreateBuilder<IPersistentEnvelope>();
        _unanswered = 0;
        foreach (var (id, write, _, _, _) in _writing.Entries)
        {
            var facts = ImmutableList.CreateRange<IPersistentRepresentation>(
                write.Facts.Select((fact, index) => new Persistent(fact, write.After + 1 + index, id))
            );
            writes.Add(new AtomicWrite(facts));
            _unanswered += facts.Count;
        }

        Timers.StartSingleTimer(AnswerOverdue.Instance, AnswerOverdue.Instance, AnswerLimit);
        _journal.Tell(new WriteMessages(writes.ToImmutable(), Self, _number), Self);
    }

    /// <summary>What was tried already may be stored; so what has become overdue meanwhile is unknown.</summary>
    private Transaction? NextHalf()
    {
        while (_halves.TryPop(out var half))
        {
            var now = Elapsed;
            Tell(half.Entries.Where(entry => entry.Deadline <= now), WriteOutcome.Unknown);
            if (half.Entries.Where(entry => entry.Deadline > now).ToList() is { Count: > 0 } left)
            {
                return new(left, half.Whole);
            }
        }

        return null;
    }

    /// <summary>Of one user only one write goes into a transaction: of two, which are those of two entities, one would fail the whole.</summary>
    private Transaction? Gather()
    {
        var entries = new List<Entry>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var bytes = 0;
        var now = Elapsed;
        var node = _waiting.First;
        while (node is not null && entries.Count < MaxUsers)
        {
            var next = node.Next;
            var entry = node.Value;
            if (entry.Deadline <= now)
            {
                Remove(node);
                Tell(entry, WriteOutcome.NotStored);
            }
            else if (entries.Count > 0 && bytes + entry.Bytes > MaxBytes)
            {
                break;
            }
            else if (ids.Add(entry.PersistenceId))
            {
                Remove(node);
                entries.Add(entry);
                bytes += entry.Bytes;
            }

            node = next;
        }

        return entries.Count > 0 ? new(entries, null) : null;
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _waiting.Remove(node);
        _waitingBytes -= node.Value.Bytes;
    }

    private void OnAnswer()
    {
        if (--_unanswered > 0)
        {
            return;
        }

        var written = _writing!;
        if (_refused.Count > 0)
        {
            OnRefused(written);
        }
        else
        {
            Tell(written.Entries, WriteOutcome.Stored);
        }

        WriteNext();
    }

    /// <summary>One user's conflict fails the transaction of all, so its halves are tried. Where both halves of one have failed it is the store that fails, and trying on would only take time.</summary>
    private void OnRefused(Transaction written)
    {
        var all = _refused.Count == written.Entries.Count;
        if (!all || written.Entries.Count == 1 || written.Whole?.HalfFailed == true)
        {
            _log.Warning(
                "The journal failed for {0} users, of {1} first: {2}",
                _refused.Count,
                _refused.First().Key,
                _refused.First().Value.Message
            );
            foreach (var entry in written.Entries)
            {
                Tell(entry, _refused.ContainsKey(entry.PersistenceId) ? WriteOutcome.Unknown : WriteOutcome.Stored);
            }
        }
        else
        {
            var half = written.Entries.Count / 2;
            _halves.Push(new([.. written.Entries.Skip(half)], written));
            _halves.Push(new([.. written.Entries.Take(half)], written));
        }

        if (all && written.Whole is { } whole)
        {
            whole.HalfFailed = true;
        }
    }

    private void Tell(IEnumerable<Entry> entries, WriteOutcome outcome)
    {
        foreach (var entry in entries)
        {
            Tell(entry, outcome);
        }
    }

    private void Tell(Entry entry, WriteOutcome outcome) => entry.Entity.Tell(new FactsWritten(entry.Write.Write, outcome), Self);

    /// <inheritdoc/>
    protected override void PostStop()
    {
        Tell(_writing?.Entries ?? [], WriteOutcome.Unknown);
        Tell(_halves.SelectMany(half => half.Entries), WriteOutcome.Unknown);
        Tell(_waiting, WriteOutcome.NotStored);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;
}
