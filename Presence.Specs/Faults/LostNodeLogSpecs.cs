using System.Text.RegularExpressions;
using Presence.Benchmarks.Faults.Nodes;
using Presence.Specs.Journeys;

namespace Presence.Specs.Faults;

/// <summary>What a node says in its log of another one that is killed and comes back: real processes over a real PostgreSQL.</summary>
public sealed partial class LostNodeLogSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task A_node_that_is_killed_is_one_line_and_one_when_it_is_back()
    {
        var settings = new FleetSettings(
            2,
            TimeSpan.FromSeconds(30),
            TimeSpan.FromSeconds(10),
            Namespaces: false,
            MinimumMembers: 1,
            ApiKey: null
        );
        await using var fleet = await Made(settings);
        // The first one is the older, and of the lower address: it goes on alone.
        await fleet.Nodes[0].Start();
        await fleet.Nodes[1].Start();
        var first = fleet.Nodes[0];
        await Says(first, "is a member of the cluster", 1);

        await fleet.Nodes[1].Kill();
        await Says(first, "was given up, and is no member of the cluster any more", 1);
        await fleet.Nodes[1].Start();
        await Says(first, "is a member of the cluster", 2);

        var lines = first.Said.Where(line => line.StartsWith("20", StringComparison.Ordinal)).ToList();
        lines.Count(line => line.Contains("can't be reached", StringComparison.Ordinal)).ShouldBe(1);
        // One while it was looked for at the start, before it had ever been there.
        lines.Count(line => line.Contains("Tried to associate", StringComparison.Ordinal)).ShouldBeLessThanOrEqualTo(1);
        lines.ShouldNotContain(line => line.Contains("has failed; address is now gated", StringComparison.Ordinal));
        lines.ShouldNotContain(line => line.Contains("Disassociated", StringComparison.Ordinal));
        lines.ShouldAllBe(line => OneTime().Count(line) == 1 && !line.Contains("[WARNING]", StringComparison.Ordinal));
    }

    private async Task<Fleet> Made(FleetSettings settings)
    {
        try
        {
            return await Fleet.Make(settings, _folder.Path);
        }
        catch (SkippedException none)
        {
            Skip.If(true, $"fault specs, {none.Message}");
            throw;
        }
    }

    private static async Task Says(Node node, string text, int times)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (node.Said.Count(line => line.Contains(text, StringComparison.Ordinal)) < times)
        {
            await Task.Delay(100, patience.Token);
        }
    }

    [GeneratedRegex(@"\d\d:\d\d:\d\d\.\d\d\d")]
    private static partial Regex OneTime();
}
