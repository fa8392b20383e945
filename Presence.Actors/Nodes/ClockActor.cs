using Akka.Actor;
using Akka.Event;
using Presence.Actors.Loading;
using Presence.Core.Cluster;

namespace Presence.Actors.Nodes;

/// <summary>Owns the look at the clocks of its node, once a second: notices that somebody set the wall clock, and has the shared clock's mark raised in the store.</summary>
/// <remarks>Survives nothing; the mark is raised again by the next look.</remarks>
internal sealed class ClockActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>A smaller step is drift, or a busy machine between the two readings.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    /// <summary>The mark is raised each so many looks.</summary>
    private const int LooksAMark = 5;

    private static readonly TimeSpan RaiseLimit = TimeSpan.FromSeconds(2);

    private sealed record Tick : INodeMessage, IDeadLetterSuppression
    {
        public static Tick Instance { get; } = new();
    }

    private sealed record Raised : INodeMessage, IDeadLetterSuppression
    {
        public static Raised Instance { get; } = new();
    }

    private readonly IClockStore _store;
    private readonly IActorRef _loader;
    private readonly NodeClock _clock = NodeClock.Of(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private DateTimeOffset _startOfElapsed;
    private int _looks;
    private bool _raising;

    public ClockActor(IClockStore store, IActorRef loader)
    {
        _store = store;
        _loader = loader;
        _startOfElapsed = StartOfElapsed;
    }

    public static Props Props(IClockStore store, IActorRef loader) => Akka.Actor.Props.Create(() => new ClockActor(store, loader));

    /// <summary>When the monotonic clock began, as the wall clock has it: the same again and again, until somebody sets the wall clock.</summary>
    private DateTimeOffset StartOfElapsed => _clock.Wall - _clock.Elapsed;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, Look);
        RaiseMark();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick:
                LookForStep();
                RaiseMark();
                break;
            case Raised:
                _raising = false;
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void LookForStep()
    {
        var (before, now) = (_startOfElapsed, StartOfElapsed);
        _startOfElapsed = now;
        var step = now - before;
        if (step.Duration() > Step)
        {
            _log.Warning("The wall clock of this node was set by {0} s: what has a time of day is looked at again", step.TotalSeconds);
            _loader.Tell(ClockWasSet.Instance);
            _looks = 0;
        }
    }

    /// <summary>One that fails is as good as one that is late: the next is raised soon.</summary>
    private void RaiseMark()
    {
        if (_looks++ % LooksAMark == 0 && !_raising)
        {
            _raising = true;
            Raise(_clock.Shared).PipeTo(Self, success: () => Raised.Instance, failure: _ => Raised.Instance);
        }
    }

    private async Task Raise(long mark)
    {
        using var limit = new CancellationTokenSource(RaiseLimit);
        await _store.Raise(mark, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
    }

    public ITimerScheduler Timers { get; set; } = null!;
}
