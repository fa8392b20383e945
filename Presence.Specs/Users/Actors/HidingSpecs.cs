using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Users.Actors;

/// <summary>Rob leaves and Vic hides, so that both go offline at the same moment: what somebody who looks on can work out of either.</summary>
public sealed class HidingSpecs : ActorSpec
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private static readonly PrivacyRule HidesLastSeen = new() { LastSeenVisibility = Visibility.Nobody };

    /// <summary>Clients of this spec don't beat.</summary>
    public HidingSpecs() => Options = new() { HeartbeatInterval = TimeSpan.FromHours(1), HeartbeatTimeout = TimeSpan.FromHours(3) };

    [Fact]
    public void Last_seen_of_one_who_hides_lies_the_grace_before_the_change_in_reads_and_in_pushes()
    {
        World.Pair("wim", "rob", "vic");
        var wim = World.Connect("wim");
        OneLeavesAndOneHides();

        foreach (var user in new[] { "rob", "vic" })
        {
            var read = World.Seen(user);
            (read.UpdatedAt - read.LastSeenAt).ShouldBe(Options.OfflineGrace, user);
            var push = wim.Given.OfType<PresencePush>().Last(push => push.Record.UserId.Value == user);
            (push.At - push.Record.LastSeenAt).ShouldBe(Options.OfflineGrace, user);
        }
    }

    [Fact]
    public void The_version_of_one_who_hides_is_that_of_the_change_however_long_storing_took()
    {
        World.Connect("vic");
        World.Advance(30);
        World.Journal.Writes = JournalMood.Hangs;
        World.AskNumbered(1, new UpdatePresence(new("vic"), PresenceWorld.Update(OnlineStatus.Invisible), null, null));
        World.Advance(0.02);
        World.Journal.Release();

        var seen = World.Seen("vic");
        (seen.Version - Versions.Of(seen.UpdatedAt)).ShouldBe(0);
        seen.LastSeenAt.ShouldBe(World.Now - Options.OfflineGrace);
    }

    [Fact]
    public void Three_reads_with_pauses_in_which_the_entity_of_one_who_left_goes_move_both()
    {
        OneLeavesAndOneHides();
        for (var read = 0; read < 3; read++)
        {
            World.Advance(38);
            Like(World.Seen("rob")).ShouldBe(Like(World.Seen("vic")));
        }

        World.Passivated.ShouldContain("rob");
        World.Passivated.ShouldNotContain("vic");
    }

    [Fact]
    public void Reads_without_such_pauses_move_neither()
    {
        OneLeavesAndOneHides();
        var (rob, vic) = (World.Seen("rob"), World.Seen("vic"));
        for (var read = 0; read < 5; read++)
        {
            World.Advance(20);
            World.Seen("rob").ShouldBe(rob);
            World.Seen("vic").ShouldBe(vic);
        }
    }

    [Fact]
    public void While_somebody_watches_neither_moves_and_who_looks_later_sees_both_move()
    {
        OneLeavesAndOneHides();
        var wim = World.Connect("wim");
        wim.Says(new Subscribe([new("rob"), new("vic")]));
        World.Advance(80);
        Like(wim.View[new("rob")]).ShouldBe(Like(wim.View[new("vic")]));
        var first = wim.View[new("rob")].Version;
        wim.Says(new Unsubscribe([new("rob"), new("vic")]));
        World.Advance(120);
        wim.Says(new Subscribe([new("rob"), new("vic")]));

        Like(wim.View[new("rob")]).ShouldBe(Like(wim.View[new("vic")]));
        wim.View[new("vic")].Version.ShouldBeGreaterThan(first);
    }

    [Fact]
    public void An_event_of_a_backend_moves_both_as_it_wakes_the_entity_of_one_who_left()
    {
        OneLeavesAndOneHides();
        World.Advance(38);
        World.Post("e1", "rob");
        World.Post("e2", "vic");
        World.Advance(Moment);

        Like(World.Seen("rob")).ShouldBe(Like(World.Seen("vic")));
    }

    [Fact]
    public void A_restart_moves_both()
    {
        OneLeavesAndOneHides();
        World.Advance(5);
        World.Kill("rob");
        World.Kill("vic");
        World.Advance(5);

        var (rob, vic) = (World.Seen("rob"), World.Seen("vic"));
        Like(rob).ShouldBe(Like(vic));
        vic.UpdatedAt.ShouldBe(vic.LastSeenAt!.Value);
        vic.Version.ShouldBeGreaterThanOrEqualTo(Versions.Of(World.Now));
    }

    [Theory]
    [InlineData("rob")]
    [InlineData("vic")]
    public void A_read_after_a_pause_costs_a_read_of_the_store_and_needs_it(string user)
    {
        OneLeavesAndOneHides();
        World.Advance(38);
        World.Store.Gate.IsDown = true;
        PresenceWorld.IsUnavailable(World.Ask(new GetPresence(new(user), new("wim")))).ShouldBeTrue();
        World.Store.Gate.IsDown = false;
        var queries = World.Store.Queries.Count;

        World.Seen(user).OnlineStatus.ShouldBe(OnlineStatus.Offline);
        World.Seen(user).OnlineStatus.ShouldBe(OnlineStatus.Offline);

        (World.Store.Queries.Count - queries).ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_text_with_an_end_ends_on_one_who_hides_too(bool someoneLooksBefore)
    {
        World.Choose("rob", null, "lunch", TimeSpan.FromSeconds(45));
        World.Choose("vic", null, "lunch", TimeSpan.FromSeconds(45));
        OneLeavesAndOneHides();
        (World.Seen("vic").CustomStatus, World.Seen("vic").ExpiresAt).ShouldBe(("lunch", World.Seen("rob").ExpiresAt));
        World.Advance(someoneLooksBefore ? 35 : 60);
        Like(World.Seen("rob")).ShouldBe(Like(World.Seen("vic")));

        var vic = World.Seen("vic");
        (vic.CustomStatus, vic.ExpiresAt).ShouldBe((null, null));
        World.Kill("rob");
        World.Kill("vic");
        World.Advance(50);
        Like(World.Seen("rob")).ShouldBe(Like(World.Seen("vic")));
    }

    [Fact]
    public void An_activity_for_a_while_leaves_one_who_hides_hidden_also_over_a_restart()
    {
        World.Connect("vic");
        World.Choose("vic", OnlineStatus.Invisible);
        Choose("vic", activity: "in_a_call", seconds: 10);
        World.Own("vic").Activity.ShouldBe("in_a_call");
        World.Kill("vic");
        World.Advance(11);

        World.Seen("vic").OnlineStatus.ShouldBe(OnlineStatus.Offline);
        (World.Own("vic").OnlineStatus, World.Own("vic").Activity).ShouldBe((OnlineStatus.Invisible, null));
    }

    /// <summary>What was set first, without an end; what was set then; what is left after ten seconds.</summary>
    [Theory]
    [InlineData("text works from Berlin", "status busy 10", "text works from Berlin")]
    [InlineData("text works from Berlin", "text lunch 10", "text works from Berlin")]
    [InlineData("status busy", "text lunch 10", "status busy")]
    [InlineData("text lunch 10", "status away", "status away")]
    [InlineData("status busy 10, activity focus 10", "activity ", "")]
    [InlineData("status away", "status busy 10", "status away")]
    [InlineData("status invisible", "activity focus 10", "status invisible")]
    public void What_is_set_for_a_while_takes_nothing_else_with_it(string first, string then, string left)
    {
        World.Connect("ann");
        foreach (var choice in $"{first}, {then}".Split(", "))
        {
            Choose("ann", choice);
        }

        World.Advance(11);
        Set("ann").ShouldBe(left);
        World.Kill("ann");
        World.Advance(3);
        Set("ann").ShouldBe(left);
    }

    [Fact]
    public void What_was_hidden_under_another_status_hides_when_that_ends_and_the_next_entity_shows_the_same()
    {
        World.Connect("vic");
        World.Choose("vic", OnlineStatus.Invisible);
        World.Choose("vic", OnlineStatus.Busy, expiresIn: TimeSpan.FromSeconds(60));
        World.Seen("vic").OnlineStatus.ShouldBe(OnlineStatus.Busy);
        World.Advance(60);
        var hidden = World.Seen("vic");
        (hidden.OnlineStatus, hidden.UpdatedAt, hidden.LastSeenAt).ShouldBe(
            (OnlineStatus.Offline, World.Now, World.Now - Options.OfflineGrace)
        );

        World.Advance(1);
        World.Store.Profiles[new("vic")].Profile.Held.ShouldNotBeNull();
        World.Kill("vic");
        World.Advance(2);
        World.Seen("vic").LastSeenAt.ShouldBe(hidden.LastSeenAt);
    }

    [Theory]
    [InlineData("rob")]
    [InlineData("vic")]
    public void Who_may_not_see_last_seen_reads_nothing_of_the_time_when_the_user_went(string user)
    {
        World.Ask<PrivacyIs>(new SetPrivacy(new(user), HidesLastSeen));
        OneLeavesAndOneHides();
        World.Advance(20);

        var seen = World.Seen(user);

        (seen.LastSeenAt, seen.UpdatedAt).ShouldBe((null, DateTimeOffset.UnixEpoch));
        seen.Version.ShouldBe(Versions.Of(World.Now));
        World.Advance(1);
        World.Seen(user).Version.ShouldBe(Versions.Of(World.Now));
        World.Connect(user, "laptop");
        World.Choose(user, OnlineStatus.Online);
        World.Seen(user).Version.ShouldBeGreaterThanOrEqualTo(Versions.Of(World.Now));
    }

    [Theory]
    [InlineData("rob")]
    [InlineData("vic")]
    public void Nor_do_snapshots_and_resumes_say_it_and_what_follows_goes_above_what_they_told(string user)
    {
        World.Ask<PrivacyIs>(new SetPrivacy(new(user), HidesLastSeen));
        World.Pair("wim", user);
        World.Advance(1);
        var before = World.Connect("wim");
        World.Advance(1);
        var cursor = before.CursorNow;
        before.Ends();
        OneLeavesAndOneHides();
        World.Advance(20);

        foreach (
            var connect in new[]
            {
                () => World.Connect("wim", "phone", resume: new(before.Id.Value, cursor)),
                () => World.Connect("wim", "tablet", SnapshotKind.Full),
                () => Subscribed("wil", user),
            }
        )
        {
            var wim = connect();
            var told = wim.View[new(user)];
            (told.OnlineStatus, told.LastSeenAt, told.UpdatedAt).ShouldBe((OnlineStatus.Offline, null, DateTimeOffset.UnixEpoch));
            (told.Version - Versions.Of(World.Now)).ShouldBeInRange(0, 10);
            World.Choose(user, OnlineStatus.Online, $"back for {wim.Id}");
            wim.View[new(user)].CustomStatus.ShouldBe($"back for {wim.Id}");
            wim.View[new(user)].Version.ShouldBeGreaterThan(told.Version);
            World.Choose(user, OnlineStatus.Invisible);
            World.Advance(20);
        }
    }

    private FakeConnection Subscribed(string viewer, string user)
    {
        var connection = World.Connect(viewer);
        connection.Says(new Subscribe([new(user)]));
        return connection;
    }

    private void OneLeavesAndOneHides()
    {
        World.Connect("vic");
        var rob = World.Connect("rob");
        World.Advance(5);
        rob.Ends();
        World.Advance(Options.OfflineGrace);
        World.Choose("vic", OnlineStatus.Invisible);
        World.Advance(Moment);
    }

    private string Set(string user)
    {
        var own = World.Own(user);
        return string.Join(
            ", ",
            new[]
            {
                own.Owner!.SetStatus is { } status ? $"status {status.Token()}" : null,
                own.CustomStatus is { } text ? $"text {text}" : null,
                own.Activity is { } activity ? $"activity {activity}" : null,
            }.OfType<string>()
        );
    }

    private void Choose(string user, string choice)
    {
        var (what, rest) = (choice.Split(' ')[0], choice[(choice.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        var hasEnd = rest.EndsWith(" 10", StringComparison.Ordinal);
        var value = hasEnd ? rest[..^3] : rest;
        Choose(
            user,
            what == "status" ? Enum.Parse<OnlineStatus>(value, ignoreCase: true) : null,
            what == "text" ? value : null,
            what == "activity" ? value : null,
            hasEnd ? 10 : null
        );
    }

    private void Choose(string user, OnlineStatus? status = null, string? text = null, string? activity = null, int? seconds = null) =>
        World.Ask<PresenceUpdated>(
            new UpdatePresence(
                new(user),
                new(
                    status,
                    text is null ? null : new(text),
                    activity is null ? null : new(activity),
                    null,
                    seconds is { } s ? TimeSpan.FromSeconds(s) : null
                ),
                null,
                null
            )
        );

    /// <summary>The same, whoever it is.</summary>
    private static PresenceRecord Like(PresenceRecord record) => record with { UserId = new("somebody") };
}
