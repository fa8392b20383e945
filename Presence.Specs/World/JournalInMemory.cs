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

    /// <summary>How often a journal was read, its projection being behind.</summary>
    public int Recoveries { get; private set; }

    /// <summary>How many users' facts were in each transaction that was tried.</summary>
    public List<int> Written { get; } = [];

    public static JournalInMemory Of(ActorSystem system) => system.WithExtension<JournalInMemory, Provider>();

    public long SequenceOf(UserId user)
    {
        lock (_gate)
        {
            return Last(ProfileJournal.PersistenceIdOf(user));
        }
    }

    public IReadOnlyList<object> FactsOf(UserId user) => [.. Stored(ProfileJournal.PersistenceIdOf(user)).Select(entry => entry.Payload)];

    public void Erase(UserId user)
    {
        lock (_gate)
        {
            _stored.Remove(ProfileJournal.PersistenceIdOf(user));
        }
    }

    /// <summary>A fact that was stored before: by another life of the user.</summary>
    public void Append(UserId user, IProfileFact fact)
    {
        var id = ProfileJournal.PersistenceIdOf(user);
        Store(new Persistent(fact, Last(id) + 1, id));
    }

    /// <summary>The facts above that number, as a store reads them that finds the projection behind.</summary>
    public IReadOnlyList<IProfileFact> FactsAbove(UserId user, long sequence)
    {
        lock (_gate)
        {
            if (Reads == JournalMood.Fails)
            {
                throw new StoreUnavailableException("the journal is down");
            }

            var above = Stored(ProfileJournal.PersistenceIdOf(user)).Where(entry => entry.SequenceNr > sequence).ToList();
            Recoveries += above.Count > 0 ? 1 : 0;
            return [.. above.Select(entry => (IProfileFact)entry.Payload)];
        }
    }

    /// <summary>Of each kind of fact up to that number, the last one stays.</summary>
    public void Cut(UserId user, long upTo)
    {
        lock (_gate)
        {
            var stored = Stored(ProfileJournal.PersistenceIdOf(user));
            stored.RemoveAll(entry =>
                entry.SequenceNr < upTo
                && stored.Exists(later =>
                    later.SequenceNr > entry.SequenceNr && later.SequenceNr <= upTo && later.Payload.GetType() == entry.Payload.GetType()
                )
            );
        }
    }

    /// <summary>What hung is answered now.</summary>
    public void Release() => Release(JournalMood.Works);

    public void Release(JournalMood mood)
    {
        (Writes, Reads) = (mood, JournalMood.Works);
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
        // As a unique index does, it refuses a number that is taken, and the whole transaction with it.
        var conflict = entries.Exists(entry => entry.SequenceNr <= Last(entry.PersistenceId));
        if (Writes is JournalMood.Works or JournalMood.StoresAndFails && !conflict)
        {
            entries.ForEach(Store);
        }

        Written.Add(entries.Select(entry => entry.PersistenceId).Distinct().Count());
        var failed = conflict || Writes is JournalMood.Fails or JournalMood.StoresAndFails;
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

    private long Last(string id) => Stored(id).Select(entry => entry.SequenceNr).DefaultIfEmpty().Max();

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
            default:
                Unhandled(message);
                break;
        }
    }
}
