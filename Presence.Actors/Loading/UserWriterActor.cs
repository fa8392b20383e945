using Akka.Actor;
using Akka.Event;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Actors.Loading;

/// <summary>To the writer of this node; never leaves the process.</summary>
internal interface IWriterMessage : INoSerializationVerificationNeeded;

/// <summary>The profile as the journal has it.</summary>
internal sealed record WriteProfile(ProfileProjection Projection) : IWriterMessage;

/// <summary>When the user was last known to be connected.</summary>
internal sealed record WriteLastSeen(LastSeen LastSeen) : IWriterMessage;

/// <summary>A device, as it is now.</summary>
internal sealed record WriteDevice(DeviceRow Device) : IWriterMessage;

/// <summary>Forgets a device, also one that still waits to be written. Answer to <paramref name="ReplyTo"/>: <see cref="Done"/> or <see cref="Refused"/>.</summary>
internal sealed record ForgetDevice(UserId UserId, DeviceId DeviceId, ReplyTo ReplyTo) : IWriterMessage;

/// <summary>The user is being erased: drops what waits of it. Answer to <paramref name="ReplyTo"/>, when nothing of it is being written either: <see cref="Done"/>.</summary>
internal sealed record DropUser(UserId UserId, ReplyTo ReplyTo) : IWriterMessage;

/// <summary>Writes what waits, now: the node is about to stop. Answer: <see cref="Done"/>.</summary>
internal sealed record FlushWrites : IWriterMessage
{
    public static FlushWrites Instance { get; } = new();
}

/// <summary>Owns what its node has to write of users beside the journal: of each user and device the latest only, many rows a transaction, and no more bytes than are written in a moment.</summary>
/// <remarks>Nothing here was promised to anybody: a projection is mended from the journal, last seen is a few seconds older. While the store is out of reach the latest is kept, up to <see cref="MaxWaiting"/>; what is over that is dropped and counted.</remarks>
public sealed class UserWriterActor : UntypedActor, IWithTimers
{
    /// <summary>The most bytes that wait for a store out of reach.</summary>
    public const int MaxWaiting = 64 * 1024 * 1024;

    /// <summary>What a row weighs at the least, in bytes: what it takes to keep it, and to write it.</summary>
    public const int RowWeight = 256;

    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(5);
    private const int RowsAWrite = 2_000;
    private const int LeastBytes = 16 * 1024;
    private const int MostBytes = 512 * 1024;

    /// <summary>What each id of an audience rule weighs beside its letters.</summary>
    private const int IdWeight = 64;

    private sealed record WriteDue : IWriterMessage
    {
        public static WriteDue Instance { get; } = new();
    }

    private sealed record Written : IWriterMessage;

    private sealed record Unwritten(UserWrites Writes, Exception Cause) : IWriterMessage;

    private readonly IUserStore _store;
    private readonly LimitOptions _limits;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly WaitingRows<UserId, ProfileProjection> _profiles = new(Weigh);
    private readonly WaitingRows<UserId, LastSeen> _lastSeen = new(_ => RowWeight);
    private readonly WaitingRows<(UserId User, DeviceId Device), DeviceRow> _devices = new(_ => 2 * RowWeight);
    private readonly Pace _pace = new(LeastBytes, MostBytes);
    private readonly List<IActorRef> _flushing = [];
    private readonly Queue<ForgetDevice> _forgetting = [];
    private readonly List<DropUser> _dropping = [];
    private bool _writing;
    private TimeSpan _begunAt;
    private long _dropped;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public UserWriterActor(IUserStore store, LimitOptions limits) => (_store, _limits) = (store, limits);

    private long Waiting => _profiles.Bytes + _lastSeen.Bytes + _devices.Bytes;

    private static TimeSpan Clock => NodeClock.Of(Context.System).Elapsed;

    /// <summary>One a node.</summary>
    public static Props Props(IUserStore store, LimitOptions limits) => Akka.Actor.Props.Create(() => new UserWriterActor(store, limits));

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case WriteProfile write:
                Keep(_profiles, write.Projection.UserId, write.Projection);
                break;
            case WriteLastSeen write:
                Keep(_lastSeen, write.LastSeen.UserId, write.LastSeen);
                break;
            case WriteDevice write:
                Keep(_devices, (write.Device.UserId, write.Device.DeviceId), write.Device);
                break;
            case ForgetDevice forget:
                _devices.Remove((forget.UserId, forget.DeviceId));
                _forgetting.Enqueue(forget);
                ForgetNext();
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
            default:
                Unhandled(message);
                break;
        }
    }

    private void Keep<TKey, TRow>(WaitingRows<TKey, TRow> rows, TKey key, TRow row)
        where TKey : notnull
    {
        if (!rows.Keep(key, row, MaxWaiting - Waiting))
        {
            _dropped++;
            return;
        }

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

        if (Waiting == 0)
        {
            _flushing.ForEach(asker => asker.Tell(Done.Instance));
            _flushing.Clear();
            return;
        }

        (_writing, _begunAt) = (true, Clock);
        // A third for each kind, so that none waits for another.
        var bytes = _pace.Bytes / 3;
        var writes = new UserWrites(
            _profiles.Take(bytes, RowsAWrite),
            _lastSeen.Take(bytes, RowsAWrite),
            _devices.Take(bytes, RowsAWrite),
            _limits.KnownDevices
        );
        Save(writes).PipeTo(Self, success: () => new Written(), failure: cause => new Unwritten(writes, cause));
    }

    private async Task Save(UserWrites writes)
    {
        using var limit = new CancellationTokenSource(WriteLimit);
        await _store.Save(writes, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
    }

    private void OnWritten()
    {
        _writing = false;
        _pace.Took(Clock - _begunAt);
        DropUsers();
        ForgetNext();
        // Few rows wait for more also behind a quick write: one row a transaction costs as much as hundreds.
        var pause = Waiting < _pace.Bytes / 3 && _pace.Pause < Gather ? Gather : _pace.Pause;
        if (Waiting == 0 || _flushing.Count > 0 || pause == TimeSpan.Zero)
        {
            Write();
        }
        else
        {
            Timers.StartSingleTimer(WriteDue.Instance, WriteDue.Instance, pause);
        }
    }

    private void OnUnwritten(Unwritten unwritten)
    {
        _writing = false;
        _pace.Took(Clock - _begunAt);
        _log.Warning(
            "Rows of users could not be written and are kept, {0} bytes wait, {1} rows were dropped: {2}",
            Waiting,
            _dropped,
            unwritten.Cause.Message
        );
        _profiles.Return(unwritten.Writes.Profiles, row => row.UserId);
        _lastSeen.Return(unwritten.Writes.LastSeen, row => row.UserId);
        _devices.Return(unwritten.Writes.Devices, row => (row.UserId, row.DeviceId));
        DropUsers();
        // Who flushes is about to stop and can't wait for a store that is out of reach.
        _flushing.ForEach(asker => asker.Tell(Done.Instance));
        _flushing.Clear();
        ForgetNext();
        Timers.StartSingleTimer(WriteDue.Instance, WriteDue.Instance, RetryPause);
    }

    /// <summary>At once, lest more of it be written; and once more when the write that runs has ended, which may have held, and given back, some of it.</summary>
    private void DropUsers()
    {
        foreach (var drop in _dropping)
        {
            _profiles.Remove(drop.UserId);
            _lastSeen.Remove(drop.UserId);
            _devices.RemoveAll(key => key.User == drop.UserId);
        }

        if (!_writing)
        {
            _dropping.ForEach(drop => drop.ReplyTo.Tell(Done.Instance, Self));
            _dropping.Clear();
        }
    }

    /// <summary>Not while a write runs, which may hold the very row.</summary>
    private void ForgetNext()
    {
        while (!_writing && _forgetting.TryDequeue(out var forget))
        {
            _devices.Remove((forget.UserId, forget.DeviceId));
            var self = Self;
            Forget(forget)
                .PipeTo(
                    self,
                    success: answer =>
                    {
                        forget.ReplyTo.Tell(answer, self);
                        return WriteDue.Instance;
                    }
                );
        }
    }

    private async Task<IAnswer> Forget(ForgetDevice forget)
    {
        using var limit = new CancellationTokenSource(WriteLimit);
        try
        {
            return await _store.ForgetDevice(forget.UserId, forget.DeviceId, limit.Token).ConfigureAwait(false)
                ? Done.Instance
                : new Refused(new Refusal(ErrorCodes.NotFound, "there is no such device"));
        }
        catch (Exception cause) when (cause is StoreUnavailableException or OperationCanceledException)
        {
            return new Refused(Refusal.Unavailable);
        }
    }

    private static int Weigh(ProfileProjection row) =>
        (2 * RowWeight)
        + row.Profile.Privacy.Blocked.Sum(user => IdWeight + user.Value.Length)
        + row.Profile.Privacy.Overrides.Keys.Sum(user => IdWeight + user.Value.Length);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;
}
