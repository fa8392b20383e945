using Presence.Actors.Users;
using Presence.Core.Users;

namespace Presence.Specs.World;

/// <summary>A hub in place of the real one: attaches devices, watches users, and keeps what their entities tell.</summary>
internal sealed class FakeHub : Recorder
{
    private PresenceWorld _world = null!;

    public static FakeHub In(PresenceWorld world) => Into(new FakeHub { _world = world }, world.System);

    /// <summary>A socket of the device, or a new one.</summary>
    public ConnectionId Attach(
        string user,
        string device,
        string platform = "web",
        bool active = true,
        ConnectionId? connection = null,
        bool again = false,
        DeviceInfo? info = null
    )
    {
        var id = connection ?? ConnectionId.New();
        Tell(
            new AttachDevice(
                new(user),
                new(device),
                id,
                info ?? new DeviceInfo(null, null, platform, null),
                active,
                _world.SharedNow,
                again,
                default
            )
        );
        return id;
    }

    public void Detach(string user, string device, ConnectionId connection, bool goodbye = false) =>
        Tell(new DetachDevice(new(user), new(device), connection, goodbye));

    public void Heard(string user, string device, ConnectionId connection, bool? active = null) =>
        Tell(new DeviceHeard(new(user), new(device), connection, active));

    public void Watch(string user, long number = 0, KnownUntil known = default) => Tell(new Watch(new(user), known, number));

    public void Unwatch(string user, long number = 0) => Tell(new Unwatch(new(user), number));

    /// <summary>The statuses of that user that were told since, one a change.</summary>
    public IReadOnlyList<string> ToldOf(string user) =>
        [
            .. All<PresenceChanged>()
                .Where(changed => changed.Presence.UserId.Value == user)
                .Select(changed => changed.Presence.OnlineStatus.Token()),
        ];

    public PresenceRecord LastOf(string user) => All<PresenceChanged>().Last(changed => changed.Presence.UserId.Value == user).Presence;

    private void Tell(object message) => _world.Users.Tell(message, Ref);
}
