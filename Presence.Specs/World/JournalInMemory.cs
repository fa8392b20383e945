using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Persistence;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Specs.World;

/// <summary>How the journal behaves.</summary>
internal enum JournalMood
{
    Works,
    Fails,
    Rejects,

    /// <summary>Says nothing until it is released.</summary>
    Hangs,

    /// <summary>Stores, and then says that it failed: the answer was lost.</summary>
    StoresAndFails,
}

/// <summary>The journal of an actor system, as its specs see and steer it.</summary>
internal sealed class JournalInMemory : IExtension
{
    private readonly Lock _gate = new();
    private readonly ExtendedActorSystem? _system;
    private readonly Dictionary<string, List<IPersistentRepresentation>> _stored = [];
    private readonly List<Action> _hanging = [];

    /// <param name="system">The one whose serializer writes and reads what is stored; null: it is kept as it is, for several systems.</param>
    public JournalInMemory(ExtendedActorSystem? system) => _system = system;

    public JournalMood Writes { get; set; }

    public JournalMood Reads { get; set; }

    /// <summary>How often a journal was recovered.</summary>
    public int Recoveries { get; private set; }

    public static JournalInMemory Of(ActorSystem system) => system.WithExtension<JournalInMemory, Provider>();

    public long SequenceOf(UserId user)
    {
        lock (_gate)
        {
            return Stored(UserProfileActor.PersistenceIdOf(user)).Count;
        }
    }

    public IReadOnlyList<object> FactsOf(UserId user) => [.. Stored(UserProfileActor.PersistenceIdOf(user)).Select(entry => entry.Payload)];

    public void Erase(UserId user)
    {
        lock (_gate)
        {
            _stored.Remove(UserProfileActor.PersistenceIdOf(user));
        }
    }

    /// <summary>A fact that was stored before: by another life of the user.</summary>
    public void Append(UserId user, IProfileFact fact)
    {
        var id = UserProfileActor.PersistenceIdOf(user);
        Store(new Persistent(fact, Stored(id).Count + 1, id));
    }

    /// <summary>What hung is answered now.</summary>
    public void Release()
    {
        (Writes, Reads) = (JournalMood.Works, JournalMood.Works);
        var hanging = _hanging.ToList();
        _hanging.Clear();
        hanging.ForEach(answer => answer());
    }

    internal void Write(WriteMessages write, IActorRef journal)
    {
        lock (_gate)
        {
            WriteNow(write, journal);
        }
    }

    internal void Replay(ReplayMessages replay, IActorRef journal)
    {
        lock (_gate)
        {
            ReplayNow(replay, journal);
        }
    }

    private void WriteNow(WriteMessages write, IActorRef journal)
    {
        if (Writes == JournalMood.Hangs)
        {
            _hanging.Add(() => Write(write, journal));
            return;
        }

        var cause = new StoreUnavailableException("the journal is down");
        var entries = write
            .Messages.OfType<AtomicWrite>()
            .SelectMany(atomic => (IEnumerable<IPersistentRepresentation>)atomic.Payload)
            .ToList();
        if (Writes is JournalMood.Works or JournalMood.StoresAndFails)
        {
            entries.ForEach(Store);
        }

        var failed = Writes is JournalMood.Fails or JournalMood.StoresAndFails;
        write.PersistentActor.Tell(failed ? new WriteMessagesFailed(cause, entries.Count) : WriteMessagesSuccessful.Instance, journal);
        foreach (var entry in entries)
        {
            write.PersistentActor.Tell(
                failed ? new WriteMessageFailure(entry, cause, write.ActorInstanceId)
                    : Writes == JournalMood.Rejects ? new WriteMessageRejected(entry, cause, write.ActorInstanceId)
                    : new WriteMessageSuccess(entry, write.ActorInstanceId),
                journal
            );
        }
    }

    private void ReplayNow(ReplayMessages replay, IActorRef journal)
    {
        switch (Reads)
        {
            case JournalMood.Hangs:
                _hanging.Add(() => Replay(replay, journal));
                return;
            case JournalMood.Fails:
                replay.PersistentActor.Tell(new ReplayMessagesFailure(new StoreUnavailableException("the journal is down")), journal);
                return;
        }

        Recoveries++;
        var stored = Stored(replay.PersistenceId);
        foreach (var entry in stored.Where(entry => entry.SequenceNr >= replay.FromSequenceNr).ToList())
        {
            replay.PersistentActor.Tell(new ReplayedMessage(entry), ActorRefs.NoSender);
        }

        replay.PersistentActor.Tell(new RecoverySuccess(stored.Count), journal);
    }

    /// <summary>As the serializer writes and reads it.</summary>
    private void Store(IPersistentRepresentation entry)
    {
        if (_system is null)
        {
            Stored(entry.PersistenceId).Add(entry);
            return;
        }

        var serializer = (Akka.Serialization.SerializerWithStringManifest)_system.Serialization.FindSerializerFor(entry.Payload);
        var read = serializer.FromBinary(serializer.ToBinary(entry.Payload), serializer.Manifest(entry.Payload));
        Stored(entry.PersistenceId).Add(entry.WithPayload(read));
    }

    private List<IPersistentRepresentation> Stored(string id) => _stored.TryGetValue(id, out var list) ? list : _stored[id] = [];

    private sealed class Provider : ExtensionIdProvider<JournalInMemory>
    {
        public override JournalInMemory CreateExtension(ExtendedActorSystem system) =>
            system.Settings.Setup.Get<SharedJournal>() is { HasValue: true } shared ? shared.Value.Journal : new(system);
    }
}

/// <summary>Given to each of several actor systems: they share that journal.</summary>
internal sealed class SharedJournal(JournalInMemory journal) : Setup
{
    public JournalInMemory Journal => journal;
}

/// <summary>The plugin that Akka asks; made by Akka.</summary>
internal sealed class JournalStandIn : UntypedActor
{
    private readonly JournalInMemory _journal = JournalInMemory.Of(Context.System);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case WriteMessages write:
                _journal.Write(write, Self);
                break;
            case ReplayMessages replay:
                _journal.Replay(replay, Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}

/// <summary>There is none of any actor; made by Akka.</summary>
internal sealed class NoSnapshots : UntypedActor
{
    protected override void OnReceive(object message)
    {
        if (message is LoadSnapshot load)
        {
            Sender.Tell(new LoadSnapshotResult(null, load.ToSequenceNr));
        }
        else
        {
            Unhandled(message);
        }
    }
}
