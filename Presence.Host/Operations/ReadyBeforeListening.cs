using Akka.Actor;
using Akka.Hosting;
using Presence.Actors;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Host.Operations;

/// <summary>Keeps the server from listening until a user's entity and the journal have answered: whoever connects first finds it working.</summary>
internal sealed class ReadyBeforeListening(IRequiredActor<UserRegion> users) : IHostedService
{
    private const int Tries = 10;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var region = await users.GetAsync(cancellationToken);
        var nobody = new UserId("presence:start");
        // The journal's first read and write take long, and would cost the first client its answer: a user that no one is has them done here.
        var choice = new UpdatePresence(nobody, new PresenceUpdate(null, null, new("starting"), null, TimeSpan.FromSeconds(1)), null, null);
        for (var tries = 0; tries < Tries; tries++)
        {
            if (await region.Ask<IAnswer>(choice, Limit, cancellationToken) is not Refused { Refusal.Code: ErrorCodes.Unavailable })
            {
                return;
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
