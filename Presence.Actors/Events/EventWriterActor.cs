using Akka.Actor;
using Akka.Event;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Core.Events;

namespace Presence.Actors.Events;

/// <summary>To the writer of events of this node: a device of that user has it.</summary>
internal sealed record WriteAcknowledgement(EventAcknowledgement Acknowledgement) : IWriterMessage;

/// <summary>Owns what its node has to forget of events: those acknowledged, many a transaction, and now and then those expired.</summary>
/// <remarks>Nothing here was promised: an acknowledgement that is lost has its event come once more. While the store is out of reach they are kept, up to <see cref="MaxWaiting"/>. What is deleted at once the store bounds in bytes.</remarks>
public sealed class EventWriterActor : UntypedActor, IWithTimers
{
    /// <summary>The most acknowledgements that wait for a store out of reach; what is over that is dropped.</summary>
    public const int MaxWaiting = 50_000;

    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SweepPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(10);
    private const int RowsAWrite = 200;

    private sealed record WriteDue : IWriterMessage
    {
        public static WriteDue Instance { get; } = new();
    }

    private sealed record Written : IWriterMessage;

    private sealed record Unwritten(IReadOnlyCollection<EventAcknowledgement> Acknowledgements, Exception Cause) : IWriterMessage;

    private sealed record SweepDue : IWriterMessage, IDeadLetterSuppression
    {
        public static SweepDue Instance { get; } = new();
    }

    private sealed record Swept(bool MoreLeft) : IWriterMessage;

    private readonly IEventStore _store;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<EventAcknowledgement> _waiting = [];
    private readonly List<IActorRef> _flushing = [];
    private bool _writing;
    private TimeSpan _sweepBegunAt;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public EventWriterActor(IEventStore store) => _store = store;

    /// <summary>One a node.</summary>
    public static Props Props(IEventStore store) => Akka.Actor.Props.Create(() => new EventWriterActor(store));

    private TimeSpan Elapsed => NodeClock.Of(Context.System).Elapsed;

    /// <summary>Not all nodes at once.</summary>
    protected override void PreStart() => SweepIn(SweepPause * (0.5 + Random.Shared.NextDouble()));

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case WriteAcknowledgement write:
                Keep(write.Acknowledgement);
                break;
            case WriteDue:
                Write();
                break;
            case Written:
                _writing = false;
                Write();
                break;
            case Unwritten unwritten:
                OnUnwritten(unwritten);
                break;
            case FlushWrites:
                _flushing.Add(Sender);
                Write();
                break;
            case SweepDue:
                _sweepBegunAt = Elapsed;
                Forget(NodeClock.Of(Context.System).SharedTime)
                    .PipeTo(Self, success: more => new Swept(more), failure: _ => new Swept(MoreLeft: false));
                break;
            case Swept swept:
                // As long a pause as it took: the store is others' meanwhile.
                SweepIn(swept.MoreLeft ? Elapsed - _sweepBegunAt + Rest : SweepPause);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Keep(EventAcknowledgement acknowledgement)
    {
        if (_waiting.Count >= MaxWaiting)
        {
            return;
        }

        _waiting.Add(acknowledgement);
        if (!_writing && !Timers.IsTimerActive(WriteDue.Instance))
        {
            Timers.StartSingleTimer(WriteDue.Instance, WriteDue.Instance, Gather);
        }
    }

    private void Write()
    {
        if (_writing)
        {
            return;
        }

        if (_waiting.Count == 0)
        {
            AnswerFlushing();
            return;
        }

        _writing = true;
        var some = _waiting.Take(RowsAWrite).ToArray();
        _waiting.ExceptWith(some);
        Save(some).PipeTo(Self, success: () => new Written(), failure: cause => new Unwritten(some, cause));
    }

    private void OnUnwritten(Unwritten unwritten)
    {
        _writing = false;
        _waiting.UnionWith(unwritten.Acknowledgements);
        _log.Warning("Acknowledged events could not be forgotten, {0} wait: {1}", _waiting.Count, unwritten.Cause.Message);
        // Who flushes is about to stop and can't wait for a store that is out of reach.
        AnswerFlushing();
        Timers.StartSingleTimer(WriteDue.Instance, WriteDue.Instance, RetryPause);
    }

    private void AnswerFlushing()
    {
        _flushing.ForEach(asker => asker.Tell(Users.Done.Instance));
        _flushing.Clear();
    }

    private void SweepIn(TimeSpan pause) => Timers.StartSingleTimer(SweepDue.Instance, SweepDue.Instance, pause);

    private async Task Save(IReadOnlyCollection<EventAcknowledgement> acknowledgements)
    {
        using var limit = new CancellationTokenSource(WriteLimit);
        await _store.Acknowledge(acknowledgements, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
    }

    private async Task<bool> Forget(DateTimeOffset now)
    {
        using var limit = new CancellationTokenSource(WriteLimit);
        return await _store.ForgetExpired(now, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;
}
