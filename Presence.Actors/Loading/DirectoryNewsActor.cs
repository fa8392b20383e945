using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Presence.Actors.Identity;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Errors;

namespace Presence.Actors.Loading;

/// <summary>Owns the news that a directory was changed on this node: brings it to the loader of every node, again until each has answered or is a member no more. In the same way, that a user is erased, to the hub of every node, and that tokens were revoked, to those who hold the revocations.</summary>
/// <remarks>Takes <see cref="ContactsChanged"/>, <see cref="ParticipantsChanged"/>, <see cref="ForgetUser"/> and <see cref="TokensRevoked"/>. Answers as the loaders do: <see cref="Done"/> when it has taken effect everywhere, or <see cref="Refused"/>; whoever doesn't wait for it any more finds that it takes effect later. Survives nothing: entities that start read the directory.</remarks>
internal sealed class DirectoryNewsActor : UntypedActor, IWithTimers
{
    /// <summary>The most news that wait for nodes out of reach; what is over that is told to be unavailable at once.</summary>
    private const int MaxWaiting = 10_000;

    private static readonly TimeSpan TellAgain = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause between two tellings; the shortest is <see cref="TellAgain"/>, and each is twice as long as the one before.</summary>
    private static readonly TimeSpan TellAgainAtLeast = TimeSpan.FromSeconds(8);

    /// <summary>After that nobody goes on from the news that a user is erased; told late, it would close what the user opened since.</summary>
    private static readonly TimeSpan ForgetLimit = TimeSpan.FromSeconds(1.8);

    private sealed record Tick : INodeMessage, IDeadLetterSuppression
    {
        public static Tick Instance { get; } = new();
    }

    /// <summary>The most ids of one message: at their longest 260 KB.</summary>
    private const int IdsAMessage = 2_000;

    /// <summary>Who waits for all parts of one change.</summary>
    private sealed class Asked(IActorRef asker, int parts)
    {
        public IActorRef Asker { get; } = asker;
        public int Parts { get; set; } = parts;
        public Refused? Refused { get; set; }
    }

    private sealed class News(DirectoryChanged change, Asked asked, TimeSpan toldAt, HashSet<Address> awaits)
    {
        public DirectoryChanged Change { get; } = change;
        public Asked Asked { get; } = asked;
        public TimeSpan ToldAt { get; } = toldAt;
        public HashSet<Address> Awaits { get; } = awaits;
        public TimeSpan TellAt { get; set; }
        public TimeSpan Pause { get; set; } = TellAgain;
    }

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly NodeClock _clock = NodeClock.Of(Context.System);
    private readonly Dictionary<long, News> _news = [];

    /// <summary>Unlike those of an actor before this one, whose answers may still be on their way.</summary>
    private long _last = Random.Shared.NextInt64(long.MaxValue / 2);

    public static Props Props() => Akka.Actor.Props.Create(() => new DirectoryNewsActor());

    private TimeSpan Elapsed => _clock.Elapsed;

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.MemberRemoved));
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, TellAgain);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ContactsChanged or ParticipantsChanged or ForgetUser or TokensRevoked:
                OnChanged((IWireMessage)message);
                break;
            case Answer answer:
                OnAnswer(answer);
                break;
            case ClusterEvent.MemberRemoved removed:
                foreach (var (number, news) in _news.ToList())
                {
                    Heard(number, news, removed.Member.Address);
                }

                break;
            case Tick:
                OnTick();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnChanged(IWireMessage change)
    {
        var parts = PartsOf(change);
        if (_news.Count + parts.Count > MaxWaiting)
        {
            Sender.Tell(new Refused(Refusal.Unavailable));
            return;
        }

        var nodes = _cluster
            .State.Members.Where(member => member.Status is not (MemberStatus.Down or MemberStatus.Removed))
            .Select(member => member.Address)
            .ToList();
        var asked = new Asked(Sender, parts.Count);
        foreach (var part in parts)
        {
            var news = new News(new(++_last, part), asked, Elapsed, [.. nodes]);
            _news[_last] = news;
            TellAll(news);
        }
    }

    private static IReadOnlyList<IWireMessage> PartsOf(IWireMessage change) =>
        change switch
        {
            ContactsChanged { Users.Count: > IdsAMessage } contacts =>
            [
                .. contacts.Users.Chunk(IdsAMessage).Select(some => new ContactsChanged(some)),
            ],
            ParticipantsChanged { Conversations.Count: > IdsAMessage } participants =>
            [
                .. participants.Conversations.Chunk(IdsAMessage).Select(some => new ParticipantsChanged(some)),
            ],
            _ => [change],
        };

    private void TellAll(News news)
    {
        news.TellAt = Elapsed + news.Pause;
        news.Pause = news.Pause < TellAgainAtLeast ? news.Pause * 2 : TellAgainAtLeast;
        var name = news.Change.Change switch
        {
            ForgetUser => "hub",
            TokensRevoked => RevocationsActor.Name,
            _ => "loader",
        };
        foreach (var node in news.Awaits)
        {
            var actor = node.Equals(_cluster.SelfAddress)
                ? Context.ActorSelection($"/user/{name}")
                : Context.ActorSelection(new RootActorPath(node) / "user" / name);
            actor.Tell(news.Change, Self);
        }
    }

    private void OnAnswer(Answer answer)
    {
        if (_news.TryGetValue(answer.Number, out var news))
        {
            news.Asked.Refused ??= answer.Content as Refused;
            Heard(answer.Number, news, Sender.Path.Address.HasLocalScope ? _cluster.SelfAddress : Sender.Path.Address);
        }
    }

    private void Heard(long number, News news, Address node)
    {
        news.Awaits.Remove(node);
        if (news.Awaits.Count == 0)
        {
            _news.Remove(number);
            if (--news.Asked.Parts == 0)
            {
                news.Asked.Asker.Tell((IAnswer?)news.Asked.Refused ?? Done.Instance);
            }
        }
    }

    private void OnTick()
    {
        foreach (var (number, news) in _news.Where(entry => Elapsed >= entry.Value.TellAt).ToList())
        {
            if (news.Change.Change is ForgetUser && Elapsed - news.ToldAt >= ForgetLimit)
            {
                news.Asked.Asker.Tell(new Refused(Refusal.Unavailable));
                _news.Remove(number);
                continue;
            }

            TellAll(news);
        }
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    public ITimerScheduler Timers { get; set; } = null!;
}
