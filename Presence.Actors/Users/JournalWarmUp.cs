using Akka.Actor;
using Akka.Persistence;
using Presence.Actors.Nodes;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <summary>Does with a journal what it does first, before anyone waits for it: its first writes and reads take some hundred times as long as all later ones, and entities that move to a node come by hundreds.</summary>
public static class JournalWarmUp
{
    /// <summary>As many as recover at once when many entities come.</summary>
    private const int Readers = 16;

    private const int Facts = 4;

    /// <summary>Writes a few facts under that name, reads them by many at once, and deletes them. A journal that fails says so when it is needed.</summary>
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
            await Do(system, name, Step.Write).WaitAsync(time.Token);
            await Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => Do(system, name, Step.Read))).WaitAsync(time.Token);
            await Do(system, name, Step.Delete).WaitAsync(time.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // It goes on without.
        }
    }

    private static Task Do(ActorSystem system, string name, Step step)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new WarmUpActor($"warm-up-{name}", step, done)));
        return done.Task;
    }

    private enum Step
    {
        Read,
        Write,
        Delete,
    }

    /// <summary>Takes one step, and is gone.</summary>
    private sealed class WarmUpActor(string id, Step step, TaskCompletionSource done) : UntypedPersistentActor
    {
        public override string PersistenceId => id;

        private static DateTimeOffset Wall => NodeClock.Of(Context.System).Wall;

        protected override void OnRecover(object message)
        {
            if (message is not RecoveryCompleted)
            {
                return;
            }

            if (step == Step.Write)
            {
                PersistAll(Enumerable.Repeat(new StatusChosen(null, "warm-up", null, null, null, Wall), Facts), OnStored);
            }
            else if (step == Step.Delete)
            {
                DeleteMessages(LastSequenceNr);
            }
            else
            {
                Context.Stop(Self);
            }
        }

        protected override void OnCommand(object message) => Context.Stop(Self);

        private void OnStored(StatusChosen fact)
        {
            if (LastSequenceNr % Facts == 0)
            {
                Context.Stop(Self);
            }
        }

        protected override void PostStop() => done.TrySetResult();
    }
}
