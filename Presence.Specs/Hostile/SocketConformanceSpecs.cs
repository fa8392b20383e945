using Presence.Specs.Journeys;
using Presence.Specs.WebSocket;
using static Presence.Specs.Journeys.JourneyServer;

namespace Presence.Specs.Hostile;

/// <summary>The table of docs/websocket.md, each row over a real socket of the real service.</summary>
[Collection(JourneyCollection.Name)]
public sealed class SocketConformanceSpecs(JourneyServer server)
{
    /// <summary>Longer ones would take as many packets.</summary>
    private const int ByteByByte = 400;

    private static readonly Dictionary<string, SocketCase> Cases = SocketCases.All.ToDictionary(row => row.ToString());

    public static TheoryData<string> All => [.. Cases.Keys];

    public static TheoryData<string> Short => [.. Cases.Values.Where(row => row.Length <= ByteByByte).Select(row => row.ToString())];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Each_case_has_its_reaction_and_the_close_code_arrives_before_the_end(string row)
    {
        using var client = await Welcomed();

        await Cases[row].Check(client);
    }

    [Theory]
    [MemberData(nameof(Short))]
    public async Task It_makes_no_difference_that_the_bytes_come_one_by_one(string row)
    {
        using var client = await Welcomed();

        await Cases[row].Check(client, byteByByte: true);
    }

    private async Task<RawSocket> Welcomed()
    {
        var client = await RawSocket.ConnectAsync(server.Address, "/ws?snapshot=none", ("X-User-ID", NewName("mallory")));
        (await client.ReceiveJsonAsync()).GetProperty("type").GetString().ShouldBe("connection_ack");
        return client;
    }
}
