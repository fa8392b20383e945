using System.Diagnostics;
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
    private static readonly TimeSpan WarmUpLimit = TimeSpan.FromSeconds(30);

    /// <summary>After so long it is asked again: the question may have gone to a node that ended.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Meanwhile: as soon as it is a member, entities move here.
        var warm = roles.Presence ? JournalWarmUp.Run(system, node.Value, WarmUpLimit, cancellationToken) : Task.CompletedTask;
        await Membership(cancellationToken);
        await warm;
        await Answer(cancellationToken);
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

    /// <exception cref="StartRefusedException">No entity, or not the journal, has answered in time.</exception>
    private async Task Answer(CancellationToken cancellation)
    {
        var region = await users.GetAsync(cancellation);
        var began = Stopwatch.GetTimestamp();
        var last = await Ask(region, cancellation);
        while (last is null or Refused { Refusal.Code: ErrorCodes.Unavailable })
        {
            if (Stopwatch.GetElapsedTime(began) > options.JoinTimeout)
            {
                var within = $"within {options.JoinTimeout.TotalSeconds} s";
                throw new StartRefusedException([
                    last is Refused store
                        ? $"the store has not answered {within}: {store.Refusal.Message}"
                        : $"no node of the role {ClusterRoles.PresenceRole} has answered {within}: start one, or write that role in Presence:Cluster:Roles of this one",
                ]);
            }

            await Task.Delay(Pause, cancellation);
            last = await Ask(region, cancellation);
        }
    }

    /// <summary>Reads a user that no one is; null: nobody answers.</summary>
    private async Task<IAnswer?> Ask(IActorRef region, CancellationToken cancellation)
    {
        var limit = AskAgain < options.JoinTimeout ? AskAgain : options.JoinTimeout;
        try
        {
            return await region.Ask<IAnswer>(new GetPresence(new("presence:start"), null), limit, cancellation);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }
}
