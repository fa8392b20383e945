using Akka.Actor;
using CsCheck;
using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Hub;

/// <summary>Snapshot and stream agree, whatever the order in which answers, changes, contacts and subscriptions reach the hub.</summary>
public sealed class HubProperties : ActorSpec
{
    private static readonly PrivacyRule[] Rules =
    [
        PrivacyRule.Default,
        new() { OnlineStatusVisibility = Visibility.Contacts },
        new() { OnlineStatusVisibility = Visibility.Nobody, LastSeenVisibility = Visibility.Nobody },
    ];

    private static readonly OnlineStatus[] Statuses = [OnlineStatus.Online, OnlineStatus.Busy, OnlineStatus.Invisible];

    private int _run;

    [Fact]
    public void Each_client_ends_with_the_truth_by_the_rule_and_was_never_told_a_falling_version()
    {
        Options = new() { OfflineGrace = TimeSpan.FromSeconds(1) };
        Gen.Select(Gen.Int[0, 15], Gen.Int[0, 3], Gen.Int[0, 3], (what, who, whom) => new Move(what, who, whom))
            .Array[5, 60]
            .Sample(Play, iter: 120, threads: 1, print: moves => string.Join("; ", moves.AsEnumerable()));
    }

    private void Play(Move[] moves)
    {
        var world = NewWorld();
        var game = new Game(world, Interlocked.Increment(ref _run));
        foreach (var move in moves)
        {
            game.Make(move);
        }

        game.Settle();
        Faults.ShouldBeEmpty();
        game.Check();
        world.Stop();
    }

    private sealed record Move(int What, int Who, int Whom);

    private sealed class Game
    {
        private readonly PresenceWorld _world;
        private readonly Post _post;
        private readonly UserId[] _users;
        private readonly List<FakeConnection> _clients = [];
        private readonly Dictionary<FakeConnection, HashSet<UserId>> _subscriptions = [];
        private readonly HashSet<FakeConnection> _gone = [];

        public Game(PresenceWorld world, int run)
        {
            _world = world;
            _post = new Post(world);
            _users = [.. Enumerable.Range(0, 4).Select(number => new UserId($"u{number}-{run}"))];
        }

        public void Make(Move move)
        {
            var (who, whom) = (_users[move.Who], _users[move.Whom]);
            switch (move.What)
            {
                case 0:
                case 1:
                    Connect(who, move.Whom % 2 == 0 ? "phone" : "laptop");
                    break;
                case 2:
                    End(who);
                    break;
                case 3:
                    Living(who)?.Says(new Heard(move.Whom % 2 == 0), null);
                    break;
                case 4:
                    _world.Choose(who.Value, Statuses[move.Whom % 3], $"text {move.Whom}");
                    break;
                case 5:
                    _world.Ask(new SetPrivacy(who, Rules[move.Whom % 3]));
                    break;
                case 6 when who != whom:
                    _world.Contacts.Pair(who, whom);
                    _world.ContactsChanged(who.Value, whom.Value);
                    break;
                case 7 when who != whom:
                    _world.Contacts.Part(who, whom);
                    _world.ContactsChanged(who.Value, whom.Value);
                    break;
                case 8:
                    Subscribe(who, whom);
                    break;
                case 9:
                    Unsubscribe(who, whom);
                    break;
                case 10 when _post.HasLife(who):
                    _world.Kill(who.Value);
                    break;
                case 11:
                    _world.Advance(0.3);
                    break;
                default:
                    _post.Deliver((move.What * 16) + (move.Who * 4) + move.Whom);
                    break;
            }
        }

        public void Settle()
        {
            for (var step = 0; step < 60; step++)
            {
                _post.DeliverAll();
                _world.Advance(0.05);
            }

            _post.DeliverAll();
        }

        public void Check()
        {
            foreach (var client in _clients.Where(client => client.Closed is null && !_gone.Contains(client)))
            {
                client.IsWelcomed.ShouldBeTrue();
                foreach (var user in _world.Contacts.Of(client.User).Concat(_subscriptions[client]).Distinct())
                {
                    CheckView(client, user);
                }
            }
        }

        private void CheckView(FakeConnection client, UserId user)
        {
            var truth = _world.Seen(user.Value, client.User.Value);
            var view = client.View.GetValueOrDefault(user) ?? PresenceRecord.Unknown(user);
            var what = $"{client.User}/{client.Device} of {user}; it was given: {string.Join(", ", client.Words)}";
            view.OnlineStatus.ShouldBe(truth.OnlineStatus, what);
            if (truth.OnlineStatus != OnlineStatus.Offline)
            {
                view.CustomStatus.ShouldBe(truth.CustomStatus, what);
                view.Platforms.ShouldBe(truth.Platforms, what);
            }
        }

        private void Connect(UserId user, string device)
        {
            var client = _world.Connect(user.Value, device, SnapshotKind.Full);
            _clients.Add(client);
            _subscriptions[client] = [];
        }

        private void End(UserId user)
        {
            if (Living(user) is { } client)
            {
                _gone.Add(client);
                client.Ends();
            }
        }

        private FakeConnection? Living(UserId user) =>
            _clients.LastOrDefault(client => client.User == user && client.Closed is null && !_gone.Contains(client));

        private void Subscribe(UserId who, UserId whom)
        {
            if (Living(who) is { } client && who != whom)
            {
                _subscriptions[client].Add(whom);
                client.Says(new Subscribe([whom]));
            }
        }

        private void Unsubscribe(UserId who, UserId whom)
        {
            if (Living(who) is { } client && _subscriptions[client].Remove(whom))
            {
                client.Says(new Unsubscribe([whom]));
                if (!_world.Contacts.Are(who, whom))
                {
                    client.Forget(whom);
                }
            }
        }
    }

    /// <summary>Between the hub and the users: what goes to a user, and what comes from it, each in its order; which of the ways moves next is the spec's choice.</summary>
    private sealed class Post
    {
        private readonly PresenceWorld _world;
        private readonly IActorRef _region;
        private readonly SortedDictionary<string, Queue<System.Action>> _ways = new(StringComparer.Ordinal);
        private readonly Dictionary<string, Recorder> _returns = [];

        public Post(PresenceWorld world)
        {
            _world = world;
            _region = world.Users;
            world.Users = Recorder.In(world.System, forward: Take).Ref;
        }

        public bool HasLife(UserId user) => !_world.EntityOrNobody(user.Value, _region).IsNobody();

        public void Deliver(int choice)
        {
            var ways = _ways.Values.Where(way => way.Count > 0).ToList();
            if (ways.Count > 0)
            {
                ways[choice % ways.Count].Dequeue()();
            }
        }

        public void DeliverAll()
        {
            while (_ways.Values.Any(way => way.Count > 0))
            {
                Deliver(0);
            }
        }

        private void Take(object message, IActorRef sender)
        {
            if (!sender.Equals(_world.Hub))
            {
                _region.Tell(message, sender);
                return;
            }

            var user = ((IWithUserId)message).UserId.Value;
            Way($"to {user}").Enqueue(() => _region.Tell(message, ReturnOf(user)));
        }

        private IActorRef ReturnOf(string user)
        {
            if (!_returns.TryGetValue(user, out var way))
            {
                way = Recorder.In(
                    _world.System,
                    forward: (message, entity) => Way($"from {user}").Enqueue(() => _world.Hub.Tell(message, entity))
                );
                _returns[user] = way;
            }

            return way.Ref;
        }

        private Queue<System.Action> Way(string name) => _ways.TryGetValue(name, out var way) ? way : _ways[name] = new();
    }
}
