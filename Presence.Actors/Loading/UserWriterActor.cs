using Akka.Actor;
using Akka.Event;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Sessions;
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

/// <summary>What belongs to a device's socket.</summary>
internal sealed record WriteSession(Session Session) : IWriterMessage;

/// <summary>Forgets a device, also one that still waits to be written. Answer to <paramref name="ReplyTo"/>: <see cref="Done"/> or <see cref="Refused"/>.</summary>
internal sealed record ForgetDevice(UserId UserId, DeviceId DeviceId, ReplyTo ReplyTo) : IWriterMessage;

/// <summary>The user is being erased: drops what waits of it. Answer to <paramref name="ReplyTo"/>, when nothing of it is being written either: <see cref="Done"/>.</summary>
internal sealed record DropUser(UserId UserId, ReplyTo ReplyTo) : IWriterMessage;

/// <summary>Writes what waits, now: the node is about to stop. Answer: <see cref="Done"/>.</summary>
internal sealed record FlushWrites : IWriterMessage
{
    public static FlushWrites Instance { get; } = new();
}

/// <summary>Owns what its node has to write of users beside the journal: of each user and device the latest only, many rows a transaction.</summary>
/// <remarks>Nothing here was promised to anybody: a projection is mended from the journal, last seen is a few seconds older. While the store is out of reach the latest is kept, up to <see cref="MaxWaiting"/> rows; what is over that is dropped and counted.</remarks>
public sealed class UserWriterActor : UntypedActor, IWithTimers
{
    /// <summary>The most rows that wait for a store out of reach.</summary>
    public const int MaxWaiting = 200_000;

    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(5);
    private const int RowsAWrite = 2_000;

    /// <summary>A session not written for so long is forgotten. A socket that lives longer without a change of it is told everything when it comes back.</summary>
    private static readonly TimeSpan SessionLife = TimeSpan.FromDays(7);

    private sealed record WriteDue : IWriterMessage
    {
        public static WriteDue Instance { get; } = new();
    }

    private sealed record ForgetOldSessions : IWriterMessage
    {
        public static ForgetOldSessions Instance { get; } = new();
    }

    private sealed record Written : IWriterMessage;

    private sealed record Unwritten(UserWrites Writes, IReadOnlyCollection<Session> Sessions, Exception Cause) : IWriterMessage;

    private readonly IUserStore _store;
    private readonly ISessionStore _sessionStore;
    private readonly LimitOptions _limits;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<UserId, ProfileProjection> _profiles = [];
    private readonly Dictionary<UserId, LastSeen> _lastSeen = [];
    private readonly Dictionary<(UserId, DeviceId), DeviceRow> _devices = [];
    private readonly Dictionary<(UserId, DeviceId), Session> _sessions = [];
    private readonly List<IActorRef> _flushing = [];
    private readonly Queue<ForgetDevice> _forgetting = [];
    private readonly List<DropUser> _dropping = [];
    private bool _writing;
    private long _dropped;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public UserWriterActor(IUserStore store, ISessionStore sessions, LimitOptions limits)
    {
        _limits = limits;
        _store = store;
        _sessionStore = sessions;
    }

    private int Waiting => _profiles.Count + _lastSeen.Count + _devices.Count + _sessions.Count;

    /// <summary>One a node.</summary>
    public static Props Props(IUserStore store, ISessionStore sessions, LimitOptions limits) =>
        Akka.Actor.Props.Create(() => new UserWriterActor(store, sessions, limits));

    /// <inheritdoc/>
    protected override void PreStart() =>
        Timers.StartPeriodicTimer(ForgetOldSessions.Instance, ForgetOldSessions.Instance, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1));

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
            case WriteSession write:
                Keep(_sessions, (write.Session.UserId, write.Session.DeviceId), write.Session);
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
            case ForgetOldSessions:
                Forget(NodeClock.Of(Context.System).Wall - SessionLife).PipeTo(Self, failure: _ => WriteDue.Instance);
                break;
            case Written:
                _writing = false;
                DropUsers();
                ForgetNext();
                Write();
                break;
            case Unwritten unwritten:
                OnUnwritten(unwritten);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Keep<TKey, TRow>(Dictionary<TKey, TRow> rows, TKey key, TRow row)
        where TKey : notnull
    {
        if (Waiting >= MaxWaiting && !rows.ContainsKey(key))
        {
            _dropped++;
            return;
        }

        rows[key] = row;
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

        _writing = true;
        var writes = new UserWrites(Take(_profiles), Take(_lastSeen), Take(_devices), _limits.KnownDevices);
        var sessions = Take(_sessions);
        Save(writes, sessions).PipeTo(Self, success: () => new Written(), failure: cause => new Unwritten(writes, sessions, cause));
    }

    private async Task Save(UserWrites writes, IReadOnlyCollection<Session> sessions)
    {
        using var limit = new CancellationTokenSource(WriteLimit);
        await _store.Save(writes, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
        if (sessions.Count > 0)
        {
            await _sessionStore.Save(sessions, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Should it fail, the next day does it.</summary>
    private async Task<IWriterMessage> Forget(DateTimeOffset before)
    {
        using var limit = new CancellationTokenSource(WriteLimit);
        await _sessionStore.ForgetBefore(before, limit.Token).ConfigureAwait(false);
        return WriteDue.Instance;
    }

    private void OnUnwritten(Unwritten unwritten)
    {
        _writing = false;
        _log.Warning(
            "Rows of users could not be written and are kept, {0} wait, {1} were dropped: {2}",
            Waiting,
            _dropped,
            unwritten.Cause.Message
        );
        foreach (var row in unwritten.Writes.Profiles)
        {
            _profiles.TryAdd(row.UserId, row);
        }

        foreach (var row in unwritten.Writes.LastSeen)
        {
            _lastSeen.TryAdd(row.UserId, row);
        }

        foreach (var row in unwritten.Writes.Devices)
        {
            _devices.TryAdd((row.UserId, row.DeviceId), row);
        }

        foreach (var session in unwritten.Sessions)
        {
            _sessions.TryAdd((session.UserId, session.DeviceId), session);
        }

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
            Drop(_devices, drop.UserId);
            Drop(_sessions, drop.UserId);
        }

        if (!_writing)
        {
            _dropping.ForEach(drop => drop.ReplyTo.Tell(Done.Instance, Self));
            _dropping.Clear();
        }
    }

    private static void Drop<TRow>(Dictionary<(UserId User, DeviceId), TRow> rows, UserId user)
    {
        foreach (var key in rows.Keys.Where(key => key.User == user).ToList())
        {
            rows.Remove(key);
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

    private static TRow[] Take<TKey, TRow>(Dictionary<TKey, TRow> rows)
        where TKey : notnull
    {
        var taken = rows.Take(RowsAWrite).ToArray();
        foreach (var (key, _) in taken)
        {
            rows.Remove(key);
        }

        return [.. taken.Select(row => row.Value)];
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;
}
