using Presence.Actors.Loading;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <content>
/// What a device is that does not say it: what it told of itself before, and whether the person was active there. One that is back within the grace, or with what its last connection left it, is what it was;
/// any other is active, and has a moment for its first word, which may be that the person is not there. Until then nobody is pushed that it is there; who reads meanwhile sees it.
/// </content>
public sealed partial class UserActor
{
    /// <summary>How long a device that has just connected has for its first word: the way to a client and back.</summary>
    private static readonly TimeSpan FirstWord = TimeSpan.FromMilliseconds(300);

    /// <summary>The devices that are known and not here, as they were; null until they are read. At most <see cref="LimitOptions.KnownDevices"/>.</summary>
    private Dictionary<DeviceId, DeviceRow>? _known;

    /// <summary>The number under which they are being read; null: they are not.</summary>
    private long? _devicesAsked;

    /// <summary>Until when a device that the entity before this one had may come back as what it was.</summary>
    private TimeSpan _presumedUntil;

    /// <summary>The user as watchers were last told, before devices connected that have not said their first word; null: there are none.</summary>
    private UserState? _beforeConnect;

    /// <summary>Those devices, and whether the first word of each is on its way from its child.</summary>
    private readonly Dictionary<DeviceId, bool> _unheard = [];

    /// <summary>Whether what is known of a device that is not here is needed for it.</summary>
    private bool NeedsDevices(object message) =>
        Content(message) switch
        {
            AttachDevice { DeviceId: { } device } => _devices.ChildOf(device) is null,
            HeartbeatByHttp { Device.DeviceId: var device } => _devices.ChildOf(device) is null,
            UpdatePresence { Device: { DeviceId: var device } } => _devices.ChildOf(device) is null,
            Type { Caller: { DeviceId: var device } } => _devices.ChildOf(device) is null,
            _ => false,
        };

    /// <summary>An answer to an earlier question may be of a life that was erased since.</summary>
    private void Know(DevicesLoaded loaded)
    {
        if (loaded.Number == _devicesAsked)
        {
            _known ??= loaded.Devices.Where(row => _devices.ChildOf(row.DeviceId) is null).ToDictionary(row => row.DeviceId);
        }
    }

    /// <summary>It is gone, and may come back.</summary>
    private void Remember(DeviceReport? last, DateTimeOffset endedAt)
    {
        if (_known is not { } known || last is null)
        {
            return;
        }

        if (known.Count >= Options.Limits.KnownDevices)
        {
            known.Remove(known.Values.MinBy(row => row.LastActiveAt)!.DeviceId);
        }

        var (id, info, connectedAt) = (last.Device.DeviceId, last.Device.Info, last.Device.ConnectedAt);
        known[id] = new(_id, id, info, connectedAt, endedAt, Idle: !last.Presence.Active, Ended: true);
    }

    /// <summary>What the device tells of itself, and what it told before where it doesn't.</summary>
    private DeviceInfo Known(DeviceId device, DeviceInfo told) => _known?.GetValueOrDefault(device) is { } row ? told.Over(row.Info) : told;

    /// <summary>With what it does not say. It stays unsaid whether the person is active only of one that is new here.</summary>
    private AttachDevice Completed(AttachDevice attach, DeviceId device)
    {
        var told = attach with { Info = Known(device, attach.Info) };
        if (!attach.Unsaid)
        {
            return told;
        }

        var isNew = _devices.ChildOf(device) is null && !IsBack(device) && !ComesBack(attach, device);
        return isNew ? told : told with { Active = WasActive(device), Unsaid = false };
    }

    /// <summary>Of a device that calls: as it says, or as it was. What it says too often is told later.</summary>
    private bool ActivityOf(DeviceId device, bool? said)
    {
        if (_devices.ChildOf(device) is null)
        {
            return said ?? (!IsBack(device) || WasActive(device));
        }

        return Allow(device, said) ?? (said is null ? WasActive(device) : _devices.IsActive(device));
    }

    private bool WasActive(DeviceId device) =>
        _devices.ChildOf(device) is not null
            ? _heldBack?.TryGetValue(device, out var said) == true
                ? said
                : _devices.IsActive(device)
            : _known?.GetValueOrDefault(device) is { } row
                ? !row.Idle
                : true;

    /// <summary>Whether the entity before this one had it, so lately that it is within its grace.</summary>
    private bool IsBack(DeviceId device) =>
        Elapsed < _presumedUntil
        && _known?.GetValueOrDefault(device) is { } row
        && (!row.Ended || _clock.Wall - row.LastActiveAt < Options.LastSeenInterval + Options.OfflineGrace);

    private bool ComesBack(AttachDevice attach, DeviceId device) =>
        attach.CameBackFrom is { } since
        && _clock.SharedTime - (_ended?.TryGetValue(device, out var ended) == true ? ended : since) <= Options.ResumeWindow;

    private void HoldBackConnect(DeviceId device)
    {
        _beforeConnect ??= _state;
        _unheard[device] = false;
        if (!Timers.IsTimerActive(Tick.FirstWordDue))
        {
            Timers.StartSingleTimer(Tick.FirstWordDue, Tick.FirstWordDue, FirstWord);
        }
    }

    /// <summary>Whether it is the first word of a device; it takes effect with the child's next report.</summary>
    private bool IsFirstWord(DeviceHeard heard)
    {
        var isFirst = _unheard.ContainsKey(heard.DeviceId);
        if (isFirst)
        {
            _unheard[heard.DeviceId] = true;
        }

        return isFirst;
    }

    /// <summary>Whether the last device for whose first word others waited has said it now.</summary>
    private bool IsAnswered(DeviceId device)
    {
        if (_unheard.GetValueOrDefault(device))
        {
            _unheard.Remove(device);
        }

        return _unheard.Count == 0 && _beforeConnect is not null;
    }

    /// <summary>Under a version of now: cursors told since name a time that is past the one of the connect.</summary>
    private void TellHeldBackConnect()
    {
        _unheard.Clear();
        if (_beforeConnect is { } before)
        {
            _beforeConnect = null;
            Timers.Cancel(Tick.FirstWordDue);
            _state = _state.Seen.Version == before.Seen.Version ? _state : _state.Confirmed(Now);
            TellChange(before, cause: null);
            if (!_settling)
            {
                // Of two devices that connected one may have been told already of the other.
                TellOwn(cause: null);
            }
        }
    }
}
