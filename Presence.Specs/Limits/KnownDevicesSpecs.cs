using Presence.Actors.Users;
using Presence.Specs.World;

namespace Presence.Specs.Limits;

/// <summary>How many devices of a user are remembered.</summary>
public sealed class KnownDevicesSpecs : ActorSpec
{
    [Fact]
    public void Of_a_user_who_comes_with_another_device_each_time_the_last_are_known_and_those_connected()
    {
        Options = new()
        {
            Limits = new() { Devices = 2, KnownDevices = 3 },
        };
        var hub = FakeHub.In(World);
        hub.Attach("ann", "laptop");
        for (var i = 0; i < 10; i++)
        {
            hub.Detach("ann", $"d{i}", hub.Attach("ann", $"d{i}"));
            World.Advance(Options.OfflineGrace + TimeSpan.FromSeconds(1));
        }

        World.Store.Known.Keys.Select(known => known.Device.Value).ShouldBe(["d7", "d8", "d9"], ignoreOrder: true);
        World
            .Ask<DevicesAre>(new GetDevices(new("ann"), All: true))
            .Devices.Select(device => device.DeviceId.Value)
            .ShouldBe(["d7", "d8", "d9", "laptop"]);
    }
}
