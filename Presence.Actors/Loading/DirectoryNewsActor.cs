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

    /// <summary>After that nobody goes on from the news that a user is erased; told late, it would close what the user opened since.</summary>
    private static readonly TimeSpan ForgetLimit = TimeSpan.FromSeconds(1.8);

    private sealed record Tick : INodeMessage, IDeadLetterSuppression
    {
        public static Tick Instance { get; } = new();
    }

    private sealed class News(DirectoryChanged change, IActorRef asker, TimeSpan toldAt, HashSet<Address> awaits)
    {
        public DirectoryChanged Change { get; } = change;
        public IActorRef Asker { get; } = asker;
        public TimeSpan ToldAt { get; } = toldAt;
        public HashSet<Address> Awaits { get; } = awaits;
        public Refused? Refused { get; set; }
    }

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly NodeClock _clock = NodeClock.Of(Context.System);
    private readonly Dictionary<long, News> _news = [];
    private long _last;

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
        if (_news.Count >= MaxWaiting)
        {
            Sender.Tell(new Refused(Refusal.Unavailable));
            return;
        }

        var nodes = _cluster
            .State.Members.Where(member => member.Status is not (MemberStatus.Down or MemberStatus.Removed))
            .Select(member => member.Address);
        var news = new News(new(++_last, change), Sender, Elapsed, [.. nodes]);
        _news[_last] = news;
        TellAll(news);
    }

    private void TellAll(News news)
    {
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
            news.Refused ??= answer.Content as Refused;
            Heard(answer.Number, news, Sender.Path.Address.HasLocalScope ? _cluster.SelfAddress : Sender.Path.Address);
        }
    }

    private void Heard(long number, News news, Address node)
    {
        news.Awaits.Remove(node);
        if (news.Awaits.Count == 0)
        {
            _news.Remove(number);
            news.Asker.Tell((IAnswer?)news.Refused ?? Done.Instance);
        }
    }

    private void OnTick()
    {
        foreach (var (number, news) in _news.Where(entry => Elapsed - entry.Value.ToldAt >= TellAgain).ToList())
        {
            if (news.Change.Change is ForgetUser && Elapsed - news.ToldAt >= ForgetLimit)
            {
                news.Asker.Tell(new Refused(Refusal.Unavailable));
                _news.Remove(number);
                continue;
            }

            TellAll(news);
        }
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    public ITimerScheduler Timers { get; set; } = null!;
}
