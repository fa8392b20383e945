using System.Globalization;
using System.Text.Json;

namespace Presence.Benchmarks.Faults.Nodes;

/// <summary>What the nodes say of themselves, at <c>/metrics</c> and <c>/stats</c>.</summary>
internal static class NodeFigures
{
    /// <summary>A counter or gauge of one node, over all its labels; a counter that was never moved is not exported, and 0.</summary>
    /// <exception cref="InvalidOperationException">There are no metrics of the service at all.</exception>
    public static async Task<double> Metric(this Node node, string name)
    {
        using var http = Client(node);
        var lines = (await http.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n');
        return lines.Any(line => line.StartsWith("presence_connections", StringComparison.Ordinal))
            ? lines
                .Where(line =>
                    line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal)
                )
                .Sum(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"{node} exports no metrics of the service");
    }

    /// <summary>The same over all nodes that are up.</summary>
    public static async Task<double> Metric(this Fleet fleet, string name)
    {
        var values = await Task.WhenAll(fleet.Up.Select(node => node.Metric(name)));
        return values.Sum();
    }

    /// <summary>A count of <c>/stats</c>, such as <c>users_online</c>, over the whole cluster.</summary>
    public static async Task<long> Count(this Fleet fleet, string name)
    {
        using var http = Client(fleet.Sound.First());
        using var stats = JsonDocument.Parse(await http.GetStringAsync(new Uri("/stats", UriKind.Relative)));
        return stats.RootElement.GetProperty(name).GetInt64();
    }

    /// <summary>The resident memory of all nodes that are up, in MiB.</summary>
    public static double Memory(this Fleet fleet) => fleet.Up.Sum(node => node.Usage.ResidentBytes) / 1024.0 / 1024.0;

    private static HttpClient Client(Node node)
    {
        var http = new HttpClient { BaseAddress = node.Address };
        http.DefaultRequestHeaders.Add("X-Api-Key", Fleet.ApiKey);
        return http;
    }
}
