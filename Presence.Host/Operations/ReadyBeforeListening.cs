using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
using Presence.Actors;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Users;
using Presence.Host.Clustering;

namespace Presence.Host.Operations;

/// <summary>Keeps the server from listening until this node is a member of its cluster, and a user's entity and the journal have answered: whoever connects first finds it working.</summary>
internal sealed class ReadyBeforeListening(ActorSystem system, IRequiredActor<UserRegion> users, ClusterOptions options) : IHostedService
{
    private const int Tries = 10;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Membership(cancellationToken);
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

    /// <exception cref="StartRefusedException">It did not become a member in time.</exception>
    private async Task Membership(CancellationToken cancellation)
    {
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Cluster.Get(system).RegisterOnMemberUp(() => up.TrySetResult());
        try
        {
            await up.Task.WaitAsync(options.JoinTimeout, cancellation);
        }
        catch (TimeoutException)
        {
            var others = options.Discovery.Name ?? string.Join(", ", options.SeedNodes);
            throw new StartRefusedException([
                $"this node, {Cluster.Get(system).SelfAddress}, did not become a member of the cluster within {options.JoinTimeout.TotalSeconds} s: "
                    + $"see that {others} can be reached, and reaches it; the first of the nodes to join forms a cluster where none is",
            ]);
        }
    }
}
