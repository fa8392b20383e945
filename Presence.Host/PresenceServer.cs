using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Actors.Nodes;
using Presence.Adapters.Http;
using Presence.Adapters.Http.Wire;
using Presence.Adapters.Sql;
using Presence.Adapters.WebSocket;
using Presence.Core.Cluster;
using Presence.Core.Contacts;
using Presence.Core.Errors;
using Presence.Core.Sessions;
using Presence.Host.Clustering;
using Presence.Host.Edge;
using Presence.Host.Identity;
using Presence.Host.Limits;
using Presence.Host.Operations;

namespace Presence.Host;

/// <summary>The whole service: options read and checked, parts composed, started.</summary>
public static class PresenceServer
{
    private const string DefaultUrls = "http://127.0.0.1:8085";

    /// <summary>Serves until it is told to stop; the process's exit code. What keeps it from starting is told in a line each on standard error.</summary>
    public static async Task<int> Run(string[] args)
    {
        if (CommandLine.AnswerTo(args) is { } answer)
        {
            Console.Write(answer);
            return 0;
        }

        try
        {
            await using var app = await Build(args);
            app.Lifetime.ApplicationStarted.Register(() => Announce(app));
            var fate = app.Services.GetRequiredService<NodeFate>();
            await Serve(app);
            return fate.IsGivenUp ? NodeFate.GivenUpExitCode : 0;
        }
        catch (StartRefusedException refused)
        {
            foreach (var problem in refused.Problems)
            {
                await Console.Error.WriteLineAsync($"presence: {problem}");
            }

            return 1;
        }
    }

    private static async Task Serve(WebApplication app)
    {
        // Asked for now: once it has run, nothing of it can be.
        var stopping = app.Lifetime.ApplicationStopping;
        var (addresses, cluster) = (Addresses(app.Configuration).ToList(), app.Services.GetRequiredService<ClusterOptions>());
        try
        {
            await app.RunAsync();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told to stop before it had started: that is what it did.
        }
        catch (Exception cause) when (ListeningProblems.Of(cause, addresses, cluster) is { } problem)
        {
            throw new StartRefusedException([problem]);
        }
    }

    /// <summary>The service, its store prepared, not yet started.</summary>
    /// <exception cref="StartRefusedException">An option, or the store, keeps it from starting.</exception>
    public static async Task<WebApplication> Build(string[] args)
    {
        // The settings lie beside the program; the data lies where it is started.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        if (string.IsNullOrWhiteSpace(builder.Configuration["Urls"]))
        {
            builder.WebHost.UseUrls(DefaultUrls);
        }

        var written = WrittenSettings.Of(builder.Configuration);
        foreach (var key in written.Unknown)
        {
            await Console.Error.WriteLineAsync($"presence: {key} is no setting, and does nothing");
        }

        StartRefusedException.ThrowIfAny([.. written.Problems, .. LogSettings.Problems(builder.Configuration)]);
        var options = Configured<PresenceOptions>(builder.Configuration, "Presence");
        var authentication = Configured<AuthenticationOptions>(builder.Configuration, "Presence:Authentication");
        var storage = Configured<StorageOptions>(builder.Configuration, "Presence:Storage");
        var cluster = Configured<ClusterOptions>(builder.Configuration, "Presence:Cluster");
        var operations = Configured<OperationsOptions>(builder.Configuration, "Presence:Operations");
        // Who can connect to an address that is none can't be said.
        StartRefusedException.ThrowIfAny([.. ListeningProblems.Of(Addresses(builder.Configuration))]);
        StartRefusedException.ThrowIfAny([
            .. options.Problems(),
            .. operations.Problems(),
            .. EdgeComposition.Problems(builder.Configuration),
            .. authentication.Problems(Addresses(builder.Configuration)),
            .. storage.Problems(),
            .. cluster.Problems(storage.IsPostgreSql),
        ]);
        var node = NodeName.New();
        LogSettings.Apply(builder.Logging);
        builder.AddEdge(authentication, operations, Addresses(builder.Configuration).All(AuthenticationOptions.IsLoopback));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Bound(options, authentication));
        builder.Services.AddSingleton(options).AddSingleton(authentication).AddSingleton(TimeProvider.System).AddSingleton<NodeCounters>();
        builder
            .Services.AddSingleton<SeenUntil>()
            .AddSingleton<ClockMark>()
            .AddSingleton(_ => NodeStanding.Watched(TimeProvider.System))
            .AddSingleton<SharedSecrets>();
        builder.Services.AddSingleton(provider => new ResumeTokens(provider.GetRequiredService<SharedSecrets>().ResumeTokens));
        builder.Services.AddPresenceIdentity(authentication);
        builder.Services.AddSingleton(new ListLimits(options.Limits.Contacts, options.Limits.Participants));
        builder.Services.AddSqlStore(storage, node).AddPresenceHttp().AddPresenceSocket().AddRequestRate(options.Limits);
        builder.Services.AddPresenceActors(storage, node, cluster);
        // Sockets are drained first, then entities handed over; a supervisor kills after 30 s as a rule.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(25));
        builder.Services.AddHostedService<ReadyBeforeListening>();
        builder
            .Services.AddHealthChecks()
            .AddCheck<ClusterHealthCheck>("cluster")
            .AddCheck<StandingHealthCheck>("standing")
            .AddCheck<StoreHealthCheck>("store")
            .AddCheck<WriteHealthCheck>("writes");
        builder
            .Services.AddOpenTelemetry()
            .ConfigureResource(resource =>
                resource.AddService("presence", serviceVersion: NodeCounters.Version, serviceInstanceId: node.Role)
            )
            .WithMetrics(metrics =>
                metrics.AddMeter(NodeCounters.MeterName).AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddPrometheusExporter()
            );
        var app = Map(builder.Build());
        await Prepare(app);
        return app;
    }

    private static WebApplication Map(WebApplication app)
    {
        app.UsePresenceProblems();
        var authentication = app.Services.GetRequiredService<AuthenticationOptions>();
        app.UseEdge(authentication);
        app.UsePresenceIdentity(authentication);
        app.UseCallerChecks();
        app.UseRateLimiter();
        if (app.Services.GetRequiredService<ClusterRoles>().Gateway)
        {
            app.MapPresenceSocket();
            app.MapPresenceHttp();
        }
        else
        {
            app.MapPresenceHealth();
        }

        foreach (var prefix in PresenceHttp.Prefixes)
        {
            app.MapPrometheusScrapingEndpoint($"{prefix}/metrics").WithMetadata(new HttpMethodMetadata([HttpMethods.Get]));
        }

        // Once it is made, it listens.
        app.Services.GetRequiredService<MeterProvider>();
        app.Services.GetRequiredService<NodeCounters>().BeginAtZero();
        return app;
    }

    /// <summary>Before anything opens the store.</summary>
    private static async Task Prepare(WebApplication app)
    {
        try
        {
            await app.Services.GetRequiredService<StorePreparation>().Prepare();
            await app.Services.GetRequiredService<SharedSecrets>().Read();
            await app.Services.ReadRevocations();
            app.Services.GetRequiredService<ClockMark>().AtStart = await app.Services.GetRequiredService<IClockStore>().Read(default);
        }
        catch (Exception refused) when (refused is StoreStartException or StoreUnavailableException)
        {
            await app.DisposeAsync();
            throw new StartRefusedException([refused.Message]);
        }
    }

    private static T Configured<T>(IConfiguration configuration, string section)
        where T : new()
    {
        try
        {
            return configuration.GetSection(section).Get<T>() ?? new T();
        }
        catch (InvalidOperationException cause)
        {
            throw new StartRefusedException([$"{cause.Message.TrimEnd('.')}: write a time as 00:00:10, a number as 100"]);
        }
    }

    private static IEnumerable<string> Addresses(IConfiguration configuration) =>
        (configuration["Urls"] ?? DefaultUrls)
            .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>());

    private static void Announce(WebApplication app)
    {
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var storage = app.Services.GetRequiredService<StorageOptions>();
        var who = app.Services.GetRequiredService<AuthenticationOptions>().IsJwt
            ? "/ws\" -H \"Authorization: Bearer TOKEN\""
            : "/ws?user_id=alice&device_id=laptop\"";
        Console.WriteLine(
            $"""

            Presence listens on {string.Join(", ", app.Urls)}
              its data is in    {storage.Location}
              to connect, paste npx wscat -c "{address.Replace("http", "ws", StringComparison.Ordinal)}{who}

            """
        );
    }
}
