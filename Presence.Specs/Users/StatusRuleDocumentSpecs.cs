using Presence.Core.Users;
using Presence.Specs.Support;
using static Presence.Specs.Support.Some;

namespace Presence.Specs.Users;

/// <summary>The table of docs/status-rule.md says what the code does.</summary>
public sealed class StatusRuleDocumentSpecs
{
    private static readonly string[] SetByHand = ["nothing", "away", "busy", "invisible"];

    public static TheoryData<string, string, string, string> Rows()
    {
        var rows = new TheoryData<string, string, string, string>();
        foreach (var cells in Table())
        {
            rows.Add(cells[0], cells[1], cells[2], cells[3]);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Each_row_of_the_table_is_so(string devices, string setByHand, string othersSee, string ownerSees)
    {
        var state = Connected(devices);
        if (setByHand != "nothing")
        {
            state = state.Choose(Update(Status(setByHand)), At(10));
        }

        state.Own.OnlineStatus.Token().ShouldBe(ownerSees);
        state.Seen.OnlineStatus.Token().ShouldBe(othersSee);
        state.Own.Owner!.SetStatus?.Token().ShouldBe(setByHand == "nothing" ? null : setByHand);
    }

    [Fact]
    public void The_table_names_each_set_of_devices_with_each_status_set_by_hand()
    {
        var rows = Table();

        rows.GroupBy(cells => cells[0]).ShouldAllBe(group => group.Select(cells => cells[1]).SequenceEqual(SetByHand));
        rows.Select(cells => cells[0]).Distinct().Count().ShouldBeGreaterThanOrEqualTo(10);
    }

    private static UserState Connected(string devices)
    {
        var state = UserState.Load(Ann, new StoredUser(Profile.Empty, Noon), Noon);
        var n = 0;
        foreach (var device in devices.Split(" + ").Where(device => device != "none"))
        {
            state = state.WithDevice(new DeviceId($"device-{n++}"), Device(device), At(n));
        }

        return state;
    }

    private static DevicePresence Device(string words) =>
        words switch
        {
            "active" => Active,
            "idle" => Idle,
            "active in grace" => Active.Gone(),
            "idle in grace" => Idle.Gone(),
            _ => throw new InvalidOperationException($"docs/status-rule.md names a device as '{words}'"),
        };

    private static OnlineStatus Status(string token) =>
        OnlineStatusTokens.TryParse(token, out var status) ? status : throw new InvalidOperationException($"no status '{token}'");

    private static List<string[]> Table() =>
        [
            .. Repository
                .Read("docs/status-rule.md")
                .Split('\n')
                .SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal))
                .Skip(1)
                .TakeWhile(line => line.StartsWith('|'))
                .Select(line => line.Trim().Trim('|').Split('|').Select(cell => cell.Trim()).ToArray()),
        ];
}
