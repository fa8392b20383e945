using Presence.Actors.Users;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Users.Actors;

/// <summary>What a device told of itself: it stays known where the device doesn't say it again, over its absence and over a restart.</summary>
public sealed class KnownDevicesSpecs : ActorSpec
{
    private static readonly DeviceInfo Told = new("Ann's phone", "phone", "mobile", "4.2");

    private FakeHub _hub;

    public KnownDevicesSpecs() => _hub = FakeHub.In(World);

    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    [InlineData(50)]
    [InlineData(500)]
    public void A_device_that_does_not_say_it_again_keeps_its_name_type_platform_and_version(double away)
    {
        Left();
        World.Advance(away);

        _hub.Attach("ann", "phone", info: DeviceInfo.Empty);

        Devices().ShouldHaveSingleItem().Info.ShouldBe(Told);
        World.Seen("ann").Platforms.ShouldBe([KeyValuePair.Create("mobile", OnlineStatus.Online)]);
        World.Advance(1);
        World.Store.Known[(new("ann"), new("phone"))].Info.ShouldBe(Told);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(500)]
    public void A_call_by_http_that_does_not_say_it_keeps_it_too(double away)
    {
        Left();
        World.Advance(away);

        World.Ask<Done>(new HeartbeatByHttp(new("ann"), new(new("phone"), DeviceInfo.Empty)));

        Devices().ShouldHaveSingleItem().Info.ShouldBe(Told);
        World.Advance(200);
        World.Store.Known[(new("ann"), new("phone"))].Info.ShouldBe(Told);
    }

    [Fact]
    public void After_a_restart_it_is_known_whatever_calls_first()
    {
        var device = new CallingDevice(new("phone"), DeviceInfo.Empty);
        IUserMessage[] calls =
        [
            new HeartbeatByHttp(new("ann"), device),
            new UpdatePresence(new("ann"), PresenceWorld.Update(null, "hi"), device, null),
            new Presence.Actors.Users.Type(new("ann"), new(new("room"), true), null, device),
        ];
        foreach (var call in calls)
        {
            Restart();
            World.Ask(call);
            Devices().ShouldHaveSingleItem().Info.ShouldBe(Told, call.ToString());
        }

        Restart();
        _hub.Attach("ann", "phone", info: DeviceInfo.Empty);
        Devices().ShouldHaveSingleItem().Info.ShouldBe(Told);
    }

    [Fact]
    public void What_is_said_replaces_what_was_known_and_no_more()
    {
        Left();
        World.Advance(100);

        _hub.Attach("ann", "phone", info: new(null, null, "web", null));

        Devices().ShouldHaveSingleItem().Info.ShouldBe(Told with { Platform = "web" });
    }

    [Fact]
    public void A_device_that_was_forgotten_is_not_known()
    {
        Left();
        World.Advance(11);
        World.Ask<Done>(new RemoveDevice(new("ann"), new("phone")));

        _hub.Attach("ann", "phone", info: DeviceInfo.Empty);

        Devices().ShouldHaveSingleItem().Info.ShouldBe(DeviceInfo.Empty);
    }

    [Fact]
    public void Of_an_erased_user_no_device_is_known()
    {
        Left();
        World.Advance(11);
        World.Ask<Done>(new EraseUser(new("ann")));

        _hub.Attach("ann", "phone", info: DeviceInfo.Empty);

        Devices().ShouldHaveSingleItem().Info.ShouldBe(DeviceInfo.Empty);
    }

    [Fact]
    public void While_the_store_does_not_answer_a_device_connects_as_what_it_says_and_the_store_loses_nothing()
    {
        Restart();
        World.Store.DevicesGate.IsDown = true;

        _hub.Attach("ann", "phone", info: new(null, "tablet", null, null));

        Devices().ShouldHaveSingleItem().Info.ShouldBe(new DeviceInfo(null, "tablet", null, null));
        World.Advance(1);
        World.Store.Known[(new("ann"), new("phone"))].Info.ShouldBe(Told with { Type = "tablet" });
    }

    [Fact]
    public void No_more_devices_are_remembered_than_the_store_keeps()
    {
        Options = new()
        {
            Limits = new() { Devices = 2, KnownDevices = 2 },
        };
        _hub = FakeHub.In(NewWorld());
        foreach (var device in new[] { "one", "two", "three" })
        {
            _hub.Detach("ann", device, _hub.Attach("ann", device, info: Told with { Name = device }), goodbye: true);
            World.Advance(11);
        }

        _hub.Attach("ann", "one", info: DeviceInfo.Empty);
        _hub.Attach("ann", "three", info: DeviceInfo.Empty);

        Devices().Select(device => device.Info.Name).ShouldBe([null, "three"]);
    }

    private void Left()
    {
        var connection = _hub.Attach("ann", "phone", info: Told);
        _hub.Detach("ann", "phone", connection);
    }

    private void Restart()
    {
        _hub = FakeHub.In(NewWorld());
        World.Store.Known[(new("ann"), new("phone"))] = new(new("ann"), new("phone"), Told, World.Now.AddDays(-2), World.Now.AddDays(-1));
    }

    private IReadOnlyList<KnownDevice> Devices() => World.Ask<DevicesAre>(new GetDevices(new("ann"), All: false)).Devices;
}
