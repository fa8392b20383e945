using Microsoft.AspNetCore.Builder;
using Presence.Host;

namespace Presence.Specs.Journeys;

/// <summary>The real service in this process: on a real port, with a real SQLite file, and with times short enough to be waited for.</summary>
public sealed class JourneyServer : IAsyncLifetime
{
    private static readonly string[] Shared =
    [
        "Presence:OfflineGrace=00:00:01",
        "Presence:TypingTtl=00:00:02",
        "Presence:HeartbeatTimeout=00:02:00",
    ];

    private static int s_names;

    private readonly TemporaryFolder _folder = new();
    private readonly string[] _settings;
    private WebApplication? _app;

    /// <summary>The one that most journeys share.</summary>
    public JourneyServer()
        : this(Shared) { }

    private JourneyServer(string[] settings) => _settings = settings;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>What it is made of.</summary>
    public IServiceProvider Services => _app!.Services;

    /// <summary>Its database file.</summary>
    public string Database => _folder.Database;

    /// <summary>One with settings of its own, such as <c>Presence:OfflineGrace=00:00:01</c>.</summary>
    public static async Task<JourneyServer> Start(params string[] settings)
    {
        var server = new JourneyServer(settings);
        await server.InitializeAsync();
        return server;
    }

    /// <summary>A name that no other journey has: they share the server.</summary>
    public static string NewName(string name) => $"{name}-{Interlocked.Increment(ref s_names)}";

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        _app = await PresenceServer.Build([
            "--Urls=http://127.0.0.1:0",
            $"--Presence:Storage:ConnectionString=Data Source={Database}",
            "--Logging:LogLevel:Default=None",
            "--Logging:LogLevel:Akka=None",
            .. _settings.Select(setting => $"--{setting}"),
        ]);
        await _app.StartAsync();
        Address = new Uri(_app.Urls.First());
    }

    /// <summary>Is told to stop, and has.</summary>
    public Task Stop() => _app!.StopAsync();

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_app is not null)
        {
            await Stop();
            await _app.DisposeAsync();
        }

        _folder.Dispose();
    }

    internal Api Api() => new(Address);

    internal Task<JourneyClient> Connect(string user, string device = "phone", string query = "", string path = "/ws") =>
        JourneyClient.Connect(Address, user, device, query, path);
}

/// <summary>Names the specs that share a server, which then run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class JourneyCollection : ICollectionFixture<JourneyServer>
{
    /// <summary>The name.</summary>
    public const string Name = "journeys";
}
