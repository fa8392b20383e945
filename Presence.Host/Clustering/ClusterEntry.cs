using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster;

namespace Presence.Host.Clustering;

/// <summary>Joins this node to the cluster.</summary>
internal static class ClusterEntry
{
    private static readonly TimeSpan LookUpAgain = TimeSpan.FromSeconds(1);

    /// <summary>Begins to join the configured nodes, those that are looked up, or, where there are none, itself. Who needs the membership waits for that.</summary>
    public static void Begin(ActorSystem system, ClusterOptions options) => _ = Join(system, options);

    private static async Task Join(ActorSystem system, ClusterOptions options)
    {
        var cluster = Cluster.Get(system);
        if (options.SeedNodes.Length > 0)
        {
            cluster.JoinSeedNodes(options.SeedNodes.Select(seed => Seed(cluster, seed)));
        }
        else if (options.Discovery.Name is { } name)
        {
            cluster.JoinSeedNodes(await LookUp(cluster, name, options));
        }
        else
        {
            cluster.Join(cluster.SelfAddress);
        }
    }

    private static Address Seed(Cluster cluster, string seed) =>
        ClusterOptions.TryParse(seed, out var host, out var port)
            ? At(cluster, host, port)
            : throw new ArgumentException(seed, nameof(seed));

    /// <summary>In the order of the addresses, so that all nodes that find the same ones agree which of them is the first. A name that is not there yet is looked up again: with it come the first nodes.</summary>
    private static async Task<List<Address>> LookUp(Cluster cluster, string name, ClusterOptions options)
    {
        var port = options.Discovery.Port == 0 ? options.Port : options.Discovery.Port;
        while (true)
        {
            var found = await Addresses(name, options.Host);
            if (found.Count > 0)
            {
                return [.. found.Select(host => At(cluster, host, port))];
            }

            await Task.Delay(LookUpAgain);
        }
    }

    /// <summary>Those of the family of a node's own address, where it has one: by another it would not know itself among them, nor be known.</summary>
    internal static async Task<List<string>> Addresses(string name, string host)
    {
        var family = IPAddress.TryParse(host, out var own) ? own.AddressFamily : AddressFamily.Unspecified;
        try
        {
            return
            [
                .. (await Dns.GetHostAddressesAsync(name, family))
                    .OrderBy(address => Convert.ToHexString(address.GetAddressBytes()), StringComparer.Ordinal)
                    .Select(address => address.ToString()),
            ];
        }
        catch (SocketException)
        {
            return [];
        }
    }

    private static Address At(Cluster cluster, string host, int port) =>
        new(cluster.SelfAddress.Protocol, cluster.SelfAddress.System, host, port);
}
