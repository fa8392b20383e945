using Akka.Actor;
using Microsoft.Extensions.Time.Testing;
using Presence.Actors;
using Presence.Actors.Conversations;
using Presence.Actors.Events;
using Presence.Actors.Hub;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Actors.Sessions;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Events;
using Presence.Core.Identity;
using Presence.Core.Users;

namespace Presence.Specs.World;

/// <summary>One node without its transport and its database: the real actors over stores in memory, regions that need no cluster, and a clock that the spec moves.</summary>
internal sealed class PresenceWorld
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly Lazy<IActorRef> _hub;
    private readonly SpecScheduler _scheduler;
    private readonly IActorRef _users;

    public PresenceWorld(ActorSystem system, PresenceOptions options)
    {
        System = system;
        Options = options;
        _scheduler = (SpecScheduler)system.Scheduler;
        Journal = JournalInMemory.Of(system);
        Store = new StoreInMemory(Journal);
        Time = new SchedulerTime(_scheduler);
        Standing = NodeStanding.Unwatched(Pulse);
        Asker = Recorder.In(system);
        Loader = system.ActorOf(LoaderActor.Props(Store, Contacts, Participants, Sessions, Events, Standing));
        Clock = system.ActorOf(ClockActor.Props(ClockMark, Loader));
        Writer = system.ActorOf(UserWriterActor.Props(Store, options.Limits));
        SessionWriter = system.ActorOf(SessionWriterActor.Props(Sessions, Writer));
        EventWriter = system.ActorOf(EventWriterActor.Props(Events));
        var line = new HubLine(() => ActorRefs.Nobody, _ => false);
        Archive = new ArchiveInMemory(this);
        News = Recorder.In(system, forward: ToAllNodes).Ref;
        JournalWriter = system.ActorOf(JournalWriterActor.Props());
        var services = new UserServices(options, Loader, Writer, EventWriter, () => Conversations!, Store, Counters, line, Archive, News)
        {
            Journal = JournalWriter,
            Standing = Standing,
        };
        Users = _users = RegionOf(new UserExtractor(1), id => UserActor.Props(new UserId(id), services));
        // As on a node that is alone, or as a node of the build before is told.
        var courier = Recorder.In(system, forward: ToTheHub).Ref;
        Conversations = RegionOf(new ConversationExtractor(1), id => ConversationActor.Props(new(id), options, Counters, Loader, courier));
        _hub = new(() =>
            system.ActorOf(
                HubActor.Props(
                    new HubServices(
                        options,
                        Frames,
                        () => Users,
                        Counters,
                        Time,
                        SeenUntil,
                        Standing,
                        Loader,
                        SessionWriter,
                        new(options.Limits.TargetsPerHour)
                    )
                    {
                        Revocations = Revocations,
                    }
                )
            )
        );
    }

    public ActorSystem System { get; }

    public PresenceOptions Options { get; }

    public JournalInMemory Journal { get; }

    public StoreInMemory Store { get; }

    public ContactsInMemory Contacts { get; } = new();

    public ParticipantsInMemory Participants { get; } = new();

    public EventsInMemory Events { get; } = new();

    public SessionsInMemory Sessions { get; } = new();

    public SeenUntil SeenUntil { get; } = new();

    /// <summary>The clock of the node's pulse: it stands, unless the spec lets the node pause.</summary>
    public FakeTimeProvider Pulse { get; } = new();

    public NodeStanding Standing { get; }

    public Revocations Revocations { get; } = new();

    public NodeCounters Counters { get; } = new();

    public FrameBook Frames { get; } = new();

    public TimeProvider Time { get; }

    public ArchiveInMemory Archive { get; }

    /// <summary>Who brings news to all nodes: here, to the one.</summary>
    public IActorRef News { get; }

    public IActorRef Loader { get; }

    public IActorRef Clock { get; }

    public ClockMarkInMemory ClockMark { get; } = new();

    public IActorRef Writer { get; }

    public IActorRef EventWriter { get; }

    public IActorRef SessionWriter { get; }
    public IActorRef JournalWriter { get; }

    /// <summary>The region of users; may be replaced.</summary>
    public IActorRef Users { get; set; }

    /// <summary>The region of conversations; may be replaced.</summary>
    public IActorRef Conversations { get; set; }

    /// <summary>The real hub, made when it is first used.</summary>
    public IActorRef Hub => _hub.Value;

    /// <summary>Where conversations tell of typing, in place of the hub.</summary>
    public Recorder? TypingTo { get; set; }

    /// <summary>Whether the hub is told of typing as one of the build before is.</summary>
    public bool ToldAsOlder { get; set; }

    /// <summary>How many messages of conversations the hub was told.</summary>
    public int TypingTold { get; private set; }

    /// <summary>Who asks for the spec.</summary>
    public Recorder Asker { get; }

    /// <summary>The entities that were stopped because nothing happened.</summary>
    public List<string> Passivated { get; } = [];

    /// <summary>The wall clock.</summary>
    public DateTimeOffset Now => _scheduler.Wall;

    /// <summary>The clock that all nodes share.</summary>
    public DateTimeOffset SharedNow => NodeClock.Of(System).SharedTime;

    /// <summary>Somebody sets the wall clock; no time passes by that.</summary>
    public void SetClock(TimeSpan forward) => _scheduler.SetForward += forward;

    /// <summary>Time passes, in steps short enough that each timer fires in its place.</summary>
    public void Advance(TimeSpan time)
    {
        // A long time is not worth a million steps: no spec cares for order within a two-thousandth of it.
        var step = time / 2_000 > Step ? time / 2_000 : Step;
        for (var left = time; left > TimeSpan.Zero; left -= step)
        {
            _scheduler.Advance(left < step ? left : step);
        }
    }

    public void Advance(double seconds) => Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Asks, and takes the one answer, whatever it is; null: none came.</summary>
    public object? Ask(IWireMessage message)
    {
        Asker.Forget();
        To(message).Tell(message, Asker.Ref);
        return Asker.All<object>().SingleOrDefault();
    }

    /// <summary>Asks, and takes the one answer.</summary>
    public T Ask<T>(IWireMessage message) => Ask(message).ShouldBeOfType<T>();

    /// <summary>Asks under a number; the answer is found with <see cref="AnswerTo"/>.</summary>
    public void AskNumbered(long number, IUserMessage message) => Users.Tell(new Request(number, message), Asker.Ref);

    public IAnswer? AnswerTo(long number) => Asker.All<Answer>().SingleOrDefault(answer => answer.Number == number)?.Content;

    /// <summary>What that viewer sees of the user.</summary>
    public PresenceRecord Seen(string user, string viewer = "somebody") =>
        Ask<PresenceIs>(new GetPresence(new(user), new(viewer))).Presence;

    /// <summary>What the user sees of itself.</summary>
    public PresenceRecord Own(string user) => Ask<PresenceIs>(new GetPresence(new(user), new(user))).Presence;

    public object? Choose(string user, OnlineStatus? status, string? text = null, TimeSpan? expiresIn = null) =>
        Ask(new UpdatePresence(new(user), Update(status, text, expiresIn), null, null));

    public static PresenceUpdate Update(OnlineStatus? status, string? text = null, TimeSpan? expiresIn = null) =>
        new(status, text is null ? null : new(text), null, null, expiresIn);

    /// <summary>A client connects to the hub.</summary>
    public FakeConnection Connect(
        string user,
        string device = "phone",
        SnapshotKind snapshot = SnapshotKind.NotOffline,
        ResumeRequest? resume = null,
        Grant? grant = null,
        bool? active = true
    )
    {
        var connection = new FakeConnection(this, new(user), new(device), snapshot)
        {
            Active = active,
            Resume = resume,
            Grant = grant,
        };
        Hub.Tell(new OpenConnection(connection), ActorRefs.NoSender);
        return connection;
    }

    /// <summary>A client that only listens.</summary>
    public FakeConnection Listen(string user)
    {
        var connection = new FakeConnection(this, new(user), null, SnapshotKind.NotOffline);
        Hub.Tell(new OpenConnection(connection), ActorRefs.NoSender);
        return connection;
    }

    /// <summary>A backend sends an event; without a time to live it is for who is there.</summary>
    public void Post(string id, string user, TimeSpan? ttl = null)
    {
        StoreEvent(id, user, ttl);
        Users.Tell(new EventPosted(new(user)), ActorRefs.NoSender);
    }

    /// <summary>The same, of which the entity does not hear.</summary>
    public void StoreEvent(string id, string user, TimeSpan? ttl = null)
    {
        var expires = SharedNow + (ttl ?? Options.ResumeWindow);
        var posted = new PostedEvent(new(id), "note", new("""{"n":1}"""), null, Now, expires, Durable: ttl is not null);
        _ = Events.Append(posted, [new(user)], Options.Limits.Events, CancellationToken.None);
    }

    public void Pair(string one, params string[] others)
    {
        foreach (var other in others)
        {
            Contacts.Pair(new(one), new(other));
        }
    }

    /// <summary>The directory was changed: the living entities are told.</summary>
    public void ContactsChanged(params string[] users) => Ask(new ContactsChanged([.. users.Select(user => new UserId(user))]));

    /// <summary>The entity dies without a word.</summary>
    public void Kill(string user) => Entity(user).Tell(PoisonPill.Instance, ActorRefs.NoSender);

    /// <summary>Everything of this world stops.</summary>
    public void Stop()
    {
        foreach (
            var actor in new[] { Hub, _users, Conversations, Loader, Clock, Writer, SessionWriter, EventWriter, JournalWriter, Asker.Ref }
        )
        {
            actor.Tell(PoisonPill.Instance, ActorRefs.NoSender);
        }
    }

    public IActorRef Entity(string user)
    {
        var entity = EntityOrNobody(user, _users);
        entity.IsNobody().ShouldBeFalse($"{user} has no entity");
        return entity;
    }

    /// <summary>The entity in that region, if there is one now.</summary>
    public IActorRef EntityOrNobody(string user, IActorRef region)
    {
        Asker.Forget();
        region.Tell(new Region.FindChild(user), Asker.Ref);
        return Asker.All<Region.Child>().Single().Entity;
    }

    public static bool IsUnavailable(object? answer) => answer is Refused { Refusal.Code: ErrorCodes.Unavailable };

    private IActorRef To(IWireMessage message) =>
        message switch
        {
            IUserMessage => Users,
            IConversationMessage => Conversations,
            GetStats => Hub,
            _ => Loader,
        };

    private void ToAllNodes(object message, IActorRef sender) => (message is ForgetUser ? Hub : Loader).Tell(message, sender);

    private void ToTheHub(object message, IActorRef sender)
    {
        var to = (ToHubs)message;
        var hub = TypingTo?.Ref ?? Hub;
        if (!to.Except.Contains(hub.Path.Address))
        {
            TypingTold += to.Messages.Length;
            foreach (var told in ToldAsOlder ? to.ToOlder : to.Messages)
            {
                hub.Tell(told, sender);
            }
        }
    }

    private IActorRef RegionOf(Akka.Cluster.Sharding.IMessageExtractor extractor, Func<string, Props> entity) =>
        System.ActorOf(Props.Create(() => new Region(extractor, entity, Passivated)));

    /// <summary>The connections' clock: the same time.</summary>
    private sealed class SchedulerTime(SpecScheduler scheduler) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => scheduler.Elapsed.Ticks;
    }
}
