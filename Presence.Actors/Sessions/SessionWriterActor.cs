using Akka.Actor;
using Akka.Event;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Sessions;

namespace Presence.Actors.Sessions;

/// <summary>A session changed.</summary>
internal sealed record WriteSession(SessionChange Change) : IWriterMessage;

/// <summary>Owns what its node has to write of sessions: by differences, in small transactions, the users by turns.</summary>
/// <remarks>
/// Nothing here was promised to anybody: of a session that is not stored to its end, whoever comes back is told everything.
/// What waits is bounded in bytes, see <see cref="MaxWaiting"/>; what is over that is dropped with what waits of its device, and counted.
/// </remarks>
public sealed class SessionWriterActor : UntypedActor, IWithTimers
{
    /// <summary>The most bytes that wait, of all users.</summary>
    public const int MaxWaiting = 64 * 1024 * 1024;

    /// <summary>The most bytes of one user that wait.</summary>
    public const int MaxWaitingOfUser = 4 * 1024 * 1024;

    private const int LeastBytes = 4 * 1024;
    private const int MostBytes = 64 * 1024;

    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan SweepPause = TimeSpan.FromHours(1);

    /// <summary>A session not written for so long is forgotten. A socket that lives longer without a change of it is told everything when it comes back.</summary>
    private static readonly TimeSpan SessionLife = TimeSpan.FromDays(7);

    private sealed record WriteDue : IWriterMessage, IDeadLetterSuppression
    {
        public static WriteDue Instance { get; } = new();
    }

    private sealed record Written : IWriterMessage;

    private sealed record Unwritten(IReadOnlyList<SessionChange> Changes, Exception Cause) : IWriterMessage;

    private sealed record SweepDue : IWriterMessage, IDeadLetterSuppression
    {
        public static SweepDue Instance { get; } = new();
    }

    private sealed record Swept(bool MoreLeft) : IWriterMessage;

    private readonly ISessionStore _store;
    private readonly IActorRef _users;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly SessionBacklog _backlog = new(MaxWaiting, MaxWaitingOfUser);
    private readonly Pace _pace = new(LeastBytes, MostBytes);
    private readonly List<IActorRef> _flushing = [];
    private readonly List<DropUser> _dropping = [];
    private bool _writing;
    private TimeSpan _begunAt;
    private TimeSpan _sweepBegunAt;
    private long _dropped;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public SessionWriterActor(ISessionStore store, IActorRef users) => (_store, _users) = (store, users);

    /// <summary>One a node.</summary>
    /// <param name="store">Where to.</param>
    /// <param name="users">The writer of users, which is told after this one that a user is dropped.</param>
    public static Props Props(ISessionStore store, IActorRef users) => Akka.Actor.Props.Create(() => new SessionWriterActor(store, users));

    private static TimeSpan Clock => NodeClock.Of(Context.System).Elapsed;

    /// <summary>Not all nodes at once.</summary>
    protected override void PreStart() => SweepIn(TimeSpan.FromMinutes(1) * (0.5 + Random.Shared.NextDouble()));

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case WriteSession write:
                Keep(write.Change);
                break;
            case DropUser drop:
                _dropping.Add(drop);
                DropUsers();
                break;
            case FlushWrites:
                _flushing.Add(Sender);
                Write();
                break;
            case WriteDue:
                Write();
                break;
            case Written:
                OnWritten();
                break;
            case Unwritten unwritten:
                OnUnwritten(unwritten);
                break;
            case SweepDue:
                _sweepBegunAt = Clock;
                Forget(NodeClock.Of(Context.System).Wall - SessionLife)
                    .PipeTo(Self, success: more => new Swept(more), failure: _ => new Swept(false));
                break;
            case Swept swept:
                // As long a pause as it took: the store is others' meanwhile.
                SweepIn(swept.MoreLeft ? Clock - _sweepBegunAt + Rest : SweepPause);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Keep(SessionChange change)
    {
        if (!_backlog.Add(change))
        {
            _dropped++;
        }

        if (!_writing && !Timers.IsTimerActive(WriteDue.Instance))
        {
            WriteIn(Gather);
        }
    }

    private void Write()
    {
        if (_writing)
        {
            return;
        }

        if (_backlog.IsEmpty)
        {
            AnswerFlushing();
            return;
        }

        (_writing, _begunAt) = (true, Clock);
        var changes = _backlog.Take(_pace.Bytes);
        Save(changes).PipeTo(Self, success: () => new Written(), failure: cause => new Unwritten(changes, cause));
    }

    private void OnWritten()
    {
        _writing = false;
        _pace.Took(Clock - _begunAt);
        DropUsers();
        if (_backlog.IsEmpty || _flushing.Count > 0 || _pace.Pause == TimeSpan.Zero)
        {
            Write();
        }
        else
        {
            WriteIn(_pace.Pause);
        }
    }

    private void OnUnwritten(Unwritten unwritten)
    {
        _writing = false;
        _pace.Took(Clock - _begunAt);
        _backlog.Return(unwritten.Changes);
        _log.Warning(
            "Sessions could not be written and are kept, {0} bytes wait, {1} changes were dropped: {2}",
            _backlog.Bytes,
            _dropped,
            unwritten.Cause.Message
        );
        DropUsers();
        // Who flushes is about to stop and can't wait for a store that is out of reach.
        AnswerFlushing();
        WriteIn(RetryPause);
    }

    /// <summary>At once, lest more of it be written; and once more when the write that runs has ended, which may have held, and given back, some of it.</summary>
    private void DropUsers()
    {
        _dropping.ForEach(drop => _backlog.Drop(drop.UserId));
        if (!_writing)
        {
            _dropping.ForEach(drop => _users.Tell(drop));
            _dropping.Clear();
        }
    }

    private void AnswerFlushing()
    {
        _flushing.ForEach(asker => asker.Tell(Done.Instance));
        _flushing.Clear();
    }

    private void WriteIn(TimeSpan pause) => Timers.StartSingleTimer(WriteDue.Instance, WriteDue.Instance, pause);

    private void SweepIn(TimeSpan pause) => Timers.StartSingleTimer(SweepDue.Instance, SweepDue.Instance, pause);

    private async Task Save(IReadOnlyList<SessionChange> changes)
    {
        using var limit = new CancellationTokenSource(WriteLimit);
        await _store.Save(changes, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
    }

    /// <summary>Should it fail, the next hour does it.</summary>
    private async Task<bool> Forget(DateTimeOffset before)
    {
        using var limit = new CancellationTokenSource(WriteLimit);
        return await _store.ForgetBefore(before, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;
}
