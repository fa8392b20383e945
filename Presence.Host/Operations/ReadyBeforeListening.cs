using Akka.Actor;
using Akka.Hosting;
using Presence.Actors;
using Presence.Actors.Users;
using Presence.Core.Users;

namespace Presence.Host.Operations;

/// <summary>Keeps the server from listening until a user's entity has answered: whoever connects first finds it working.</summary>
internal sealed class ReadyBeforeListening(IRequiredActor<UserRegion> users) : IHostedService
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var region = await users.GetAsync(cancellationToken);
        var nobody = new UserId("presence:start");
        await region.Ask<IAnswer>(new GetPresence(nobody, nobody), Limit, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
