namespace Presence.Core.Users;

/// <summary>How a user's status comes about, from what was set by hand and from the devices.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>devices</term><description>set by hand → status</description></listheader>
/// <item><term>none</term><description>anything → offline</description></item>
/// <item><term>one or more</term><description>away, busy, invisible → that (others see invisible as offline)</description></item>
/// <item><term>some active</term><description>nothing → online</description></item>
/// <item><term>all idle</term><description>nothing → away</description></item>
/// </list>
/// A device in grace counts as it was when its connection ended. Every row, with what others see, is in <c>docs/status-rule.md</c>, which a spec checks.
/// </remarks>
public static class StatusRule
{
    /// <summary>The status over all those devices, as the owner sees it.</summary>
    public static OnlineStatus Over(OnlineStatus? setByHand, IEnumerable<DevicePresence> devices)
    {
        var any = false;
        foreach (var device in devices)
        {
            any = true;
            if (device.Active)
            {
                return setByHand ?? OnlineStatus.Online;
            }
        }

        return any ? setByHand ?? OnlineStatus.Away : OnlineStatus.Offline;
    }

    /// <summary>The same, platform by platform.</summary>
    public static PlatformStatuses ByPlatform(OnlineStatus? setByHand, IEnumerable<DevicePresence> devices) =>
        PlatformStatuses.From(
            devices
                .Where(device => device.Platform != DevicePresence.NoPlatform)
                .GroupBy(device => device.Platform, StringComparer.Ordinal)
                .Select(platform => KeyValuePair.Create(platform.Key, Over(setByHand, platform)))
        );
}
