using System.Net;
using Presence.Actors;

namespace Presence.Host.Clustering;

/// <summary>How this node is reached by the others, and whom it joins. Configuration section <c>Presence:Cluster</c>.</summary>
public sealed record ClusterOptions
{
    private static readonly string[] AllRoles = [ClusterRoles.GatewayRole, ClusterRoles.PresenceRole];

    /// <summary>The name or address at which the other nodes reach this one (default: 127.0.0.1, this machine alone).</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port at which they do (default: 0, any that is free, for a node that nobody has to find).</summary>
    public int Port { get; init; }

    /// <summary>The address to listen on (default: <see cref="Host"/> where that is an address, else all).</summary>
    public string? BindAddress { get; init; }

    /// <summary>Nodes to join, as <c>host:port</c>, the same list on every node; the first of them forms the cluster where none is yet (default: none; the node is a cluster of its own).</summary>
    public string[] SeedNodes { get; init; } = [];

    /// <summary>How many nodes must have come together before the first of them does anything (default: more than half of <see cref="SeedNodes"/>; with <see cref="Discovery"/> it has to be written). So the first node, started again where it reaches none of the others, forms no second cluster.</summary>
    public int? MinimumMembers { get; init; }

    /// <summary>Where the nodes to join are looked up, instead of <see cref="SeedNodes"/>.</summary>
    public DiscoveryOptions Discovery { get; init; } = new();

    /// <summary>What this node does: <c>gateway</c> (takes clients), <c>presence</c> (is home to entities). Default: both.</summary>
    public string[] Roles { get; init; } = [];

    /// <summary>Certificates by which nodes know each other.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>Lets nodes talk in clear text beyond this machine, where whoever reaches the port is a node (default: false).</summary>
    public bool AllowClearText { get; init; }

    /// <summary>How long a node may take to become a member, and then as long again until an entity and the store have answered; then it ends with exit code 1 (default: 60 s).</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What it does. Only for options without problems.</summary>
    public ClusterRoles EffectiveRoles =>
        Roles.Length == 0
            ? new(true, true)
            : new(
                Roles.Contains(ClusterRoles.GatewayRole, StringComparer.Ordinal),
                Roles.Contains(ClusterRoles.PresenceRole, StringComparer.Ordinal)
            );

    /// <summary>What it listens on. Only for options without problems.</summary>
    public string EffectiveBindAddress =>
        BindAddress
        ?? (
            IPAddress.TryParse(Host, out _) ? Host
            : IsLoopback(Host) ? "127.0.0.1"
            : "0.0.0.0"
        );

    /// <summary>The number in force. Only for options without problems.</summary>
    public int EffectiveMinimumMembers => MinimumMembers ?? ((SeedNodes.Length / 2) + 1);

    /// <summary>Whether there are others to join.</summary>
    public bool JoinsOthers => SeedNodes.Length > 0 || Discovery.Name is not null;

    /// <summary>What is wrong with these, each with what to write instead; empty where nothing is.</summary>
    /// <param name="sharedStore">Whether several nodes can use the store.</param>
    public IEnumerable<string> Problems(bool sharedStore)
    {
        List<string> address = [.. AddressProblems()];
        // Who else reaches an address that is none can't be said.
        return
        [
            .. address,
            .. PeerProblems(sharedStore),
            .. Discovery.Problems(Port),
            .. Tls.Problems(),
            .. address.Count == 0 ? TransportProblems() : [],
        ];
    }

    private IEnumerable<string> AddressProblems()
    {
        if (Uri.CheckHostName(Host) == UriHostNameType.Unknown || Host is "0.0.0.0" or "::")
        {
            yield return $"Presence:Cluster:Host is '{Host}': write a name or an address at which the other nodes reach this one, such as presence-0.presence";
        }

        if (Port is < 0 or > IPEndPoint.MaxPort)
        {
            yield return $"Presence:Cluster:Port is {Port}: write a port, such as 4053";
        }

        if (BindAddress is not null && !IPAddress.TryParse(BindAddress, out _))
        {
            yield return $"Presence:Cluster:BindAddress is '{BindAddress}': write an address of this machine, such as 0.0.0.0";
        }

        if (JoinTimeout <= TimeSpan.Zero)
        {
            yield return $"Presence:Cluster:JoinTimeout is {JoinTimeout:c}: write a time above 0, such as 00:01:00";
        }
    }

    private IEnumerable<string> PeerProblems(bool sharedStore)
    {
        foreach (var seed in SeedNodes.Where(seed => !TryParse(seed, out _, out _)))
        {
            yield return $"Presence:Cluster:SeedNodes has '{seed}': write host:port, such as presence-0.presence:4053";
        }

        if (MinimumMembers < 1)
        {
            yield return $"Presence:Cluster:MinimumMembers is {MinimumMembers}: write more than half of the nodes, such as 2 of 3";
        }

        if (Discovery.Name is not null && SeedNodes.Length == 0 && MinimumMembers is null)
        {
            yield return "Presence:Cluster:Discovery:Name is set, and how many nodes there are can't be said by a name: write Presence:Cluster:MinimumMembers, more than half of the nodes, such as 2 of 3";
        }

        if (SeedNodes.Length > 0 && Discovery.Name is not null)
        {
            yield return "Presence:Cluster:SeedNodes and Presence:Cluster:Discovery:Name are both set: write one of them";
        }

        if (JoinsOthers && !sharedStore)
        {
            yield return "Presence:Cluster names other nodes, and Presence:Storage:Provider sqlite is a file for one: write Presence:Storage:Provider=postgresql";
        }

        foreach (var role in Roles.Where(role => !AllRoles.Contains(role, StringComparer.Ordinal)))
        {
            yield return $"Presence:Cluster:Roles has '{role}': write {ClusterRoles.GatewayRole}, {ClusterRoles.PresenceRole}, or none for both";
        }

        if (Roles.Length > 0 && !EffectiveRoles.Presence && !JoinsOthers)
        {
            yield return $"Presence:Cluster:Roles has no {ClusterRoles.PresenceRole}, and there is no other node: write it, or name the others in Presence:Cluster:SeedNodes";
        }
    }

    private IEnumerable<string> TransportProblems()
    {
        if (!Tls.IsSet && !AllowClearText && !(IsLoopback(Host) && IsLoopback(EffectiveBindAddress)))
        {
            yield return $"Presence:Cluster:Host {Host} is reached from other machines, where whoever connects would be a node: write Presence:Cluster:Tls:Certificate, "
                + "Key and Authority (PEM files), or Presence:Cluster:AllowClearText=true where the network itself keeps everybody else out";
        }
    }

    /// <summary>Reads <c>host:port</c>.</summary>
    internal static bool TryParse(string text, out string host, out int port)
    {
        var colon = text.LastIndexOf(':');
        host = colon < 0 ? "" : text[..colon].Trim('[', ']');
        port = 0;
        return Uri.CheckHostName(host) != UriHostNameType.Unknown
            && int.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out port)
            && port is > 0 and <= IPEndPoint.MaxPort;
    }

    private static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
}

/// <summary>Where the other nodes are looked up. Configuration section <c>Presence:Cluster:Discovery</c>.</summary>
public sealed record DiscoveryOptions
{
    /// <summary>A DNS name that resolves to the addresses of the nodes, each of which has its own address as its <see cref="ClusterOptions.Host"/> (default: none). Addresses of another family than that one are left out.</summary>
    public string? Name { get; init; }

    /// <summary>Their port (default: 0, the same as <see cref="ClusterOptions.Port"/>).</summary>
    public int Port { get; init; }

    internal IEnumerable<string> Problems(int ownPort)
    {
        if (Name is not null && Uri.CheckHostName(Name) != UriHostNameType.Dns)
        {
            yield return $"Presence:Cluster:Discovery:Name is '{Name}': write a DNS name, such as presence.default.svc.cluster.local";
        }

        if (Port is < 0 or > IPEndPoint.MaxPort)
        {
            yield return $"Presence:Cluster:Discovery:Port is {Port}: write a port, such as 4053";
        }

        if (Name is not null && Port == 0 && ownPort == 0)
        {
            yield return "Presence:Cluster:Discovery:Name is set, and no port to reach the nodes at: write Presence:Cluster:Port, such as 4053, the same on every node";
        }
    }
}
