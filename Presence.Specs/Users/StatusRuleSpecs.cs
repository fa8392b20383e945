using CsCheck;
using Presence.Core.Users;
using static Presence.Specs.Support.Some;

namespace Presence.Specs.Users;

public sealed class StatusRuleSpecs
{
    private static readonly Gen<OnlineStatus?> AnySetByHand = Gen.OneOf<OnlineStatus?>(
        null,
        OnlineStatus.Away,
        OnlineStatus.Busy,
        OnlineStatus.Invisible
    );

    private static readonly Gen<DevicePresence> AnyDevice = Gen.Select(
        Gen.OneOf("web", "mobile", "desktop"),
        Gen.Bool,
        Gen.Bool,
        (platform, active, inGrace) => new DevicePresence(platform, active, inGrace)
    );

    [Fact]
    public void Nobody_is_more_than_offline_without_a_device() =>
        AnySetByHand.Sample(set => StatusRule.Over(set, []).ShouldBe(OnlineStatus.Offline));

    [Fact]
    public void One_active_device_among_idle_ones_makes_online() =>
        StatusRule.Over(null, [Idle, Active, Idle]).ShouldBe(OnlineStatus.Online);

    [Fact]
    public void All_devices_idle_make_away() => StatusRule.Over(null, [Idle, Idle]).ShouldBe(OnlineStatus.Away);

    [Theory]
    [InlineData(OnlineStatus.Away)]
    [InlineData(OnlineStatus.Busy)]
    [InlineData(OnlineStatus.Invisible)]
    public void What_is_set_by_hand_holds_over_all_devices(OnlineStatus set)
    {
        StatusRule.Over(set, [Active, Idle]).ShouldBe(set);
        StatusRule.Over(set, [Idle]).ShouldBe(set);
    }

    [Fact]
    public void A_device_in_grace_counts_as_it_was() =>
        Gen.Select(AnySetByHand, AnyDevice.Array[0, 5])
            .Sample(
                (set, devices) => StatusRule.Over(set, devices).ShouldBe(StatusRule.Over(set, devices.Select(device => device.Gone())))
            );

    [Fact]
    public void The_order_of_devices_does_not_matter() =>
        Gen.Select(AnySetByHand, AnyDevice.Array[0, 5])
            .Sample(
                (set, devices) =>
                {
                    StatusRule.Over(set, devices).ShouldBe(StatusRule.Over(set, devices.Reverse()));
                    StatusRule.ByPlatform(set, devices).ShouldBe(StatusRule.ByPlatform(set, devices.Reverse()));
                }
            );

    [Fact]
    public void A_platform_has_the_status_of_its_own_devices() =>
        StatusRule
            .ByPlatform(null, [Idle.On("mobile"), Active.On("web"), Idle.On("web")])
            .ShouldBe([new("mobile", OnlineStatus.Away), new("web", OnlineStatus.Online)]);

    [Fact]
    public void Every_platform_with_a_device_is_named_once_and_the_best_of_them_is_the_status() =>
        AnyDevice
            .Array[1, 6]
            .Sample(devices =>
            {
                var platforms = StatusRule.ByPlatform(null, devices);
                platforms.Select(platform => platform.Key).ShouldBe(devices.Select(device => device.Platform).Distinct().Order());
                StatusRule
                    .Over(null, devices)
                    .ShouldBe(platforms.Any(p => p.Value == OnlineStatus.Online) ? OnlineStatus.Online : OnlineStatus.Away);
            });
}
