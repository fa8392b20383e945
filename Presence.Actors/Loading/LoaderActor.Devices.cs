using Akka.Actor;
using Presence.Actors.Users;
using Presence.Core.Users;

namespace Presence.Actors.Loading;

/// <content>The devices known of users: what they told of themselves, and whether they were idle.</content>
public sealed partial class LoaderActor
{
    /// <summary>A query that found more has read some 2 MB.</summary>
    private const int ManyDevices = 5_000;

    private sealed record DevicesRead(IReadOnlyList<DeviceRow> Devices) : ILoaderMessage;

    private sealed record DevicesUnread(Exception Cause) : ILoaderMessage;

    private readonly Batch<Reading> _devices = new();

    private void OnDevices(object message, ReplyTo replyTo)
    {
        switch (message)
        {
            case LoadDevices load:
                _devices.Add([new(load.UserId, Viewer: null, load.Number)], replyTo);
                break;
            case DevicesRead read:
                OnDevicesRead(read.Devices);
                break;
            case DevicesUnread unread:
                // Who connects is taken for what it says: what it does not say is not lost, since the store keeps it.
                Unread(unread.Cause, _devices, wanted => wanted.By.ReplyTo!.Value.Asker.Tell(new DevicesLoaded([], wanted.Id.Number)));
                break;
            default:
                OnEvents(message, replyTo);
                break;
        }
    }

    private void StartDevicesQuery()
    {
        if (_devices.Start(Clock) is { Count: > 0 } readings)
        {
            var users = readings.Select(reading => reading.User).ToHashSet();
            Query(
                Read(cancellation => _store.Devices(users, cancellation), found => new DevicesRead(found)),
                cause => new DevicesUnread(cause)
            );
        }
    }

    private void OnDevicesRead(IReadOnlyList<DeviceRow> devices)
    {
        var found = devices.ToLookup(device => device.UserId);
        foreach (var (reading, asked) in _devices.Finish(Clock, large: devices.Count > ManyDevices))
        {
            asked.ReplyTo!.Value.Asker.Tell(new DevicesLoaded([.. found[reading.User]], reading.Number));
        }
    }
}
