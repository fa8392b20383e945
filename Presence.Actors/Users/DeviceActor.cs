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
    private readonly UserServices _services;

    private DeviceInfo _info = DeviceInfo.Empty;
    private IActorRef? _hub;
    private ConnectionId? _connection;
    private bool _called;
    private bool _active = true;
    private bool _inGrace;
    private bool _saidGoodbye;
    private DateTimeOffset _connectedAt;
    private DateTimeOffset _lastActiveAt;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public DeviceActor(UserId user, DeviceId id, UserServices services)
    {
        _user = user;
        _id = id;
        _services = services;
    }

    /// <summary>A device of a user.</summary>
    public static Props Props(UserId user, DeviceId id, UserServices services) =>
        Akka.Actor.Props.Create(() => new DeviceActor(user, id, services));

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
                LoseSocket(detach);
                break;
            case DetachDevice:
                break;
            case HubGone gone when gone.Hub.Equals(_hub):
                LoseSocket(detach: null);
                break;
            case HubGone:
                break;
            case DeviceHeard heard when heard.Connection == _connection:
                OnHeard(heard);
                break;
            case DeviceHeard:
                break;
            case ActivityTold told:
                BeActive(told.Active);
                Report();
                break;
            case DeviceCalled called:
                OnCalled(called);
                break;
            case CallTimeout:
                _called = false;
                EnterGraceIfGone();
                break;
            case GraceExpired when _services.Standing.IsLeaving && !_saidGoodbye:
                // It can't come back here. Whether it is gone is for the next entity to say.
                Timers.StartSingleTimer(GraceExpired.Instance, GraceExpired.Instance, _services.Options.OfflineGrace);
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
            _services.Hubs.Tell(_hub!, new EndConnection(old, CloseReason.Replaced), Context.Parent);
        }

        if (_connection != attach.Connection)
        {
            _active = attach.Active;
            _connectedAt = Wall;
        }

        _info = attach.Info.Over(_info);
        _connection = attach.Connection;
        _hub = Sender;
        Hear(attach.Silence);
        LeaveGrace();
        Report(attach.Again ? ReportCause.AttachedAgain : ReportCause.Attached);
        Save();
    }

    private void OnHeard(DeviceHeard heard)
    {
        Hear(heard.Silence);
        BeActive(heard.Active ?? _active);
        Report();
    }

    /// <summary>So that it is known after a restart what the device is that comes back.</summary>
    private void BeActive(bool active)
    {
        if (active != _active)
        {
            _active = active;
            Save();
        }
    }

    /// <summary>It gave a sign of life so long ago.</summary>
    private void Hear(TimeSpan ago)
    {
        var at = Wall - ago;
        _lastActiveAt = at > _lastActiveAt ? at : _lastActiveAt;
    }

    /// <summary>A call by HTTP counts as a heartbeat.</summary>
    private void OnCalled(DeviceCalled called)
    {
        if (_connectedAt == default || _inGrace)
        {
            _connectedAt = Wall;
        }

        _info = called.Info.Over(_info);
        _active = called.Active;
        _called = true;
        Hear(TimeSpan.Zero);
        Timers.StartSingleTimer(CallTimeout.Instance, CallTimeout.Instance, _services.Options.HeartbeatTimeout);
        LeaveGrace();
        Report(ReportCause.Called, called.Answer);
        if (called.Then is { } then)
        {
            Context.Parent.Forward(then);
        }

        Save();
    }

    /// <param name="detach">Null: its hub is gone. Then its last sign of life is the last one that was told.</param>
    private void LoseSocket(DetachDevice? detach)
    {
        _hub = null;
        _connection = null;
        if (detach is not null)
        {
            Hear(detach.Silence);
        }

        if (detach is { Goodbye: true })
        {
            (_saidGoodbye, _called) = (true, false);
            Timers.Cancel(CallTimeout.Instance);
        }

        EnterGraceIfGone();
    }

    private void EnterGraceIfGone()
    {
        if (_connection is null && !_called)
        {
            _inGrace = true;
            Timers.StartSingleTimer(GraceExpired.Instance, GraceExpired.Instance, _services.Options.OfflineGrace);
            Save();
        }

        Report();
    }

    private void LeaveGrace()
    {
        (_inGrace, _saidGoodbye) = (false, false);
        Timers.Cancel(GraceExpired.Instance);
    }

    private void OnEnd()
    {
        if (_connection is { } connection)
        {
            _services.Hubs.Tell(_hub!, new EndConnection(connection, CloseReason.Forbidden), Context.Parent);
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

    private void Save() =>
        _services.Writer.Tell(new WriteDevice(new(_user, _id, _info, _connectedAt, _lastActiveAt, Idle: !_active, Ended: _inGrace)));

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;
}
