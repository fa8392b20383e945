using System.Collections.Immutable;
using Akka.Actor;
using Presence.Actors.Loading;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <content>The devices: their children, the hubs that have their sockets.</content>
public sealed partial class UserActor
{
    /// <summary>Two nodes' shared clocks may differ by that much when it is decided which of two connections is the newer one.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(2);

    private void OnAttach(AttachDevice attach, DeviceId device)
    {
        Follow(attach);
        attach = Completed(attach, device);
        if (Child(device) is not { } child)
        {
            _services.Hubs.Tell(Sender, new AttachRefused(_id, attach.Connection, TooManyDevices), Self);
            return;
        }

        if (_devices.LatestOf(device) is { } attached && attached != attach.Connection)
        {
            if (attach.OpenedAt < _devices.OpenedAt(device) - (attach.Again ? TimeSpan.Zero : ClockSkew))
            {
                // It was on its way for long, or missed that it was replaced.
                _services.Hubs.Tell(Sender, new EndConnection(attach.Connection, CloseReason.Replaced), Self);
                return;
            }

            NoteEnd(device);
            EndTypingOn(device, attached);
        }

        WatchHub(Sender);
        if (attach.Unsaid)
        {
            HoldBackConnect(device);
        }

        _devices.Expect(device);
        _devices.Opened(device, attach);
        _heldBack?.Remove(device);
        child.Forward(attach);
    }

    /// <summary>What changed while a connection was not attached, behind what its attachment changed; the hub knows what its clients know.</summary>
    private void TellMissed(IActorRef hub)
    {
        if (!_settling)
        {
            _services.Hubs.Tell(hub, new OwnPresenceChanged(_state.Own, null, _clock.Wall, _epoch), Self);
        }
    }

    private void OnDetach(DetachDevice detach)
    {
        if (detach.DeviceId is { } device)
        {
            EndTypingOn(device, detach.Connection);
            _devices.ChildOf(device)?.Tell(detach);
        }
        else
        {
            ForgetListener(detach.Connection);
        }

        _answered.Remove(detach.Connection);
        _eventQueues?.Forget(target => target.Connection == detach.Connection);
        _services.Hubs.Tell(Sender, new DeviceDetached(detach.Connection), Self);
    }

    /// <summary>When a device's connection ended, by the clock that all nodes share, for as long as a client may come back to it.</summary>
    private void NoteEnd(DeviceId device)
    {
        var at = _clock.SharedTime;
        _ended ??= [];
        foreach (var (over, _) in _ended.Where(entry => at - entry.Value > Options.ResumeWindow).ToList())
        {
            _ended.Remove(over);
        }

        _ended[device] = at;
    }

    private Refusal TooManyDevices =>
        new(ErrorCodes.TooManyDevices, $"at most {Options.Limits.Devices} devices of one user may be connected");

    /// <summary>A device calls by HTTP.</summary>
    /// <param name="device">Which; null: the call names none.</param>
    /// <param name="answer">Who is told when it has taken effect.</param>
    private Refusal? Call(CallingDevice? device, ReplyTo? answer)
    {
        return device is null || TryCall(device, said: null, answer, then: null, Self) ? null : TooManyDevices;
    }

    private bool TryCall(CallingDevice device, bool? said, ReplyTo? answer, IUserMessage? then, IActorRef sender)
    {
        var (info, active) = (Known(device.DeviceId, device.Info), ActivityOf(device.DeviceId, said));
        if (Child(device.DeviceId) is not { } child)
        {
            return false;
        }

        _devices.Expect(device.DeviceId);
        _devices.Told(device.DeviceId, active);
        child.Tell(new DeviceCalled(info, active, answer, then), sender);
        return true;
    }

    /// <summary>First the device, then the choice: the answer is to know that the device is there.</summary>
    private void OnUpdateByDevice(UpdatePresence update, ReplyTo replyTo)
    {
        var choice = update with { Device = null };
        IUserMessage then = replyTo.Number is { } number ? new Request(number, choice) : choice;
        if (!TryCall(update.Device!, said: null, answer: null, then, replyTo.Asker))
        {
            replyTo.Tell(new Refused(TooManyDevices), Self);
        }
    }

    /// <summary>One that says that the person is not there wakes nobody: it is no connection.</summary>
    private void OnHeartbeat(HeartbeatByHttp heartbeat, ReplyTo replyTo)
    {
        var device = heartbeat.Device.DeviceId;
        if (heartbeat.Active == false && !_devices.IsHere(device))
        {
            if (_devices.ChildOf(device) is { } inGrace && Allow(device, false) is { } idle)
            {
                inGrace.Tell(new ActivityTold(idle));
            }

            replyTo.Tell(Done.Instance, Self);
        }
        else if (!TryCall(heartbeat.Device, heartbeat.Active, replyTo, then: null, Self))
        {
            replyTo.Tell(new Refused(TooManyDevices), Self);
        }
    }

    private IActorRef? Child(DeviceId device)
    {
        if (_devices.ChildOf(device) is { } known)
        {
            return known;
        }

        if (_devices.Count >= Options.Limits.Devices)
        {
            return null;
        }

        // Numbered: a child that is stopping holds its name a moment longer.
        var child = Context.ActorOf(DeviceActor.Props(_id, device, _services), $"device-{++_children}");
        _devices.Add(device, child);
        return child;
    }

    private void OnReport(DeviceReport report)
    {
        var device = report.Device.DeviceId;
        if (_devices.ChildOf(device) is not { } child || !child.Equals(Sender))
        {
            return;
        }

        if (report.Connection is null && _devices.ConnectionOf(device) is not null)
        {
            NoteEnd(device);
        }

        _devices.Record(report);
        _known?.Remove(device);
        var next = _state.WithDevice(device, report.Presence, Now, report.Device.LastActiveAt);
        Move(
            // Who comes back late is counted as it is at once.
            _settling ? next : next.WithoutDevice(Presumed, _state.LastSeenAt ?? _clock.Wall, Now),
            // Its answer tells it. To one that attaches again the answer tells nothing.
            report.Cause == ReportCause.Attached
                ? report.Connection
                : null
        );
        if (report.Cause == ReportCause.Change && IsAnswered(device))
        {
            TellHeldBackConnect();
        }

        if (!report.Presence.InGrace)
        {
            NoteLastSeen();
        }

        report.Answer?.Tell(Done.Instance, Self);
        if (report.Cause == ReportCause.AttachedAgain)
        {
            TellMissed(report.Hub!);
        }

        if (report.Cause is ReportCause.Attached or ReportCause.AttachedAgain)
        {
            var attached = new DeviceAttached(
                _id,
                device,
                report.Connection!.Value,
                _state.Own,
                _contacts!,
                _ended?.TryGetValue(device, out var ended) == true ? ended : null,
                _epoch,
                Idle: !report.Presence.Active,
                Blocked: Blocked,
                EventsFollow: true
            );
            _services.Hubs.Tell(report.Hub!, attached, Self);
            ReadEventsFor(report.Hub!, report.Connection.Value);
        }
    }

    private void OnDeviceGone(DeviceGone gone)
    {
        if (_devices.ChildOf(gone.DeviceId)?.Equals(Sender) != true)
        {
            return;
        }

        var last = _devices.ReportOf(gone.DeviceId);
        if (_devices.TryRemove(gone.DeviceId, out var child))
        {
            Remember(last, gone.EndedAt);
            _heldBack?.Remove(gone.DeviceId);
            Context.Stop(child);
            EndTypingOn(gone.DeviceId);
            Move(_state.WithoutDevice(gone.DeviceId, gone.EndedAt, Now), cause: null);
            NoteLateness();
        }
    }

    private void OnGetDevices(GetDevices get, ReplyTo replyTo)
    {
        var connected = _devices.Connected.ToImmutableArray();
        if (!get.All)
        {
            replyTo.Tell(new DevicesAre(connected), Self);
            return;
        }

        _services
            .Store.Devices(_id, CancellationToken.None)
            .WaitAsync(LoadLimit)
            .PipeTo(
                replyTo.Asker,
                Self,
                known => replyTo.Numbered(new DevicesAre(WithKnown(connected, known))),
                _ => replyTo.Numbered(new Refused(Refusal.Unavailable))
            );
    }

    private static ImmutableArray<KnownDevice> WithKnown(ImmutableArray<KnownDevice> connected, IEnumerable<DeviceRow> known)
    {
        var ids = connected.Select(device => device.DeviceId).ToHashSet();
        return
        [
            .. connected
                .Concat(
                    known
                        .Where(row => !ids.Contains(row.DeviceId))
                        .Select(row => new KnownDevice(
                            row.DeviceId,
                            row.Info,
                            DeviceStatus.Disconnected,
                            row.ConnectedAt,
                            row.LastActiveAt
                        ))
                )
                .OrderBy(device => device.DeviceId.Value, StringComparer.Ordinal),
        ];
    }

    /// <summary>One connected is ended, and stays known; one that is not is forgotten.</summary>
    private void OnRemoveDevice(RemoveDevice remove, ReplyTo replyTo)
    {
        var connected = _devices.IsConnected(remove.DeviceId);
        var child = _devices.ChildOf(remove.DeviceId);
        if (child is not null && RefuseChange(remove) is { } refusal)
        {
            replyTo.Tell(new Refused(refusal), Self);
            return;
        }

        NoteEnded(remove.DeviceId);
        _known?.Remove(remove.DeviceId);
        child?.Tell(EndDevice.Instance);
        if (connected)
        {
            replyTo.Tell(Done.Instance, Self);
        }
        else
        {
            _services.Writer.Tell(new ForgetDevice(_id, remove.DeviceId, replyTo));
        }
    }

    /// <summary>
    /// A device is removed, or, with none named, all connections of the user are ended: those that are not attached here too. In a hand-over such a call may be the first that this entity hears,
    /// and the hubs attach the same connections only after it; or a hub was told, and that was lost. Of very many removed devices the latest are known.
    /// </summary>
    private void NoteEnded(DeviceId? device)
    {
        _endedByCall ??= [];
        _endedByCall.RemoveAll(ended => device is null || ended.Device == device);
        if (_endedByCall.Count >= Options.Limits.Devices)
        {
            _endedByCall.RemoveAt(0);
        }

        _endedByCall.Add((device, _clock.SharedTime));
    }

    private bool WasEnded(AttachDevice attach) =>
        attach.Again
        && _endedByCall?.Exists(ended => attach.OpenedAt <= ended.At && (ended.Device is null || ended.Device == attach.DeviceId)) == true;

    private void WatchHub(IActorRef hub)
    {
        if (_hubs.Add(hub))
        {
            Context.Watch(hub);
        }
    }

    private void OnHubGone(IActorRef hub)
    {
        _hubs.Remove(hub);
        _watchers.Remove(hub);
        ForgetListenersOf(hub);
        foreach (var child in _devices.Children)
        {
            child.Tell(new HubGone(hub));
        }

        foreach (var connection in _answered.Keys.Where(connection => !_devices.Connections.Contains(connection)).ToList())
        {
            _answered.Remove(connection);
        }
    }

    /// <summary>At most every half interval, so that with a heartbeat on top it is no older than the interval.</summary>
    private void NoteLastSeen()
    {
        if (_lastSeenWritten is { } written && Elapsed - written >= Options.LastSeenInterval / 2)
        {
            WriteLastSeen();
        }
    }

    private void WriteLastSeen()
    {
        _lastSeenWritten = Elapsed;
        var seen = new LastSeen(_id, _state.LastSeenAt ?? _clock.Wall, Connected: !_state.Devices.IsEmpty, IsAllIdle(_state));
        _services.Writer.Tell(new WriteLastSeen(seen));
    }

    private static bool IsAllIdle(UserState state) => !state.Devices.IsEmpty && state.Devices.Values.All(device => !device.Active);
}
