using System.Globalization;
using System.Net;
using Npgsql;

namespace Presence.Benchmarks.Faults.Nodes;

/// <summary>What the nodes of a run are started with.</summary>
/// <param name="Nodes">How many there can be.</param>
/// <param name="Heartbeat">The interval; the timeout is three times that.</param>
/// <param name="Grace">The grace time.</param>
/// <param name="Namespaces">Each node in a network namespace of its own, where that can be had.</param>
/// <param name="ApiKey">What a backend shows; null: whoever connects is one.</param>
/// <param name="ChangesBurst">How many changes a person may make at once; null: as many as by default.</param>
/// <param name="Clocks">The clock of each node can be set.</param>
/// <param name="More">Settings of the scenario's own, as <c>Presence__TypingTtl=00:00:03</c>.</param>
/// <param name="MinimumMembers">How many must be there for any to begin: as operators have it more than half, and 1 where one begins alone.</param>
/// <param name="GatewaysOnly">How many, the last ones, take clients and are home to nobody.</param>
internal sealed record FleetSettings(
    int Nodes,
    TimeSpan Heartbeat,
    TimeSpan Grace,
    bool Namespaces,
    int MinimumMembers,
    string? ApiKey = Fleet.ApiKey,
    int? ChangesBurst = null,
    bool Clocks = false,
    IReadOnlyCollection<string>? More = null,
    int GatewaysOnly = 0
)
{
    /// <summary>A connection not heard of for that long is closed.</summary>
    public TimeSpan HeartbeatTimeout => Heartbeat * 3;
}

/// <summary>Nodes over one PostgreSQL, on a network of their own where one can be had.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    /// <summary>What a backend shows.</summary>
    public const string ApiKey = "key-of-the-fault-suite";

    /// <summary>What a gateway shows, for which the suite's clients stand.</summary>
    public const string ProxySecret = "secret-of-the-fault-suite";

    private readonly INodeNetwork _network;
    private readonly ThrowAwayPostgres? _ownServer;
    private readonly string _connectionString;

    private Fleet(FleetSettings settings, INodeNetwork network, ThrowAwayPostgres? ownServer, string connectionString, string folder)
    {
        (Settings, _network, _ownServer, _connectionString) = (settings, network, ownServer, connectionString);
        var ports = Enumerable
            .Range(0, settings.Nodes)
            .Select(_ => (Web: network.FreePort() + 1_000, Cluster: network.FreePort()))
            .ToArray();
        var seeds = ports
            .Select((port, node) => $"Presence__Cluster__SeedNodes__{node}={network.AddressOf(node)}:{port.Cluster}")
            .Append($"Presence__Cluster__MinimumMembers={settings.MinimumMembers}")
            .ToArray();
        Nodes =
        [
            .. ports.Select(
                (port, node) =>
                    new Node(
                        node,
                        new IPEndPoint(network.AddressOf(node), port.Web),
                        network.Within(node),
                        [.. SettingsOf(node, port.Web, port.Cluster), .. seeds],
                        Path.Combine(folder, $"node-{node + 1}.log"),
                        settings.Clocks ? new NodeClock(Path.Combine(folder, $"node-{node + 1}.clock")) : null
                    )
            ),
        ];
    }

    /// <summary>With what they were started.</summary>
    public FleetSettings Settings { get; }

    /// <summary>All nodes, whether they run or not.</summary>
    public IReadOnlyList<Node> Nodes { get; }

    /// <summary>Those that clients can be routed to.</summary>
    public IEnumerable<Node> Up => Nodes.Where(node => node.State == NodeState.Up);

    /// <summary>Those that nothing is the matter with.</summary>
    public IEnumerable<Node> Sound => Up.Where(node => !node.IsFaulty);

    /// <summary>Why nothing can be cut; null where it can.</summary>
    public string? WhyNoCuts => _network.WhyNoCuts;

    /// <summary>The PostgreSQL, to do something to it.</summary>
    /// <exception cref="SkippedException">It is somebody else's.</exception>
    public ThrowAwayPostgres Server =>
        _ownServer ?? throw new SkippedException("the PostgreSQL is one that PRESENCE_TEST_POSTGRES names: nothing is done to it");

    /// <summary>Makes the database and the nodes, none of them started.</summary>
    /// <exception cref="SkippedException">There is no PostgreSQL.</exception>
    public static async Task<Fleet> Make(FleetSettings settings, string folder)
    {
        if (settings.Clocks && NodeClock.WhyNot() is { } reason)
        {
            throw new SkippedException(reason);
        }

        INodeNetwork network = (settings.Namespaces ? NamespaceNetwork.WhyNot() : "namespaces=0 was given") is { } whyNot
            ? new LoopbackNetwork(whyNot)
            : await NamespaceNetwork.Make(settings.Nodes, folder);
        try
        {
            var named = Environment.GetEnvironmentVariable("PRESENCE_TEST_POSTGRES");
            if (!string.IsNullOrWhiteSpace(named))
            {
                return new Fleet(settings, network, null, await NewDatabase(named), folder);
            }

            string[] options = network.AlsoListen is { } also ? ["--durable", $"--also={also}"] : ["--durable"];
            var (server, skipReason) = await ThrowAwayPostgres.Start(options);
            return server is null
                ? throw new SkippedException(skipReason!)
                : new Fleet(settings, network, server, await NewDatabase(server.ConnectionString), folder);
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the first so many.</summary>
    public Task Start(int nodes) => Task.WhenAll(Nodes.Take(nodes).Select(node => node.Start()));

    /// <summary>The database, for whoever checks what is stored.</summary>
    public NpgsqlDataSource Database() => NpgsqlDataSource.Create(_connectionString);

    /// <summary>From now on the node and the others can't hear each other.</summary>
    public Task Isolate(Node node, bool hears, bool isHeard) =>
        Task.WhenAll(Others(node).SelectMany(other => Cuts(node, other, hears, isHeard)).Select(cut => _network.Cut(cut.From, cut.To)));

    /// <summary>Undoes an <see cref="Isolate"/>.</summary>
    public Task Heal(Node node, bool hears, bool isHeard) =>
        Task.WhenAll(Others(node).SelectMany(other => Cuts(node, other, hears, isHeard)).Select(cut => _network.Heal(cut.From, cut.To)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        if (_ownServer is not null)
        {
            await _ownServer.DisposeAsync();
        }

        await _network.DisposeAsync();
    }

    private IEnumerable<Node> Others(Node node) => Nodes.Where(other => other != node);

    private static IEnumerable<(int From, int To)> Cuts(Node node, Node other, bool hears, bool isHeard)
    {
        if (!hears)
        {
            yield return (other.Number, node.Number);
        }

        if (!isHeard)
        {
            yield return (node.Number, other.Number);
        }
    }

    private IEnumerable<string> SettingsOf(int node, int web, int cluster)
    {
        var address = _network.AddressOf(node);
        var database = new NpgsqlConnectionStringBuilder(_connectionString) { MaxPoolSize = 30 };
        if (_network.AlsoListen is not null)
        {
            database.Host = _network.Outside.ToString();
            // Kerberos would ask a name server, which a namespace can't reach, and wait for it.
            database.GssEncryptionMode = GssEncryptionMode.Disable;
        }

        return
        [
            $"ASPNETCORE_URLS=http://{address}:{web}",
            "Presence__Storage__Provider=postgresql",
            $"Presence__Storage__ConnectionString={database.ConnectionString}",
            $"Presence__HeartbeatInterval={Settings.Heartbeat:c}",
            $"Presence__HeartbeatTimeout={Settings.HeartbeatTimeout:c}",
            $"Presence__OfflineGrace={Settings.Grace:c}",
            .. Settings.ChangesBurst is { } burst ? [$"Presence__Limits__ChangesBurst={burst}"] : Array.Empty<string>(),
            .. Settings.ApiKey is { } key ? [$"Presence__Authentication__ApiKey={key}"] : Array.Empty<string>(),
            .. node >= Settings.Nodes - Settings.GatewaysOnly ? ["Presence__Cluster__Roles__0=gateway"] : Array.Empty<string>(),
            $"Presence__Cluster__Host={address}",
            $"Presence__Cluster__Port={cluster}",
            .. _network.Settings(node),
            .. Settings.More ?? [],
        ];
    }

    private static async Task<string> NewDatabase(string superuser)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"presence_faults_{Guid.NewGuid():N}");
        await using var server = NpgsqlDataSource.Create(superuser);
        await using var create = server.CreateCommand($"create database {name}");
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(superuser) { Database = name }.ConnectionString;
    }
}

/// <summary>What was to be tried can't be had here; the message says why.</summary>
internal sealed class SkippedException(string reason) : Exception(reason);
