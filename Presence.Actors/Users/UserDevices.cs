using Akka.Actor;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <summary>The devices of one user as their owner, the entity, keeps them: the children, what each reported last, which hub has its socket.</summary>
internal sealed class UserDevices
{
    private readonly Dictionary<DeviceId, Entry> _entries = [];

    /// <summary>How many there are, those in grace included.</summary>
    public int Count => _entries.Count;

    /// <summary>The hubs that have a socket of the user.</summary>
    public IEnumerable<IActorRef> Hubs => _entries.Values.Select(entry => entry.Report?.Hub).OfType<IActorRef>().Distinct();

    /// <summary>The connections attached, as last reported.</summary>
    public IEnumerable<ConnectionId> Connections => _entries.Values.Select(entry => entry.Report?.Connection).OfType<ConnectionId>();

    /// <summary>The same, each with its hub.</summary>
    public IEnumerable<(IActorRef Hub, ConnectionId Connection)> Attached =>
        _entries
            .Values.Where(entry => entry.Report is { Hub: not null, Connection: not null })
            .Select(entry => (entry.Report!.Hub!, entry.Report.Connection!.Value));

    /// <summary>All children.</summary>
    public IEnumerable<IActorRef> Children => _entries.Values.Select(entry => entry.Child);

    /// <summary>Those connected, by id.</summary>
    public IEnumerable<KnownDevice> Connected =>
        _entries
            .Values.Select(entry => entry.Report?.Device)
            .OfType<KnownDevice>()
            .Where(device => device.Status != DeviceStatus.Disconnected)
            .OrderBy(device => device.DeviceId.Value, StringComparer.Ordinal);

    /// <summary>The child of that device, or null.</summary>
    public IActorRef? ChildOf(DeviceId device) => _entries.GetValueOrDefault(device)?.Child;

    /// <summary>The connection of that device, as last reported, or null.</summary>
    public ConnectionId? ConnectionOf(DeviceId device) => _entries.GetValueOrDefault(device)?.Report?.Connection;

    /// <summary>The connection that the device was last told to attach, where it has not reported since; else as last reported.</summary>
    public ConnectionId? LatestOf(DeviceId device) => _entries.GetValueOrDefault(device)?.Latest;

    /// <summary>When the connection last attached to that device was opened, by the clock that all nodes share.</summary>
    public DateTimeOffset OpenedAt(DeviceId device) => _entries.GetValueOrDefault(device)?.OpenedAt ?? default;

    /// <summary>A connection is about to be attached.</summary>
    public void Opened(DeviceId device, AttachDevice attach)
    {
        var entry = _entries[device];
        entry.Active = entry.Latest == attach.Connection ? entry.Active : attach.Active;
        (entry.Latest, entry.OpenedAt) = (attach.Connection, attach.OpenedAt);
    }

    /// <summary>Whether the person is active there, as the child was told last.</summary>
    public bool IsActive(DeviceId device) => _entries.GetValueOrDefault(device)?.Active == true;

    /// <summary>The child is about to be told whether the person is active there.</summary>
    public void Told(DeviceId device, bool active)
    {
        if (_entries.TryGetValue(device, out var entry))
        {
            entry.Active = active;
        }
    }

    /// <summary>Whether the device is connected now.</summary>
    public bool IsConnected(DeviceId device) =>
        _entries.TryGetValue(device, out var entry) && entry.Report is { Device.Status: not DeviceStatus.Disconnected };

    /// <summary>Whether it is connected, or about to be.</summary>
    public bool IsHere(DeviceId device) => IsConnected(device) || _entries.GetValueOrDefault(device)?.Expected > 0;

    /// <summary>What its child reported last, or null.</summary>
    public DeviceReport? ReportOf(DeviceId device) => _entries.GetValueOrDefault(device)?.Report;

    /// <summary>Forgets all of them.</summary>
    public void Clear() => _entries.Clear();

    /// <summary>A child for the device.</summary>
    public void Add(DeviceId device, IActorRef child) => _entries[device] = new(child);

    /// <summary>The child is about to be told of an attachment or a call, and will report it.</summary>
    public void Expect(DeviceId device) => _entries[device].Expected++;

    /// <summary>A child reported.</summary>
    public void Record(DeviceReport report)
    {
        var entry = _entries[report.Device.DeviceId];
        entry.Report = report;
        entry.Expected -= report.Cause == ReportCause.Change ? 0 : 1;
        entry.Latest = entry.Expected > 0 ? entry.Latest : report.Connection;
    }

    /// <summary>Forgets a device whose child says that it is gone, and tells the child; false where the child is about to be told of a newer attachment, which the device lives on with.</summary>
    public bool TryRemove(DeviceId device, out IActorRef child)
    {
        child = ActorRefs.Nobody;
        if (!_entries.TryGetValue(device, out var entry) || entry.Expected > 0)
        {
            return false;
        }

        child = entry.Child;
        return _entries.Remove(device);
    }

    private sealed class Entry(IActorRef child)
    {
        public IActorRef Child { get; } = child;

        public DeviceReport? Report { get; set; }

        public int Expected { get; set; }

        public ConnectionId? Latest { get; set; }

        public DateTimeOffset OpenedAt { get; set; }

        public bool Active { get; set; }
    }
}
