using Akka.Actor;
using Akka.Event;
using Presence.Actors.Nodes;
using Presence.Core.Users;

namespace Presence.Actors.Loading;

/// <summary>Walks over the journal once after an upgrade, in short steps, so that also those journals are cut whose user chooses nothing any more. Stops itself when that is done.</summary>
internal sealed class JournalCutterActor : UntypedActor, IWithTimers
{
    /// <summary>A node that starts has other things to do first.</summary>
    private static readonly TimeSpan FirstStep = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    /// <summary>The pause after a step is so many times as long as the step: a fifth of the store's time at most.</summary>
    private const int PauseForEach = 4;

    private sealed record Step : ILoaderMessage
    {
        public static Step Instance { get; } = new();
    }

    private sealed record Stepped(bool IsMoreLeft, TimeSpan Took) : ILoaderMessage;

    private sealed record NotStepped(Exception Cause) : ILoaderMessage;

    private readonly IJournalCutter _cutter;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public JournalCutterActor(IJournalCutter cutter)
    {
        _cutter = cutter;
    }

    public static Props Props(IJournalCutter cutter) => Akka.Actor.Props.Create(() => new JournalCutterActor(cutter));

    protected override void PreStart() => NextIn(FirstStep);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Step:
                Cut().PipeTo(Self, failure: cause => new NotStepped(cause));
                break;
            case Stepped { IsMoreLeft: true } stepped:
                var pause = stepped.Took * PauseForEach;
                NextIn(pause > ShortestPause ? pause : ShortestPause);
                break;
            case Stepped:
                Context.Stop(Self);
                break;
            case NotStepped failed:
                _log.Warning("The journal could not be cut, and is tried again: {0}", failed.Cause.Message);
                NextIn(RetryPause);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private async Task<Stepped> Cut()
    {
        var clock = NodeClock.Of(Context.System);
        var began = clock.Elapsed;
        var isMoreLeft = await _cutter.CutNext(CancellationToken.None).ConfigureAwait(false);
        return new(isMoreLeft, clock.Elapsed - began);
    }

    private void NextIn(TimeSpan pause) => Timers.StartSingleTimer(Step.Instance, Step.Instance, pause);

    public ITimerScheduler Timers { get; set; } = null!;
}
