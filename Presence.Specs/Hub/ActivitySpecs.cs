using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Hub;

/// <summary>Whether the person is active, over connects that do not say it: as it was, or active, after a moment for a first word.</summary>
public sealed class ActivitySpecs : ActorSpec
{
    /// <summary>Within the grace, in milliseconds.</summary>
    private static readonly int[] Gaps =
    [
        0,
        1,
        10,
        49,
        50,
        51,
        100,
        200,
        400,
        499,
        500,
        501,
        600,
        1_000,
        2_000,
        3_000,
        5_000,
        8_000,
        9_900,
        9_999,
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_idle_device_that_comes_back_within_the_grace_is_idle_and_nobody_is_told_anything(bool resumes)
    {
        foreach (var gap in Gaps)
        {
            NewWorld();
            World.Pair("ann", "bob");
            var ann = World.Connect("ann");
            var bob = Idle("bob");
            bob.Ends(gap % 2 == 0 ? CloseReason.Lost : CloseReason.Normal);
            World.Advance(TimeSpan.FromMilliseconds(gap));
            ann.ForgetGiven();

            var back = World.Connect("bob", resume: resumes ? bob.ComesBack : null, active: null);
            World.Advance(30);

            ann.Pushes.ShouldBeEmpty($"after {gap} ms");
            ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Away);
            back.Selves.ShouldHaveSingleItem()!.OnlineStatus.ShouldBe(OnlineStatus.Away);
        }
    }

    [Fact]
    public void An_idle_device_that_is_replaced_is_idle()
    {
        World.Pair("ann", "bob");
        var ann = World.Connect("ann");
        Idle("bob");
        ann.ForgetGiven();

        World.Connect("bob", active: null);
        World.Advance(1);

        ann.Pushes.ShouldBeEmpty();
    }

    [Fact]
    public void An_idle_device_that_comes_back_with_its_token_after_the_grace_is_idle()
    {
        foreach (var seconds in Enumerable.Range(1, 20).Select(step => 10 + (step * 5)))
        {
            NewWorld();
            World.Pair("ann", "bob");
            var ann = World.Connect("ann");
            var bob = Idle("bob");
            bob.Ends();
            for (var left = seconds; left > 0; left -= 5)
            {
                World.Advance(5);
                ann.LastHeard = World.Time.GetTimestamp();
            }

            ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Offline);
            ann.ForgetGiven();

            World.Connect("bob", resume: bob.ComesBack, active: null).IsResumed.ShouldBe(true);
            World.Advance(1);

            ann.Pushes.Select(push => push.OnlineStatus).ShouldBe([OnlineStatus.Away], $"after {seconds} s");
        }
    }

    [Fact]
    public void An_idle_device_that_comes_back_after_the_grace_without_a_token_is_active()
    {
        World.Pair("ann", "bob");
        var ann = World.Connect("ann");
        Idle("bob").Ends();
        World.Advance(11);
        ann.ForgetGiven();

        World.Connect("bob", active: null);
        World.Advance(1);

        ann.Pushes.Select(push => push.OnlineStatus).ShouldBe([OnlineStatus.Online]);
    }

    [Fact]
    public void After_a_restart_of_the_server_an_idle_user_is_away_from_the_first_snapshot_on()
    {
        foreach (var gap in Gaps)
        {
            var (store, time) = RestartedWith(Idle);
            World.Pair("ann", "bob");
            store.LastSeen[new("bob")].Idle.ShouldBeTrue();
            var ann = World.Connect("ann");
            ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Away, $"{gap} ms, started at {time}");
            World.Advance(TimeSpan.FromMilliseconds(gap));
            World.Connect("bob", active: null);
            World.Advance(15);

            ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Away);
            ann.View[new("bob")].Certainty.ShouldBe(Certainty.Confirmed);
            ann.Pushes.ShouldAllBe(push => push.OnlineStatus == OnlineStatus.Away, $"{gap} ms");
        }
    }

    [Fact]
    public void After_a_restart_each_of_two_devices_is_what_it_was_in_whatever_order_they_come()
    {
        foreach (var idleFirst in new[] { true, false })
        {
            RestartedWith(user =>
            {
                World.Connect(user, "laptop");
                return Idle(user);
            });
            World.Pair("ann", "bob");
            var ann = World.Connect("ann");
            string[] devices = idleFirst ? ["phone", "laptop"] : ["laptop", "phone"];
            World.Connect("bob", devices[0], active: null);
            // The presumption is over by then for a user of whom somebody is back, and the grace is not.
            World.Advance(4);
            World.Connect("bob", devices[1], active: null);
            World.Advance(1);

            World
                .Ask<DevicesAre>(new GetDevices(new("bob"), All: false))
                .Devices.Select(device => (device.DeviceId.Value, device.Status))
                .ShouldBe([("laptop", DeviceStatus.Active), ("phone", DeviceStatus.Idle)]);
            ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Online);
        }
    }

    [Fact]
    public void A_device_that_had_left_long_before_a_restart_is_active_when_it_connects_after_it()
    {
        RestartedWith(user =>
        {
            Idle(user, "laptop").Ends();
            var phone = Idle(user);
            for (var minute = 0; minute < 5; minute++)
            {
                World.Advance(60);
                phone.LastHeard = World.Time.GetTimestamp();
            }

            return phone;
        });

        World.Connect("bob", "laptop", active: null);
        World.Advance(1);

        World.Seen("bob").OnlineStatus.ShouldBe(OnlineStatus.Online);
    }

    [Fact]
    public void A_client_that_says_idle_with_the_handshake_was_never_active()
    {
        World.Pair("ann", "bob");
        var ann = World.Connect("ann");

        World.Connect("bob", active: false);
        World.Advance(1);

        ann.Pushes.Select(push => push.OnlineStatus).ShouldBe([OnlineStatus.Away]);
    }

    [Fact]
    public void A_client_that_says_active_with_the_handshake_is_so_though_it_was_idle()
    {
        World.Pair("ann", "bob");
        var ann = World.Connect("ann");
        Idle("bob").Ends();
        ann.ForgetGiven();

        World.Connect("bob", active: true);

        ann.Pushes.Select(push => push.OnlineStatus).ShouldBe([OnlineStatus.Online]);
    }

    [Fact]
    public void One_whose_first_word_is_that_it_is_idle_was_never_seen_active()
    {
        // In milliseconds after the connect; the laptop is another device of the same user, idle itself.
        foreach (var after in Enumerable.Range(0, 20).Select(step => step * 15))
        {
            NewWorld();
            World.Pair("ann", "bob");
            var ann = World.Connect("ann");
            var laptop = Idle("bob", "laptop");
            ann.ForgetGiven();
            laptop.ForgetGiven();

            var phone = World.Connect("bob", active: null);
            World.Advance(TimeSpan.FromMilliseconds(after));
            phone.Says(new Heard(Active: false), null);
            World.Advance(5);

            ann.Pushes.Concat(laptop.Pushes).ShouldAllBe(push => push.OnlineStatus == OnlineStatus.Away, $"{after} ms");
            World.Ask<DevicesAre>(new GetDevices(new("bob"), All: false)).Devices.ShouldAllBe(device => device.Status == DeviceStatus.Idle);
        }
    }

    [Fact]
    public void One_who_was_offline_and_whose_first_word_is_that_it_is_idle_is_told_away_and_no_more()
    {
        World.Pair("ann", "bob");
        var ann = World.Connect("ann");
        var bob = World.Connect("bob", active: null);
        ann.Pushes.ShouldBeEmpty();

        bob.Says(new Heard(Active: false), null);

        ann.Pushes.Select(push => push.OnlineStatus).ShouldBe([OnlineStatus.Away]);
        ann.View[new("bob")].ShouldBe(World.Seen("bob", "ann"));
    }

    [Fact]
    public void One_whose_first_word_is_any_other_is_active_at_once_and_one_that_says_nothing_soon()
    {
        World.Pair("ann", "bob", "cyd", "dan", "eve");
        var ann = World.Connect("ann");
        World.Connect("bob", active: null).Says(new Heard(Active: null), null);
        ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Online);
        World.Connect("cyd", active: null).Says(new Heard(Active: true), null);
        ann.View[new("cyd")].OnlineStatus.ShouldBe(OnlineStatus.Online);
        World.Connect("dan", active: null).Says(new ChoosePresence(PresenceWorld.Update(OnlineStatus.Busy)));
        ann.View[new("dan")].OnlineStatus.ShouldBe(OnlineStatus.Busy);
        World.Connect("eve", active: null);
        ann.View.ShouldNotContainKey(new("eve"));
        World.Seen("eve", "ann").OnlineStatus.ShouldBe(OnlineStatus.Online);
        World.Advance(0.3);
        ann.View[new("eve")].OnlineStatus.ShouldBe(OnlineStatus.Online);
    }

    [Fact]
    public void One_whose_connection_breaks_before_it_is_told_of_a_connect_is_told_when_it_is_back()
    {
        foreach (var after in Enumerable.Range(0, 20).Select(step => step * 20))
        {
            NewWorld();
            World.Pair("ann", "bob", "cyd");
            World.Connect("cyd");
            var ann = World.Connect("ann");
            World.Advance(1);
            World.Connect("bob", active: null);
            World.Advance(TimeSpan.FromMilliseconds(after));
            ann.View.TryGetValue(new("bob"), out var told);
            var resume = new ResumeRequest(ann.Id.Value, ann.CursorNow);
            ann.Ends();
            World.Advance(0.1);

            var back = World.Connect("ann", resume: resume);
            World.Advance(1);

            back.IsResumed.ShouldBe(true);
            (back.View.GetValueOrDefault(new("bob")) ?? told)!.OnlineStatus.ShouldBe(OnlineStatus.Online, $"{after} ms");
        }
    }

    [Fact]
    public void The_users_other_devices_are_told_of_one_that_connects_when_all_are()
    {
        var laptop = Idle("bob", "laptop");
        laptop.ForgetGiven();
        var phone = World.Connect("bob", active: null);
        laptop.Pushes.ShouldBeEmpty();
        phone.Selves.ShouldHaveSingleItem()!.OnlineStatus.ShouldBe(OnlineStatus.Online);

        World.Advance(0.3);

        laptop.Pushes.Select(push => push.OnlineStatus).ShouldBe([OnlineStatus.Online]);
        phone.Pushes.ShouldBeEmpty();
    }

    [Fact]
    public void What_was_said_too_often_to_be_told_at_once_is_what_the_device_comes_back_as()
    {
        Options = new()
        {
            Limits = new() { ChangesBurst = 1, ChangesPerSecond = 1 },
        };
        var bob = World.Connect("bob");
        bob.Says(new Heard(Active: false), null);
        bob.Says(new Heard(Active: true), null);
        bob.Says(new Heard(Active: false), null);
        bob.Says(new Heard(Active: true), null);
        World.Seen("bob").OnlineStatus.ShouldBe(OnlineStatus.Away);
        bob.Ends();

        World.Connect("bob", active: null);

        World.Seen("bob").OnlineStatus.ShouldBe(OnlineStatus.Online);
        World.Advance(5);
        World.Seen("bob").OnlineStatus.ShouldBe(OnlineStatus.Online);
    }

    private FakeConnection Idle(string user) => Idle(user, "phone");

    private FakeConnection Idle(string user, string device)
    {
        var connection = World.Connect(user, device);
        connection.Says(new Heard(Active: false), null);
        return connection;
    }

    /// <summary>A world in which that happened to bob, and the server was killed, and started again.</summary>
    private (StoreInMemory Store, DateTimeOffset At) RestartedWith(Func<string, FakeConnection> connect)
    {
        NewWorld();
        connect("bob");
        World.Advance(1);
        var before = World.Store;
        NewWorld();
        foreach (var (user, seen) in before.LastSeen)
        {
            World.Store.LastSeen[user] = seen;
        }

        foreach (var (device, row) in before.Known)
        {
            World.Store.Known[device] = row;
        }

        return (World.Store, World.Now);
    }
}
