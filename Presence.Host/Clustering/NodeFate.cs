using System.Diagnostics;
using Akka;
using Akka.Actor;
using Akka.Remote;

namespace Presence.Host.Clustering;

/// <summary>Ends the process of a node that the cluster has given up: it may not go on beside the one that replaced it. Whoever supervises the process starts it anew.</summary>
internal sealed class NodeFate
{
    /// <summary>The exit code of a node that was given up.</summary>
    public const int GivenUpExitCode = 2;

    /// <summary>A node that is given up has so long for its stop: an entity that hangs must not keep it.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private int _givenUp;

    /// <summary>Whether the cluster has given this node up.</summary>
    public bool IsGivenUp => Volatile.Read(ref _givenUp) == 1;

    /// <summary>From now on.</summary>
    public void Watch(ActorSystem system)
    {
        CoordinatedShutdown
            .Get(system)
            .AddTask(
                CoordinatedShutdown.PhaseBeforeServiceUnbind,
                "tell-why",
                () =>
                {
                    if (CoordinatedShutdown.Get(system).ShutdownReason is CoordinatedShutdown.ClusterDowningReason)
                    {
                        GiveUp("the cluster has removed this node: it was out of reach for too long, or on the smaller side of a split");
                    }

                    return Task.FromResult(Done.Instance);
                }
            );
        system.ActorOf(Props.Create(() => new Quarantine(this)), "quarantine");
    }

    private void GiveUp(string why)
    {
        if (Interlocked.Exchange(ref _givenUp, 1) == 1)
        {
            return;
        }

        Console.Error.WriteLine($"presence: {why}; it ends, to be started anew");
        // On a thread of its own: the pool may be what hangs.
        new Thread(EndAtLimit) { IsBackground = true, Name = "end of the node" }.Start();
    }

    private static void EndAtLimit()
    {
        using var never = new ManualResetEventSlim();
        never.Wait(Limit);
        Console.Error.WriteLine($"presence: it did not stop within {Limit.TotalSeconds} s, and is killed");
        using var own = Process.GetCurrentProcess();
        own.Kill();
    }

    /// <summary>Hears from another node that this one is shut out. Without it, a node that was asleep could take its silent peers for dead, and go on alone.</summary>
    private sealed class Quarantine : UntypedActor
    {
        private readonly NodeFate _fate;

        public Quarantine(NodeFate fate) => _fate = fate;

        protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));

        protected override void OnReceive(object message)
        {
            _fate.GiveUp("another node of the cluster refuses this one: it was replaced while it was out of reach");
            _ = CoordinatedShutdown.Get(Context.System).Run(CoordinatedShutdown.ClusterDowningReason.Instance);
        }
    }
}
