using Presence.Benchmarks.Faults.Nodes;

namespace Presence.Benchmarks.Faults;

/// <summary>Nodes over a throw-away PostgreSQL, all on loopback, for somebody who wants to try them, until Ctrl-C.</summary>
internal static class LocalCluster
{
    /// <summary>Serves; the exit code. Arguments, all optional: <c>nodes=3</c></summary>
    public static async Task<int> Run(string[] args)
    {
        var arguments = new FaultArguments(args);
        var settings = new FleetSettings(
            arguments.Number("nodes", 3),
            TimeSpan.FromSeconds(30),
            TimeSpan.FromSeconds(10),
            false,
            (arguments.Number("nodes", 3) / 2) + 1,
            ApiKey: null
        );
        if (arguments.Unknown.FirstOrDefault() is { } unknown)
        {
            await Console.Error.WriteLineAsync($"'{unknown}' is nothing to set: write nodes=3");
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("presence-cluster-");
        Fleet fleet;
        try
        {
            fleet = await Fleet.Make(settings, folder.FullName);
        }
        catch (SkippedException none)
        {
            await Console.Error.WriteLineAsync($"no PostgreSQL: {none.Message}");
            return 1;
        }

        using var interrupted = Interruption.Then(() => fleet.DisposeAsync());
        await fleet.Start(settings.Nodes);
        foreach (var node in fleet.Nodes)
        {
            Console.WriteLine(
                $"{node} listens on {node.Address}  npx wscat -c \"ws://{node.Web}/ws?user_id={(node.Number == 0 ? "alice" : "bob")}&device_id=laptop\""
            );
        }

        Console.WriteLine($"the output of a node that ended is in {folder.FullName}; Ctrl-C ends all");
        await Task.Delay(Timeout.InfiniteTimeSpan);
        return 0;
    }
}
