using CsCheck;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.Support;
using static Presence.Specs.Support.Some;

namespace Presence.Specs.Users;

/// <summary>What holds over every sequence of steps. CsCheck prints the seed of a failure.</summary>
public sealed class UserStateProperties
{
    private static readonly DeviceId[] Devices = [Phone, Laptop, new("tablet")];

    private static readonly Gen<Step> AnyStep = Gen.Frequency(
        (
            4,
            Gen.Select(Gen.Int[0, 2], Gen.Bool, Gen.OneOf("web", "mobile"))
                .Select(Step (d, active, platform) => new Connects(Devices[d], new(platform, active, false)))
        ),
        (2, Gen.Int[0, 2].Select(Step (d) => new FallsIntoGrace(Devices[d]))),
        (2, Gen.Int[0, 2].Select(Step (d) => new Leaves(Devices[d]))),
        (
            4,
            Gen.Select(
                    Gen.Enum<OnlineStatus>().Nullable(),
                    Gen.OneOf<string?>(null, "", "one", "two"),
                    Gen.OneOf<string?>(null, "", "in_a_call"),
                    Gen.Int[1, 40].Nullable()
                )
                .Select(Step (status, text, activity, expiresIn) => new Chooses(status, text, activity, expiresIn))
        ),
        (2, Gen.Select(Gen.Enum<Visibility>(), Gen.Bool).Select(Step (status, blocks) => new Rules(status, blocks))),
        (1, Gen.Const<Step>(new Waits()))
    );

    private static readonly Gen<(Step Step, int Seconds)[]> Forwards = Gen.Select(AnyStep, Gen.Int[0, 20]).Array[1, 30];

    private static readonly Gen<(Step Step, int Seconds)[]> BackAndForth = Gen.Select(AnyStep, Gen.Int[-20, 20]).Array[1, 30];

    [Fact]
    public void Versions_never_fall_even_where_the_clock_goes_back() =>
        BackAndForth.Sample(
            story =>
                Along(
                    story,
                    (before, after, _) =>
                    {
                        after.Seen.Version.ShouldBeGreaterThanOrEqualTo(before.Seen.Version);
                        after.Own.Version.ShouldBeGreaterThanOrEqualTo(before.Own.Version);
                        after.Version.ShouldBeGreaterThanOrEqualTo(
                            Math.Max(before.Version, Math.Max(after.Seen.Version, after.Own.Version))
                        );
                        after.Version.ShouldBeLessThan(1L << 53);
                    }
                ),
            iter: 500
        );

    [Fact]
    public void A_record_differs_from_the_one_before_only_with_a_larger_version_and_changes_tell_of_it() =>
        BackAndForth.Sample(
            story =>
                Along(
                    story,
                    (before, after, _) =>
                    {
                        var change = after.ChangesSince(before);
                        change.Seen.ShouldBe(!after.Seen.Equals(before.Seen));
                        change.Own.ShouldBe(!WithoutCounts(after.Own).Equals(WithoutCounts(before.Own)));
                        change.Rule.ShouldBe(!after.Profile.Privacy.Equals(before.Profile.Privacy));
                        (change.Rule && after.Version == before.Version).ShouldBeFalse("the version orders the rules");
                    }
                ),
            iter: 500
        );

    [Fact]
    public void The_status_is_what_a_plain_reading_of_the_contract_says() =>
        Forwards.Sample(
            story =>
                Along(
                    story,
                    (_, after, now) =>
                    {
                        var set = after.Profile.At(now).SetStatus;
                        var devices = after.Devices.Values;
                        var expected =
                            !devices.Any() ? OnlineStatus.Offline
                            : set is not null ? set.Value
                            : devices.Any(device => device.Active) ? OnlineStatus.Online
                            : OnlineStatus.Away;
                        after.Own.OnlineStatus.ShouldBe(expected);
                        after.Seen.OnlineStatus.ShouldBe(expected == OnlineStatus.Invisible ? OnlineStatus.Offline : expected);
                        after.Seen.OnlineStatus.ShouldNotBe(OnlineStatus.Invisible);
                        after.Seen.Owner.ShouldBeNull();
                        if (after.Seen.OnlineStatus == OnlineStatus.Offline)
                        {
                            after.Seen.Activity.ShouldBeNull();
                            after.Seen.Platforms.ShouldBeEmpty();
                        }
                    }
                ),
            iter: 500
        );

    [Fact]
    public void Last_seen_never_goes_back() =>
        Forwards.Sample(
            story =>
                Along(
                    story,
                    (before, after, now) =>
                    {
                        after.LastSeenAt.ShouldBeOneOf(before.LastSeenAt, now);
                        (after.LastSeenAt < before.LastSeenAt).ShouldBeFalse();
                        (after.Seen.LastSeenAt < before.Seen.LastSeenAt).ShouldBeFalse();
                    }
                ),
            iter: 500
        );

    [Fact]
    public void A_restart_at_any_moment_shows_the_same_user_without_devices() =>
        Forwards.Sample(
            story =>
                Along(
                    story,
                    (_, after, now) =>
                    {
                        var alone = after.Devices.Keys.Aggregate(
                            after,
                            (state, device) => state.WithoutDevice(device, state.LastSeenAt!.Value, now)
                        );
                        var restarted = after.Restart(now);

                        Content(restarted.Own).ShouldBe(Content(alone.Own));
                        Content(restarted.Seen).ShouldBe(Content(alone.Seen));
                        if (restarted.Seen.Version > 0)
                        {
                            // Versions are µs, and steps of this story may share one instant.
                            restarted.Seen.Version.ShouldBeGreaterThan(after.Seen.Version - story.Length);
                        }
                    }
                ),
            iter: 500
        );

    private static PresenceRecord Content(PresenceRecord record) => WithoutCounts(record) with { Version = 0, UpdatedAt = default };

    /// <summary>How many devices are connected is told with each view, and is no change by itself.</summary>
    private static PresenceRecord WithoutCounts(PresenceRecord record) =>
        record.Owner is { } owner ? record with { Owner = owner with { Devices = 0, ActiveDevices = 0 } } : record;

    private static void Along((Step Step, int Seconds)[] story, Action<UserState, UserState, DateTimeOffset> check)
    {
        var state = Nobody();
        var now = Noon;
        foreach (var (step, seconds) in story)
        {
            now = now.AddSeconds(seconds);
            // What expires meanwhile is a step of its own, as it is in an entity.
            var expired = state.Refresh(now);
            check(state, expired, now);
            var after = step.On(expired, now);
            check(expired, after, now);
            state = after;
        }
    }

    private abstract record Step
    {
        public abstract UserState On(UserState state, DateTimeOffset now);
    }

    private sealed record Connects(DeviceId Device, DevicePresence Presence) : Step
    {
        public override UserState On(UserState state, DateTimeOffset now) => state.WithDevice(Device, Presence, now);
    }

    private sealed record FallsIntoGrace(DeviceId Device) : Step
    {
        public override UserState On(UserState state, DateTimeOffset now) =>
            state.Devices.TryGetValue(Device, out var device) ? state.WithDevice(Device, device.Gone(), now) : state;
    }

    private sealed record Leaves(DeviceId Device) : Step
    {
        public override UserState On(UserState state, DateTimeOffset now) => state.WithoutDevice(Device, now, now);
    }

    private sealed record Chooses(OnlineStatus? Status, string? Text, string? Activity, int? ExpiresIn) : Step
    {
        public override UserState On(UserState state, DateTimeOffset now) =>
            Status is null && Text is null && Activity is null
                ? state
                : state.Choose(Update(Status, Text is null ? null : To(Text), Activity is null ? null : To(Activity), ExpiresIn), now);
    }

    private sealed record Rules(Visibility Status, bool Blocks) : Step
    {
        public override UserState On(UserState state, DateTimeOffset now) =>
            state.Choose(new PrivacyRule { OnlineStatusVisibility = Status, Blocked = Blocks ? [Ben] : [] }, now);
    }

    private sealed record Waits : Step
    {
        public override UserState On(UserState state, DateTimeOffset now) => state;
    }
}
