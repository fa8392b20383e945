using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Presence.Benchmarks.Faults.Nodes;

/// <summary>Each node in a network namespace of its own, all joined by a router in one more, and TLS between them. The router loses what it is told to, in either direction by itself, as a broken network does: without a word to anybody.</summary>
/// <remarks>Needs root and <c>ip</c>. Of this machine's own network nothing is changed but one interface and the route to the nodes, both gone with the router.</remarks>
internal sealed class NamespaceNetwork : INodeNetwork
{
    private const int Port = 7_000;

    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"pf{Environment.ProcessId % 100_000}");
    private readonly string _net;
    private readonly NodeCertificates _certificates;
    private readonly List<string> _namespaces = [];

    private NamespaceNetwork(string net, NodeCertificates certificates)
    {
        _net = net;
        _certificates = certificates;
    }

    public string? WhyNoCuts => null;

    public IPAddress Outside => IPAddress.Parse($"{_net}.2");

    public string? AlsoListen => $"{_net}.2/24";

    private string Router => $"{_name}-r";

    /// <summary>Why it can't be had here; null where it can.</summary>
    public static string? WhyNot() =>
        !OperatingSystem.IsLinux() ? "network namespaces are Linux's"
        : Environment.UserName != "root" ? "network namespaces need root"
        : !new[] { "/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip" }.Any(File.Exists) ? "network namespaces need the command ip"
        : null;

    /// <summary>Makes one for so many nodes.</summary>
    /// <param name="nodes">How many.</param>
    /// <param name="folder">For the certificates.</param>
    public static async Task<NamespaceNetwork> Make(int nodes, string folder)
    {
        var net = $"10.{200 + Random.Shared.Next(50)}.{Random.Shared.Next(250)}";
        var network = new NamespaceNetwork(net, new NodeCertificates(folder));
        try
        {
            await network.MakeRouter();
            for (var node = 0; node < nodes; node++)
            {
                await network.MakeNode(node);
            }

            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public IPAddress AddressOf(int node) => IPAddress.Parse($"{_net}.{(4 * (node + 1)) + 2}");

    public int FreePort() => Port;

    public IReadOnlyCollection<string> Within(int node) => ["ip", "netns", "exec", Namespace(node)];

    public IEnumerable<string> Settings(int node) =>
        [
            .. _certificates.Settings(AddressOf(node)),
            $"Presence__Authentication__TrustedProxies__0={Outside}/32",
            $"Presence__Authentication__ProxySecret={Fleet.ProxySecret}",
        ];

    public Task Cut(int from, int to) => Ip($"-n {Router} rule add from {AddressOf(from)} to {AddressOf(to)} blackhole");

    public Task Heal(int from, int to) => Ip($"-n {Router} rule del from {AddressOf(from)} to {AddressOf(to)} blackhole");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var name in _namespaces)
        {
            await Run("ip", $"netns del {name}");
        }

        // With its namespace an interface goes some time later, and its other end with it: a run that follows would meet it.
        await Run("ip", $"link del {_name}o");
    }

    private string Namespace(int node) => string.Create(CultureInfo.InvariantCulture, $"{_name}-{node + 1}");

    private async Task MakeRouter()
    {
        await MakeNamespace(Router);
        await Ip($"link add {_name}o type veth peer name outside netns {Router}");
        await Ip($"addr add {_net}.2/30 dev {_name}o");
        await Ip($"link set {_name}o up");
        await Ip($"-n {Router} addr add {_net}.1/30 dev outside");
        await Ip($"-n {Router} link set outside up");
        await Ip($"route add {_net}.0/24 via {_net}.1");
        await Ip($"netns exec {Router} sysctl -q -w net.ipv4.ip_forward=1");
    }

    private async Task MakeNode(int node)
    {
        var (name, link, router) = (Namespace(node), $"n{node + 1}", $"{_net}.{(4 * (node + 1)) + 1}");
        await MakeNamespace(name);
        await Ip($"-n {Router} link add {link} type veth peer name eth0 netns {name}");
        await Ip($"-n {Router} addr add {router}/30 dev {link}");
        await Ip($"-n {Router} link set {link} up");
        await Ip($"-n {name} addr add {AddressOf(node)}/30 dev eth0");
        await Ip($"-n {name} link set lo up");
        await Ip($"-n {name} link set eth0 up");
        await Ip($"-n {name} route add default via {router}");
    }

    private async Task MakeNamespace(string name)
    {
        await Ip($"netns add {name}");
        _namespaces.Add(name);
    }

    private static async Task Ip(string arguments)
    {
        if (await Run("ip", arguments) is { } error)
        {
            throw new InvalidOperationException($"ip {arguments}: {error}");
        }
    }

    private static async Task<string?> Run(string program, string arguments)
    {
        using var process =
            Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{program} could not be started");
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : errors.Trim();
    }
}
