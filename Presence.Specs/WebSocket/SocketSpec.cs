using Akka.Actor;
using Akka.Hosting;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Actors.Nodes;
using Presence.Adapters.WebSocket;
using Presence.Core.Identity;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Specs.WebSocket;

/// <summary>The WebSocket channel on a real port, with a probe in the place of the hub.</summary>
public abstract class SocketSpec : TestKit, IAsyncLifetime
{
    private WebApplication? _app;

    protected SocketSpec()
        : base("akka.loglevel = WARNING\nakka.test.single-expect-default = 20s") => Standing = NodeStanding.Unwatched(Pulse);

    protected TestProbe Hub { get; private set; } = null!;

    protected virtual PresenceOptions Options { get; } = new();

    protected ResumeTokens Tokens { get; } = new(new byte[32]);

    protected SeenUntil Seen { get; } = new();

    /// <summary>The clock of the node's pulse: it stands, unless the spec lets the node pause.</summary>
    protected FakeTimeProvider Pulse { get; } = new();

    protected NodeStanding Standing { get; }

    protected Uri Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Hub = CreateTestProbe("hub");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.AddSingleton(Options);
        builder.Services.AddSingleton<IRequiredActor<HubKey>>(new HubIs(Hub));
        builder.Services.AddSingleton(Tokens).AddSingleton(Seen).AddSingleton(Standing).AddPresenceSocket();
        _app = builder.Build();
        _app.Use(
            (context, next) =>
            {
                if (UserId.TryParse(context.Request.Query["user_id"], out var user))
                {
                    DeviceId? device = DeviceId.TryParse(context.Request.Query["device_id"], out var given) ? given : null;
                    context.Features.Set(new Caller(user, device, DeviceInfo.Empty, IsService: false));
                }

                return next(context);
            }
        );
        _app.MapPresenceSocket();
        await _app.StartAsync();
        Server = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async Task DisposeAsync()
    {
        await StopServerAsync();
        await _app!.DisposeAsync();
    }

    /// <summary>Stops the server; again does nothing.</summary>
    protected Task StopServerAsync() => _app!.StopAsync();

    /// <summary>Connects; the hub has been told.</summary>
    private protected async Task<(RawSocket Client, IClientConnection Server)> ConnectAsync(
        string query = "user_id=ana&device_id=phone",
        params (string Name, string Value)[] headers
    )
    {
        var client = await RawSocket.ConnectAsync(Server, $"/ws?{query}", headers);
        var opened = await Hub.ExpectMsgAsync<OpenConnection>();
        return (client, opened.Connection);
    }

    /// <summary>Connects, and has read the connection_ack.</summary>
    private protected async Task<(RawSocket Client, IClientConnection Server)> WelcomedAsync(
        string query = "user_id=ana&device_id=phone&snapshot=none"
    )
    {
        var (client, server) = await ConnectAsync(query);
        server.Welcome(resumed: false);
        server.Flush();
        (await client.ReceiveJsonAsync()).GetProperty("type").GetString().ShouldBe("connection_ack");
        return (client, server);
    }

    private sealed class HubIs(IActorRef hub) : IRequiredActor<HubKey>
    {
        public IActorRef ActorRef => hub;

        public Task<IActorRef> GetAsync(CancellationToken cancellationToken = default) => Task.FromResult(hub);
    }
}
