using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit;

namespace Presence.Specs.World;

/// <summary>Virtual time whose wall clock can be set apart: timers and the monotonic clock go on as if nothing had been.</summary>
public sealed class SpecScheduler(Config config, ILoggingAdapter log) : TestScheduler(config, log), IScheduler
{
    private DateTimeOffset? _start;

    /// <summary>How far the wall clock was set forward.</summary>
    public TimeSpan SetForward { get; set; }

    /// <summary>The wall clock; like the service's, in whole microseconds from its first moment on.</summary>
    public DateTimeOffset Wall => TimeNow.AddTicks(-(TimeNow.UtcTicks % TimeSpan.TicksPerMicrosecond)) + SetForward;

    /// <summary>Virtual time since it was first asked for.</summary>
    public TimeSpan Elapsed => TimeNow - (_start ??= TimeNow);

    DateTimeOffset ITimeProvider.Now => Wall;

    TimeSpan ITimeProvider.MonotonicClock => Elapsed;

    TimeSpan ITimeProvider.HighResMonotonicClock => Elapsed;
}

/// <summary>Real time with a wall clock that can be set apart, for specs of several nodes.</summary>
public sealed class SettableScheduler(Config config, ILoggingAdapter log) : IScheduler, IDisposable
{
    /// <summary>The setting that says how many seconds the wall clock is ahead at the start.</summary>
    public const string ClockAhead = "presence.specs.clock-ahead";

    private readonly HashedWheelTimerScheduler _inner = new(config, log);
    private long _setForward = TimeSpan.FromSeconds(config.GetDouble(ClockAhead)).Ticks;

    /// <summary>How far the wall clock was set forward.</summary>
    public TimeSpan SetForward
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _setForward));
        set => Interlocked.Exchange(ref _setForward, value.Ticks);
    }

    public DateTimeOffset Now => ((ITimeProvider)_inner).Now + SetForward;

    public TimeSpan MonotonicClock => _inner.MonotonicClock;

    public TimeSpan HighResMonotonicClock => _inner.HighResMonotonicClock;

    public IAdvancedScheduler Advanced => ((IScheduler)_inner).Advanced;

    private ITellScheduler Timers => _inner;

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender) =>
        Timers.ScheduleTellOnce(delay, receiver, message, sender);

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Timers.ScheduleTellOnce(delay, receiver, message, sender, cancelable);

    public void ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender) =>
        Timers.ScheduleTellRepeatedly(initialDelay, interval, receiver, message, sender);

    public void ScheduleTellRepeatedly(
        TimeSpan initialDelay,
        TimeSpan interval,
        ICanTell receiver,
        object message,
        IActorRef sender,
        ICancelable cancelable
    ) => Timers.ScheduleTellRepeatedly(initialDelay, interval, receiver, message, sender, cancelable);

    public void Dispose() => _inner.Dispose();
}
