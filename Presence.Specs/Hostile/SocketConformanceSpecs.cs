using Presence.Specs.Journeys;

namespace Presence.Specs.Hostile;

/// <summary>The table of docs/websocket.md, each row over a real socket of the real service.</summary>
[Collection(JourneyCollection.Name)]
public sealed class SocketConformanceSpecs(JourneyServer server)
{
    /// <summary>Longer ones would take as many packets.</summary>
    private const int ByteByByte = 400;

    public static TheoryData<string> Sources => [.. SocketCases.All.Select(row => row.Source).Distinct()];

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Each_case_has_its_reaction_and_the_close_code_arrives_before_the_end(string source)
    {
        var rows = SocketCases.All.Where(row => row.Source == source);

        (await ManyCases.FailuresOf(rows.Select(row => (row.Name, (Func<Task>)(() => row.Check(server)))))).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task It_makes_no_difference_that_the_bytes_come_one_by_one(string source)
    {
        var rows = SocketCases.All.Where(row => row.Source == source && row.Length <= ByteByByte);

        (
            await ManyCases.FailuresOf(rows.Select(row => (row.Name, (Func<Task>)(() => row.Check(server, byteByByte: true)))))
        ).ShouldBeEmpty();
    }
}
