using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
using Presence.Actors;
using Presence.Actors.Users;
using Presence.Core.Cluster;
using Presence.Core.Errors;
using Presence.Host.Clustering;

namespace Presence.Host.Operations;

/// <summary>Keeps the server from listening until this node is a member of its cluster, and a user's entity and the journal have answered: whoever connects first finds it working.</summary>
internal sealed class ReadyBeforeListening(
    ActorSystem system,
    IRequiredActor<UserRegion> users,
    ClusterOptions options,
    ClusterRoles roles,
    NodeName node
) : IHostedService
{
    private const int Tries = 10;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Meanwhile: as soon as it is a member, entities move here.
        var warm = roles.Presence ? JournalWarmUp.Run(system, node.Value, Limit, cancellationToken) : Task.CompletedTask;
        await Membership(cancellationToken);
        await warm;
        var region = await users.GetAsync(cancellationToken);
        // A user that no one is.
        var read = new GetPresence(new("presence:start"), null);
        for (var tries = 0; tries < Tries; tries++)
        {
            if (await region.Ask<IAnswer>(read, Limit, cancellationToken) is not Refused { Refusal.Code: ErrorCodes.Unavailable })
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
