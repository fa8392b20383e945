using Akka.Actor;
using Akka.Event;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <summary>Owns one device of a user: whether it lives, whether the person is active there, which socket it is attached to.</summary>
/// <remarks>
/// Survives a new socket of the same device; nothing else. Its states:
/// <code>
/// connected (a socket, or a call by HTTP within the heartbeat timeout)
///   ── socket gone, timeout over ──► in grace ── grace over ──► gone
///   ◄── attached, called ───────────┘
/// any ── ended by its owner ──► gone
/// </code>
/// Each change is reported to the user's entity, its parent.
/// </remarks>
public sealed class DeviceActor : UntypedActor, IWithTimers
{
    private sealed record GraceExpired : IChildMessage, IDeadLetterSuppression, INotInfluenceReceiveTimeout
    {
        public static GraceExpired Instance { get; } = new();
    }

    private sealed record CallTimeout : IChildMessage, IDeadLetterSuppression, INotInfluenceReceiveTimeout
    {
        public static CallTimeout Instance { get; } = new();
    }

    private readonly UserId _user;
    private readonly DeviceId _id;
    private readonly PresenceOptions _options;
    private readonly IActorRef _writer;
    private readonly HubLine _hubs;

    private DeviceInfo _info = DeviceInfo.Empty;
    private IActorRef? _hub;
    private ConnectionId? _connection;
    private bool _called;
    private bool _active = true;
    private bool _inGrace;
    private DateTimeOffset _connectedAt;
    private DateTimeOffset _lastActiveAt;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public DeviceActor(UserId user, DeviceId id, PresenceOptions options, IActorRef writer, HubLine hubs)
    {
        _user = user;
        _id = id;
        _options = options;
        _writer = writer;
        _hubs = hubs;
    }

    /// <summary>A device of a user.</summary>
    public static Props Props(UserId user, DeviceId id, PresenceOptions options, IActorRef writer, HubLine hubs) =>
        Akka.Actor.Props.Create(() => new DeviceActor(user, id, options, writer, hubs));

    private static DateTimeOffset Wall => NodeClock.Of(Context.System).Wall;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case AttachDevice attach:
                OnAttach(attach);
                break;
            case DetachDevice detach when detach.Connection == _connection:
                LoseSocket();
                break;
            case DetachDevice:
                break;
            case HubGone gone when gone.Hub.Equals(_hub):
                LoseSocket();
                break;
            case HubGone:
                break;
            case DeviceHeard heard when heard.Connection == _connection:
                OnHeard(heard.Active);
                break;
            case DeviceHeard:
                break;
            case DeviceCalled called:
                OnCalled(called);
                break;
            case CallTimeout:
                _called = false;
                EnterGraceIfGone();
                break;
            case GraceExpired:
                Context.Parent.Tell(new DeviceGone(_id, _lastActiveAt));
                break;
            case EndDevice:
                OnEnd();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnAttach(AttachDevice attach)
    {
        if (_connection is { } old && old != attach.Connection)
        {
            _hubs.Tell(_hub!, new EndConnection(old, CloseReason.Replaced), Context.Parent);
        }

        if (_connection != attach.Connection)
        {
            _active = attach.Active;
            _connectedAt = Wall;
        }

        _info = attach.Info.Over(_info);
        _connection = attach.Connection;
        _hub = Sender;
        _lastActiveAt = Wall;
        LeaveGrace();
        Report(attach.Again ? ReportCause.AttachedAgain : ReportCause.Attached);
        Save();
    }

    private void OnHeard(bool? active)
    {
        _active = active ?? _active;
        _lastActiveAt = Wall;
        Report();
    }

    /// <summary>A call by HTTP counts as a heartbeat; a device that comes so is active, as one that connects.</summary>
    private void OnCalled(DeviceCalled called)
    {
        if (_connectedAt == default || _inGrace)
        {
            _active = true;
            _connectedAt = Wall;
        }

        _info = called.Info.Over(_info);
        _called = true;
        _lastActiveAt = Wall;
        Timers.StartSingleTimer(CallTimeout.Instance, CallTimeout.Instance, _options.HeartbeatTimeout);
        LeaveGrace();
        Report(ReportCause.Called, called.Answer);
        if (called.Then is { } then)
        {
            Context.Parent.Forward(then);
        }

        Save();
    }

    private void LoseSocket()
    {
        _hub = null;
        _connection = null;
        _lastActiveAt = Wall;
        EnterGraceIfGone();
    }

    private void EnterGraceIfGone()
    {
        if (_connection is null && !_called)
        {
            _inGrace = true;
            Timers.StartSingleTimer(GraceExpired.Instance, GraceExpired.Instance, _options.OfflineGrace);
            Save();
        }

        Report();
    }

    private void LeaveGrace()
    {
        _inGrace = false;
        Timers.Cancel(GraceExpired.Instance);
    }

    private void OnEnd()
    {
        if (_connection is { } connection)
        {
            _hubs.Tell(_hub!, new EndConnection(connection, CloseReason.Forbidden), Context.Parent);
            _connection = null;
        }

        Context.Parent.Tell(new DeviceGone(_id, Wall));
    }

    private void Report(ReportCause cause = ReportCause.Change, ReplyTo? answer = null)
    {
        var status =
            _inGrace ? DeviceStatus.Disconnected
            : _active ? DeviceStatus.Active
            : DeviceStatus.Idle;
        var presence = new DevicePresence(_info.Platform ?? DeviceInfo.UnknownPlatform, _active, _inGrace);
        var device = new KnownDevice(_id, _info, status, _connectedAt, _lastActiveAt);
        Context.Parent.Tell(new DeviceReport(device, presence, _hub, _connection, cause, answer));
    }

    private void Save() => _writer.Tell(new WriteDevice(new(_user, _id, _info, _connectedAt, _lastActiveAt)));

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;
}
