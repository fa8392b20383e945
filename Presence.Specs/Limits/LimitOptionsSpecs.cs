using Presence.Actors;

namespace Presence.Specs.Limits;

public sealed class LimitOptionsSpecs
{
    public static TheoryData<string> Names => [.. LimitOptions.All.Select(option => option.Name)];

    [Fact]
    public void The_defaults_are_no_problem() => new PresenceOptions().Problems().ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Names))]
    public void None_may_be_nothing(string name) => Problems(name, 0).ShouldContain(problem => Says(problem, name, "above 0"));

    [Theory]
    [MemberData(nameof(Names))]
    public void None_may_be_below_nothing(string name) => Problems(name, -1).ShouldContain(problem => Says(problem, name, "above 0"));

    [Fact]
    public void A_limit_on_sockets_above_that_on_connections_would_never_answer() =>
        new PresenceOptions
        {
            Limits = new() { SocketsPerNode = 101, ConnectionsPerNode = 100 },
        }
            .Problems()
            .ShouldHaveSingleItem()
            .ShouldContain("Presence:Limits:ConnectionsPerNode is 100");

    [Fact]
    public void Headers_may_not_be_more_than_the_server_reads_ahead() =>
        Problems(nameof(LimitOptions.HeaderBytes), 1024 * 1024 + 1)
            .ShouldHaveSingleItem()
            .ShouldBe("Presence:Limits:HeaderBytes is 1048577: write a number from 1 to 1048576");

    [Theory]
    [InlineData(16 * 1024 * 1024, 0)]
    [InlineData((16 * 1024 * 1024) + 1, 1)]
    [InlineData(int.MaxValue, 1)]
    public void A_message_may_not_be_larger_than_a_buffer_can_be(int bytes, int problems) =>
        Problems(nameof(LimitOptions.MessageBytes), bytes).Count.ShouldBe(problems);

    [Fact]
    public void Fewer_devices_known_than_may_be_connected_make_no_sense() =>
        Problems(nameof(LimitOptions.KnownDevices), 49)
            .ShouldHaveSingleItem()
            .ShouldBe("Presence:Limits:KnownDevices is 49, and who is connected is known: write at least Presence:Limits:Devices, 50");

    private static bool Says(string problem, string name, string what) =>
        problem.StartsWith($"Presence:Limits:{name} is ", StringComparison.Ordinal) && problem.Contains(what, StringComparison.Ordinal);

    private static IReadOnlyList<string> Problems(string name, int value)
    {
        var limits = new LimitOptions();
        var option = typeof(LimitOptions).GetProperty(name)!;
        option.SetValue(limits, option.PropertyType == typeof(TimeSpan) ? TimeSpan.FromSeconds(value) : value);
        return [.. new PresenceOptions { Limits = limits }.Problems()];
    }
}
