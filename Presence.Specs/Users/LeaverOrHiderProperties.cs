using CsCheck;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.Support;
using static Presence.Specs.Support.Some;

namespace Presence.Specs.Users;

/// <summary>Two people live alike until one leaves and the other hides. From then on every viewer reads the same of both, whatever the one who hides goes on doing.</summary>
/// <remarks>The rules alone; <c>LeaverOrHiderSpecs</c> have the same over every channel.</remarks>
public sealed class LeaverOrHiderProperties
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private static readonly Gen<Choice> AnyChoice = Gen.Select(
        Gen.OneOf<OnlineStatus?>(null, OnlineStatus.Online, OnlineStatus.Away, OnlineStatus.Busy),
        Gen.OneOf<string?>(null, "", "one", "two"),
        Gen.OneOf<string?>(null, "", "in_a_call"),
        Gen.Int[1, 200].Nullable(),
        (status, text, activity, expiresIn) => new Choice(status, text, activity, expiresIn)
    );

    private static readonly Gen<Life> AnyLife = Gen.Select(
        Gen.Select(AnyChoice, Gen.Int[1, 40]).Array[0, 5],
        Gen.Select(Gen.Int[0, 7], AnyChoice, Gen.Int[1, 60]).Array[0, 10],
        Gen.Enum<Visibility>(),
        Gen.Bool,
        Gen.Bool,
        (before, after, lastSeen, connects, byItself) => new Life(before, after, lastSeen, connects, byItself)
    );

    [Fact]
    public void Nobody_can_tell_who_hides_from_who_left() =>
        AnyLife.Sample(life => Differences(life, _ => { }).ShouldBeEmpty(), iter: 10_000);

    [Fact]
    public void A_last_sign_of_life_that_is_a_microsecond_off_is_found() =>
        Differences(Plain, pair => pair.Late = TimeSpan.FromMicroseconds(1)).ShouldNotBeEmpty();

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    public void A_time_of_the_change_that_is_a_microsecond_or_a_millisecond_off_is_found(int microseconds) =>
        Differences(Plain, pair => pair.HidesLater = TimeSpan.FromMicroseconds(microseconds)).ShouldNotBeEmpty();

    [Fact]
    public void A_version_from_another_clock_is_found() => Differences(Plain, pair => pair.ClockAhead = 7).ShouldNotBeEmpty();

    [Fact]
    public void A_record_that_does_not_move_when_it_would_be_loaded_is_found() =>
        Differences(Plain with { After = [(4, Nothing, 40)] }, pair => pair.NeverSeemsToLoad = true).ShouldNotBeEmpty();

    private static Choice Nothing { get; } = new(null, null, null, null);

    private static Life Plain { get; } = new([], [(4, Nothing, 40)], Visibility.Everyone, Connects: true, ByItself: false);

    private static List<string> Differences(Life life, Action<Pair> plant)
    {
        var pair = new Pair();
        plant(pair);
        pair.Both((state, now) => state.Choose(new PrivacyRule { LastSeenVisibility = life.LastSeen }, now.Wall));
        if (life.Connects)
        {
            pair.Both((state, now) => state.WithDevice(Phone, Active, now));
        }

        if (life.ByItself)
        {
            // Seen by nobody: the one who leaves was away, as others see it, and the other busy for a while over invisible.
            pair.HidesUnder(seconds: 300);
        }

        foreach (var (choice, seconds) in life.Before)
        {
            pair.Wait(seconds);
            pair.Both((state, now) => (life.ByItself ? choice with { Status = null } : choice).On(state, now.Wall));
        }

        pair.Part(life.ByItself);
        pair.Compare("at once");
        foreach (var (what, choice, seconds) in life.After)
        {
            pair.Wait(seconds);
            pair.Compare("later");
            pair.Happens(what, choice);
            pair.Compare($"after {what}");
        }

        pair.Wait(500);
        pair.Compare("when all has ended");
        pair.Restart();
        pair.Compare("after a restart");
        return pair.Differences;
    }

    private sealed class Pair
    {
        private static readonly TimeSpan ReadAfter = TimeSpan.FromMilliseconds(1);

        private UserState _leaver = UserState.Load(Ann, StoredUser.Nobody, Noon, grace: Grace);
        private UserState _hider = UserState.Load(Ann, StoredUser.Nobody, Noon, grace: Grace);
        private DateTimeOffset _now = Noon;
        private DateTimeOffset _hidesAt = Noon;

        public TimeSpan Late { get; set; }

        public TimeSpan HidesLater { get; set; }

        public long ClockAhead { get; set; }

        public bool NeverSeemsToLoad { get; set; }

        public List<string> Differences { get; } = [];

        public void Both(Func<UserState, Moment, UserState> step) =>
            (_leaver, _hider) = (step(_leaver, _now.Moment()), step(_hider, _now.Moment()));

        public void Wait(double seconds)
        {
            _now = _now.AddSeconds(seconds);
            Both((state, now) => state.Refresh(now));
        }

        public void HidesUnder(int seconds)
        {
            _hidesAt = _now.AddSeconds(seconds);
            _leaver = _leaver.Choose(Update(OnlineStatus.Busy, expiresIn: seconds), _now);
            _hider = _hider
                .Choose(Update(OnlineStatus.Invisible), _now.AddSeconds(-1))
                .Choose(Update(OnlineStatus.Busy, expiresIn: seconds), _now);
        }

        /// <summary>One left so long ago that the grace is over now; the other becomes invisible now.</summary>
        public void Part(bool byItself)
        {
            if (byItself)
            {
                _now = _hidesAt - Grace;
                Both((state, now) => state.Refresh(now));
            }

            var left = _now;
            if (_leaver.Devices.TryGetValue(Phone, out var device))
            {
                _leaver = _leaver.WithDevice(Phone, device.Gone(), left);
            }

            Wait(Grace.TotalSeconds - 0.001);
            _now = left + Grace;
            _leaver = _leaver.WithoutDevice(Phone, left, _now);
            var now = new Moment(_now + HidesLater, Versions.Of(_now) + ClockAhead);
            _hider = _hider with { Grace = Grace + Late };
            _hider = byItself ? _hider.Refresh(now) : Hide(_hider, now);
        }

        /// <summary>What befalls both, or what only the one who hides does, and nobody is to see.</summary>
        public void Happens(int what, Choice choice)
        {
            switch (what)
            {
                case 4:
                    // Nobody has looked for a while, and now somebody does.
                    _leaver = Loaded(_leaver, _now);
                    _hider = NeverSeemsToLoad ? _hider : _hider.AsIfLoaded(_now);
                    break;
                case 5:
                    Both(
                        (state, now) =>
                            state.Choose(new PrivacyRule { LastSeenVisibility = Visibility.Contacts, Blocked = [Cleo] }, now.Wall)
                    );
                    break;
                case 6:
                    Restart();
                    break;
                default:
                    _hider = what switch
                    {
                        0 => _hider.WithDevice(Laptop, Active, _now),
                        1 => _hider.WithDevice(Laptop, Idle.Gone(), _now),
                        2 => _hider.WithoutDevice(Laptop, _now, _now),
                        3 => (choice with { Status = null }).On(_hider, _now),
                        _ => _hider.Choose(Update(OnlineStatus.Invisible), _now),
                    };
                    break;
            }
        }

        public void Restart() => Both((state, now) => Loaded(state, now.Wall));

        public void Compare(string when)
        {
            foreach (var areContacts in (bool[])[false, true])
            {
                // Nothing happens at the very microsecond at which somebody reads.
                _now += ReadAfter;
                var (left, hidden) = (Read(ref _leaver, areContacts), Read(ref _hider, areContacts));
                if (left != hidden)
                {
                    Differences.Add(
                        $"{when}: {left} and {hidden}, {(left with { Version = hidden.Version } == hidden ? "the version" : left with { UpdatedAt = hidden.UpdatedAt, Version = hidden.Version } == hidden ? $"updated_at by {(hidden.UpdatedAt - left.UpdatedAt).TotalMicroseconds} µs" : $"last seen by {(hidden.LastSeenAt - left.LastSeenAt)?.TotalMicroseconds} µs or more")}"
                    );
                }
            }
        }

        private PresenceRecord Read(ref UserState state, bool areContacts)
        {
            var presence = state.SeenBy(Ben, areContacts, _now);
            state = state.GivenOut(presence.Version);
            return presence;
        }

        private static UserState Loaded(UserState state, DateTimeOffset now) =>
            UserState.Load(Ann, new StoredUser(state.Profile, state.LastSeenAt), now, grace: Grace);

        private static UserState Hide(UserState state, Moment now)
        {
            var decision = ProfileRules.Decide(
                state.Profile,
                Update(OnlineStatus.Invisible),
                state.Seen,
                Versions.Next(state.Version, now),
                now.Wall,
                state.Grace
            );
            return state.WithProfile(decision.Facts.Aggregate(state.Profile, (profile, fact) => profile.Apply(fact)), now);
        }
    }

    /// <param name="Before">What both choose, and when.</param>
    /// <param name="After">What happens after one left and the other hid, and when.</param>
    /// <param name="LastSeen">Who may see last seen.</param>
    /// <param name="Connects">Whether they were ever connected.</param>
    /// <param name="ByItself">Whether the one who hides does so because what lay over it ends.</param>
    private sealed record Life((Choice, int)[] Before, (int, Choice, int)[] After, Visibility LastSeen, bool Connects, bool ByItself);

    private sealed record Choice(OnlineStatus? Status, string? Text, string? Activity, int? ExpiresIn)
    {
        /// <summary>Nothing ends at the very microsecond at which something else happens.</summary>
        private const double Between = 0.5;

        public UserState On(UserState state, DateTimeOffset now) =>
            Status is null && Text is null && Activity is null
                ? state
                : state.Choose(
                    Update(Status, Text is null ? null : To(Text), Activity is null ? null : To(Activity), ExpiresIn + Between),
                    now
                );
    }
}
