using System.Globalization;
using Akka.Actor;
using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;
using Xunit.Abstractions;

namespace Presence.Specs.Users.Actors;

/// <summary>
/// Random lives of pairs through the real actors. Each pair lives alike until one leaves, and the other hides when the grace of the first is over.
/// Each of the two has viewers of its own, who do alike. What those are given must be alike: each push with its time, each snapshot, each read, and which of them was refused.
/// </summary>
/// <remarks>Of what is done at random the seed is printed. <c>PRESENCE_LIVES=10000</c> for the long form; 400 lives otherwise.</remarks>
public sealed class LeaverOrHiderSpecs(ITestOutputHelper output) : ActorSpec
{
    private const int PairsAtOnce = 50;

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    /// <summary>The journal outlives a world: nobody lives twice.</summary>
    private int _pairs;

    [Fact]
    public void Nobody_can_tell_on_any_channel_who_hides_from_who_left()
    {
        var lives = int.TryParse(Environment.GetEnvironmentVariable("PRESENCE_LIVES"), CultureInfo.InvariantCulture, out var many)
            ? many
            : 400;
        var seed = int.TryParse(Environment.GetEnvironmentVariable("SEED"), CultureInfo.InvariantCulture, out var given)
            ? given
            : Random.Shared.Next();
        output.WriteLine($"SEED={seed}");
        var compared = 0;
        for (var first = 0; first < lives; first += PairsAtOnce)
        {
            var lived = LiveAll(new Random(seed + first), _ => { });
            compared += lived.Compared;
            lived.Differences.Take(5).ShouldBeEmpty($"SEED={seed}");
        }

        output.WriteLine($"{lives} lives, {compared} things compared");
        compared.ShouldBeGreaterThan(lives * 5);
    }

    [Fact]
    public void A_push_a_millisecond_late_is_found() =>
        LiveAll(new Random(1), pair => pair.HidesLater = TimeSpan.FromMilliseconds(1)).Differences.ShouldNotBeEmpty();

    [Fact]
    public void A_version_that_somebody_else_made_is_found() =>
        LiveAll(new Random(1), pair => pair.MovesTheVersion = true).Differences.ShouldNotBeEmpty();

    private (int Compared, List<string> Differences) LiveAll(Random random, Action<Pair> plant)
    {
        // Clients of this spec don't beat.
        Options = new() { HeartbeatInterval = TimeSpan.FromHours(1), HeartbeatTimeout = TimeSpan.FromHours(3) };
        var world = NewWorld();
        var pairs = Enumerable.Range(0, PairsAtOnce).Select(_ => new Pair(world, ++_pairs, random.Next())).ToList();
        pairs.ForEach(plant);
        for (var step = 0; step < 5; step++)
        {
            pairs.ForEach(pair => pair.LiveAlike());
            world.Advance(random.Next(1, 12) + 0.125);
        }

        pairs.ForEach(pair => pair.Leave());
        world.Advance(Options.OfflineGrace - Moment);
        // In the grace of the one who leaves what ends meanwhile is told as of somebody who may be back: that is no difference yet.
        pairs.ForEach(pair => pair.ForgetGiven());
        world.Advance(Moment);
        pairs.ForEach(pair => pair.Hide());
        // Until the rows are written. Who is killed before is presumed to be connected, be it one who left.
        world.Advance(0.5);
        for (var step = 0; step < 10; step++)
        {
            // A later moment, but no timer of anybody's.
            world.Advance(Moment);
            pairs.ForEach(pair => pair.GoOn());
            world.Advance(Moment);
            pairs.ForEach(pair => pair.Look());
            world.Advance(random.Next(3) == 0 ? 38.25 : random.Next(1, 12) + 0.125);
        }

        var differences = pairs.SelectMany(pair => pair.Differences).ToList();
        var compared = pairs.Sum(pair => pair.Compared);
        world.Stop();
        return (compared, differences);
    }

    /// <summary>Who looks on.</summary>
    private enum Viewers
    {
        Contacts,

        /// <summary>They subscribe.</summary>
        Strangers,

        /// <summary>Only of whom nobody watches an entity is killed: hubs turn to the next one after a time of chance, which differs between any two.</summary>
        ReadersOnly,
    }

    private sealed class Pair
    {
        private static readonly OnlineStatus?[] Statuses = [null, OnlineStatus.Online, OnlineStatus.Away, OnlineStatus.Busy];
        private static readonly string?[] Texts = [null, "", "one", "two"];
        private static readonly string?[] Activities = [null, "", "in_a_call"];

        private readonly PresenceWorld _world;
        private readonly Random _random;
        private readonly long _start;
        private readonly Viewers _viewers;
        private readonly (string User, string Viewer) _leaver;
        private readonly (string User, string Viewer) _hider;
        private readonly Dictionary<string, FakeConnection> _connections = [];
        private readonly Dictionary<string, List<object>> _given = [];
        private readonly List<string> _done = [];

        /// <summary>For the second of two the same as for the first.</summary>
        private Random _same = new(0);

        public Pair(PresenceWorld world, int number, int seed)
        {
            (_world, _random, _start) = (world, new Random(seed), Versions.Of(world.Now));
            _viewers = (Viewers)_random.Next(3);
            (_leaver, _hider) = (($"rob{number}", $"wim{number}"), ($"vic{number}", $"wil{number}"));
            foreach (var (user, viewer) in new[] { _leaver, _hider })
            {
                _given[user] = [];
                if (_viewers == Viewers.Contacts)
                {
                    world.Pair(viewer, user);
                }
            }
        }

        public TimeSpan HidesLater { get; set; }

        public bool MovesTheVersion { get; set; }

        public int Compared { get; private set; }

        public List<string> Differences { get; } = [];

        /// <summary>Both do the same.</summary>
        public void LiveAlike()
        {
            var (what, update, bySocket) = (_random.Next(10), AnyUpdate(), _random.Next(2) == 0);
            var rule = new PrivacyRule { LastSeenVisibility = (Visibility)_random.Next(3) };
            Each(
                "alike",
                who =>
                {
                    switch (what)
                    {
                        case < 3:
                            Connect(who.User, "phone");
                            break;
                        case < 7:
                            Choose(who.User, update);
                            break;
                        case < 8:
                            _world.Ask<PrivacyIs>(new SetPrivacy(new(who.User), rule));
                            break;
                        default:
                            WatchOrRead(who, bySocket);
                            break;
                    }
                }
            );
        }

        public void Leave()
        {
            if (_connections.Remove(_leaver.User, out var connection))
            {
                connection.Ends();
            }
        }

        public void Hide()
        {
            if (HidesLater > TimeSpan.Zero)
            {
                _world.Advance(HidesLater);
            }

            Choose(_hider.User, PresenceWorld.Update(OnlineStatus.Invisible));
        }

        public void ForgetGiven()
        {
            Take(_leaver);
            Take(_hider);
        }

        /// <summary>What only the one who hides does, or what befalls both.</summary>
        public void GoOn()
        {
            var (what, update) = (_random.Next(12), AnyUpdate() with { OnlineStatus = null });
            _done.Add($"{what}");
            switch (what)
            {
                case 0:
                    Connect(_hider.User, "laptop");
                    break;
                case 1 when _connections.Remove(_hider.User, out var connection):
                    connection.Ends();
                    break;
                case 2 when _connections.TryGetValue(_hider.User, out var connection):
                    connection.Says(new Heard(Active: false));
                    break;
                case 3 or 4 when update is not { CustomStatus: null, Activity: null }:
                    Choose(_hider.User, update);
                    break;
                case 5:
                    Choose(_hider.User, PresenceWorld.Update(OnlineStatus.Invisible, expiresIn: TimeSpan.FromHours(9)));
                    break;
                case 6:
                    var rule = new PrivacyRule { LastSeenVisibility = (Visibility)_random.Next(3), Blocked = [new("nobody")] };
                    Each("rule", who => _world.Ask<PrivacyIs>(new SetPrivacy(new(who.User), rule)));
                    break;
                case 7 when _viewers == Viewers.ReadersOnly:
                    Each("restart", who => Kill(who.User));
                    break;
                case 8:
                    _world.Own(_hider.User);
                    break;
                case 9 when MovesTheVersion:
                    _world.Ask<PrivacyIs>(new SetPrivacy(new(_hider.User), new() { TypingIndicatorsEnabled = false }));
                    break;
                default:
                    break;
            }
        }

        /// <summary>The viewers of both do the same, and are given the same.</summary>
        public void Look()
        {
            var bySocket = _random.Next(3) == 0;
            if (_random.Next(3) > 0)
            {
                Each("look", who => WatchOrRead(who, bySocket));
            }

            var (left, hidden) = (Take(_leaver), Take(_hider));
            Compared += left.Count;
            if (!left.SequenceEqual(hidden))
            {
                Differences.Add(
                    $"{_leaver.User} ({_viewers}) after {string.Join(' ', _done)}:\n{string.Join('\n', left)}\nand\n{string.Join('\n', hidden)}"
                );
            }
        }

        private List<object> Take((string User, string Viewer) who)
        {
            var given = _given[who.User];
            if (_connections.TryGetValue(who.Viewer, out var connection))
            {
                given.AddRange(connection.Given.Select(Like));
                connection.ForgetGiven();
            }

            List<object> taken = [.. given];
            given.Clear();
            return taken;
        }

        private void WatchOrRead((string User, string Viewer) who, bool bySocket)
        {
            if (!bySocket || _viewers == Viewers.ReadersOnly)
            {
                _given[who.User].Add(Like(_world.Ask(new GetPresence(new(who.User), new(who.Viewer)))!));
                return;
            }

            Take(who).ForEach(_given[who.User].Add);
            if (_connections.Remove(who.Viewer, out var earlier))
            {
                earlier.Ends();
            }

            // One comes back with what it had, others are new; strangers subscribe.
            var comesBack = _viewers == Viewers.Contacts && _same.Next(2) == 0 && earlier is not null;
            var next = _world.Connect(
                who.Viewer,
                snapshot: SnapshotKind.Full,
                resume: comesBack ? new(earlier!.Id.Value, earlier.CursorNow) : null
            );
            _connections[who.Viewer] = next;
            if (_viewers == Viewers.Strangers)
            {
                next.Says(new Subscribe([new(who.User)]));
            }
        }

        /// <summary>Without the ids.</summary>
        private object Like(object given) =>
            given switch
            {
                PresenceIs answer => Like(answer.Presence),
                PresencePush push => $"push at {push.At:O} {Like(push.Record)}",
                IReadOnlyList<PresenceRecord> records => $"snapshot {string.Join(' ', records.Select(Like))}",
                // In the grace one who leaves is told as presumed, and as heard of then. That is before, and no part of how it looks to be gone.
                PresenceRecord { OnlineStatus: not OnlineStatus.Offline } record => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{record.OnlineStatus} {record.CustomStatus} {record.Activity} {record.ExpiresAt:O} [{string.Join(' ', record.Platforms)}] updated {record.UpdatedAt:O} version {Version(record)}"
                ),
                PresenceRecord record => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{record.OnlineStatus} {record.CustomStatus} {record.Activity} {record.ExpiresAt:O} [{string.Join(' ', record.Platforms)}] seen {record.LastSeenAt:O} updated {record.UpdatedAt:O} version {Version(record)} {record.Certainty}"
                ),
                string word => word,
                Refused refused => refused.Refusal.Code,
                _ => given.GetType().Name,
            };

        /// <summary>Much happens at one moment in virtual time, and is counted on by single microseconds. All moments here are 500 µs apart at least.</summary>
        private long Version(PresenceRecord record) => record.Version == 0 ? 0 : (record.Version - _start) / 10;

        private void Each(string what, Action<(string User, string Viewer)> act)
        {
            _done.Add(what);
            var seed = _random.Next();
            foreach (var who in new[] { _leaver, _hider })
            {
                _same = new Random(seed);
                act(who);
            }
        }

        private void Connect(string user, string device)
        {
            if (!_connections.ContainsKey(user))
            {
                _connections[user] = _world.Connect(user, device);
            }
        }

        private void Kill(string user)
        {
            if (!_world.EntityOrNobody(user, _world.Users).IsNobody())
            {
                _world.Kill(user);
            }
        }

        private PresenceUpdate AnyUpdate()
        {
            var (status, text, activity) = (Any(Statuses), Any(Texts), Any(Activities));
            var expiresIn = _random.Next(2) == 0 ? TimeSpan.FromSeconds(_random.Next(5, 200) + 0.0625) : (TimeSpan?)null;
            return status is null && text is null && activity is null
                ? PresenceWorld.Update(OnlineStatus.Busy, "one", expiresIn)
                : new(status, text is null ? null : new(text), activity is null ? null : new(activity), null, expiresIn);
        }

        private void Choose(string user, PresenceUpdate update) =>
            _world.Ask<PresenceUpdated>(new UpdatePresence(new(user), update, null, null));

        private T Any<T>(T[] values) => values[_random.Next(values.Length)];
    }
}
