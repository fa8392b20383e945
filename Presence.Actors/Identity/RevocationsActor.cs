using Akka.Actor;
using Akka.Event;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Identity;

namespace Presence.Actors.Identity;

/// <summary>Owns what its node knows of revoked tokens: hears of new ones by the news from the node where they were said, and reads them in the store, should that not come through.</summary>
/// <remarks>Survives nothing: it reads all again, and until it has, the table has what was read before the node took clients.</remarks>
internal sealed class RevocationsActor : UntypedActor, IWithTimers
{
    public const string Name = "revocations";

    /// <summary>Between two looks into the store: a revocation is to hold everywhere within 2 s, the reading included.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How far back each look goes: clocks of nodes may differ, and a row be seen some time after it was written.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(2);

    private sealed record ReadDue : INodeMessage, IDeadLetterSuppression
    {
        public static ReadDue Instance { get; } = new();
    }

    private sealed record HaveRead(IReadOnlyList<Revocation>? Revocations, DateTimeOffset BegunAt) : INodeMessage, IDeadLetterSuppression;

    private readonly Revocations _known;
    private readonly IRevocationStore _store;
    private readonly IActorRef _hub;
    private DateTimeOffset _since = DateTimeOffset.UnixEpoch;
    private bool _reading;

    public RevocationsActor(Revocations known, IRevocationStore store, IActorRef hub) => (_known, _store, _hub) = (known, store, hub);

    public static Props Props(Revocations known, IRevocationStore store, IActorRef hub) =>
        Akka.Actor.Props.Create(() => new RevocationsActor(known, store, hub));

    private static DateTimeOffset Wall => NodeClock.Of(Context.System).Wall;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(ReadDue.Instance, ReadDue.Instance, Pause);
        Read();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case DirectoryChanged { Change: TokensRevoked revoked } news:
                Take(revoked.Revocations);
                Sender.Tell(new Answer(news.Number, Done.Instance));
                break;
            case ReadDue:
                _known.Forget(Wall);
                Read();
                break;
            case HaveRead read:
                OnRead(read);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Read()
    {
        if (!_reading)
        {
            _reading = true;
            ReadAsync(_store, _since, Wall).PipeTo(Self);
        }
    }

    /// <summary>A store out of reach is asked again, from where it was last read.</summary>
    private static async Task<HaveRead> ReadAsync(IRevocationStore store, DateTimeOffset since, DateTimeOffset now)
    {
        using var limit = new CancellationTokenSource(ReadLimit);
        try
        {
            return new(await store.Said(since, now, limit.Token).WaitAsync(limit.Token), now);
        }
        catch (Exception failure) when (failure is Core.Errors.StoreUnavailableException or OperationCanceledException)
        {
            return new(null, now);
        }
    }

    private void OnRead(HaveRead read)
    {
        _reading = false;
        if (read.Revocations is { } revocations)
        {
            // A clock that was set back had passed the end of some that hold again: all are read.
            _since = read.BegunAt < _since ? DateTimeOffset.UnixEpoch : read.BegunAt - Overlap;
            Take(revocations);
        }
    }

    /// <summary>The table first: a connection that the hub has not heard of is held against it when it has.</summary>
    private void Take(IReadOnlyCollection<Revocation> revocations)
    {
        if (_known.Take(revocations) is { Count: > 0 } news)
        {
            _hub.Tell(new CloseRevoked(news));
        }
    }

    public ITimerScheduler Timers { get; set; } = null!;
}
