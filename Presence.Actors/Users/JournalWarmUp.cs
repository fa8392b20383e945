using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using Presence.Actors.Nodes;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <summary>Writes into a journal before anyone waits for it: its first writes take some hundred times as long as all later ones.</summary>
public static class JournalWarmUp
{
    /// <summary>Before the name of the node: the journal's key of what was written for this. The plug-in leaves the last one of what it deletes, marked; a step of the walk over the journal takes that away.</summary>
    public const string PersistenceIdPrefix = "warm-up-";

    /// <summary>Writes a fact alone, and then two together, which takes another path, and deletes them. A journal that fails says so when it is needed.</summary>
    /// <param name="system">Its actor system.</param>
    /// <param name="name">One that no other node uses.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task Run(ActorSystem system, string name, TimeSpan limit, CancellationToken cancellation)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(limit);
        try
        {
            await Do(system, name, 1).WaitAsync(time.Token);
            await Do(system, name, 2, 3).WaitAsync(time.Token);
            await Do(system, name).WaitAsync(time.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // It goes on without.
        }
    }

    private static Task Do(ActorSystem system, string name, params long[] numbers)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new WarmUpActor(PersistenceIdPrefix + name, numbers, done)));
        return done.Task;
    }

    /// <summary>Writes facts with those numbers, or with none deletes all, and is gone when the journal has answered.</summary>
    private sealed class WarmUpActor(string id, long[] numbers, TaskCompletionSource done) : UntypedActor
    {
        protected override void PreStart()
        {
            var fact = new StatusChosen(null, "warm-up", null, null, null, NodeClock.Of(Context.System).Wall);
            var facts = ImmutableList.CreateRange<IPersistentRepresentation>(numbers.Select(number => new Persistent(fact, number, id)));
            var journal = Persistence.Instance.Apply(Context.System).JournalFor("");
            journal.Tell(
                facts.IsEmpty ? new DeleteMessagesTo(id, long.MaxValue, Self) : new WriteMessages([new AtomicWrite(facts)], Self, 1),
                Self
            );
        }

        protected override void OnReceive(object message)
        {
            if (
                message
                is WriteMessageSuccess
                    or WriteMessageFailure
                    or WriteMessageRejected
                    or DeleteMessagesSuccess
                    or DeleteMessagesFailure
            )
            {
                Context.Stop(Self);
            }
        }

        protected override void PostStop() => done.TrySetResult();
    }
}
