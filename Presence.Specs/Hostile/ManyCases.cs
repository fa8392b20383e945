using Presence.Specs.Journeys;
using Presence.Specs.WebSocket;
using static Presence.Specs.Journeys.JourneyServer;

namespace Presence.Specs.Hostile;

/// <summary>Runs many cases at once: most of them only wait for the server to close.</summary>
internal static class ManyCases
{
    private const int AtOnce = 8;

    /// <summary>Runs them; what failed, each by its name.</summary>
    public static async Task<IReadOnlyCollection<string>> FailuresOf(IEnumerable<(string Name, Func<Task> Check)> cases)
    {
        var failures = new List<string>();
        await Parallel.ForEachAsync(
            cases,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (row, _) =>
            {
                try
                {
                    await row.Check();
                }
                catch (Exception cause)
                {
                    lock (failures)
                    {
                        failures.Add($"{row.Name}: {cause.GetType().Name}: {cause.Message}");
                    }
                }
            }
        );
        return failures;
    }

    /// <summary>A case, over a socket and by a user of its own.</summary>
    public static async Task Check(this SocketCase row, JourneyServer server, bool byteByByte = false)
    {
        using var client = await RawSocket.ConnectAsync(server.Address, "/ws?snapshot=none", ("X-User-ID", NewName("mallory")));
        (await client.ReceiveJsonAsync()).GetProperty("type").GetString().ShouldBe("connection_ack");
        await row.Check(client, byteByByte);
    }
}
