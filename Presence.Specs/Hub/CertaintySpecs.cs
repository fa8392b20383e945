using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Hub;

/// <summary>Who was told <c>grace</c> is told once it is confirmed, and nobody else notices.</summary>
public sealed class CertaintySpecs : ActorSpec
{
    [Fact]
    public void After_a_restart_each_client_holds_confirmed_of_who_came_back_whenever_that_was()
    {
        // From at once to just before the end of the grace: 20 moments, half of them before it settles.
        for (var moment = 0; moment < 20; moment++)
        {
            NewWorld();
            World.Pair("ann", "bob", "cyd", "dan");
            ConnectedAMomentAgo("ann", "bob", "cyd", "dan");
            World.Choose("dan", OnlineStatus.Busy);
            var early = World.Connect("ann", "laptop");
            early.View[new("bob")].Certainty.ShouldBe(Certainty.Grace);
            World.Advance(moment < 10 ? moment * 0.2 : (moment - 9) * 0.85);
            var bob = World.Connect("bob");
            var dan = World.Connect("dan");
            var late = World.Connect("ann", "phone");
            World.Advance(5);

            foreach (var client in new[] { early, late })
            {
                client.View[new("bob")].ShouldBe(World.Seen("bob", "ann"), $"moment {moment}");
                client.View[new("bob")].Certainty.ShouldBe(Certainty.Confirmed);
                client.View[new("dan")].Certainty.ShouldBe(Certainty.Confirmed);
                client.Pushes.Where(push => push.UserId.Value == "bob").Select(push => push.Version).ShouldBeUnique();
            }

            bob.Closed.ShouldBeNull();
            dan.Closed.ShouldBeNull();
            World.Advance(10);
            early.View[new("cyd")].OnlineStatus.ShouldBe(OnlineStatus.Offline);
            early.View[new("cyd")].Certainty.ShouldBe(Certainty.Confirmed);
        }
    }

    [Fact]
    public void A_client_whose_connection_breaks_twice_after_a_restart_holds_confirmed_too()
    {
        for (var moment = 0; moment < 20; moment++)
        {
            NewWorld();
            World.Pair("ann", "bob");
            ConnectedAMomentAgo("ann", "bob");
            var first = World.Connect("ann");
            World.Advance(0.05 + (moment * 0.1));
            World.Connect("bob");
            first.Ends();
            var second = World.Connect("ann", resume: first.ComesBack);
            World.Advance(0.05);
            second.Ends();
            var third = World.Connect("ann", resume: new(second.Id.Value, second.CursorNow));
            World.Advance(5);

            Latest(first, second, third).ShouldBe(World.Seen("bob", "ann"), $"moment {moment}");
            Latest(first, second, third).Certainty.ShouldBe(Certainty.Confirmed);
        }
    }

    [Fact]
    public void One_told_grace_by_a_snapshot_while_an_entity_moves_is_told_once_it_is_confirmed_and_nobody_else()
    {
        World.Pair("ann", "bob");
        World.Pair("cyd", "bob");
        World.Connect("bob");
        var cyd = World.Connect("cyd");
        World.Advance(1);
        World.Kill("bob");
        World.Advance(0.3);
        var ann = World.Connect("ann");
        cyd.ForgetGiven();
        World.Advance(5);

        ann.View[new("bob")].Certainty.ShouldBe(Certainty.Confirmed);
        ann.View[new("bob")].ShouldBe(World.Seen("bob", "ann"));
        cyd.Pushes.ShouldBeEmpty();
    }

    [Fact]
    public void One_who_connects_within_a_contacts_grace_is_told_when_it_is_back_and_nobody_else()
    {
        World.Pair("ann", "bob");
        World.Pair("cyd", "bob");
        var bob = World.Connect("bob");
        var cyd = World.Connect("cyd");
        World.Advance(1);
        bob.Ends();
        var ann = World.Connect("ann");
        ann.View[new("bob")].Certainty.ShouldBe(Certainty.Grace);
        cyd.ForgetGiven();
        World.Advance(3);

        World.Connect("bob");

        var told = ann.Pushes.ShouldHaveSingleItem();
        told.Certainty.ShouldBe(Certainty.Confirmed);
        told.Version.ShouldBeGreaterThan(ann.Snapshots[0][0].Version);
        cyd.Pushes.ShouldBeEmpty();
        World.Choose("bob", OnlineStatus.Busy);
        var busy = ann.View[new("bob")];
        busy.ShouldBe(World.Seen("bob", "ann") with { Version = busy.Version });
    }

    [Fact]
    public void One_told_grace_whose_connection_breaks_before_the_contact_is_back_finds_it_confirmed_when_it_resumes()
    {
        World.Pair("ann", "bob");
        World.Pair("cyd", "bob");
        var bob = World.Connect("bob");
        World.Connect("cyd");
        World.Advance(1);
        bob.Ends();
        var first = World.Connect("ann");
        first.View[new("bob")].Certainty.ShouldBe(Certainty.Grace);
        first.Ends();
        World.Connect("bob");
        World.Advance(1);

        var second = World.Connect("ann", resume: first.ComesBack);

        second.IsResumed.ShouldBe(true);
        Latest(first, second).Certainty.ShouldBe(Certainty.Confirmed);
        Latest(first, second).ShouldBe(World.Seen("bob", "ann"));
    }

    [Fact]
    public void No_read_of_a_backend_is_below_the_version_under_which_a_return_was_told()
    {
        World.Pair("ann", "bob");
        var bob = World.Connect("bob");
        bob.Ends();
        var ann = World.Connect("ann");
        World.Connect("bob");

        var told = ann.Pushes.ShouldHaveSingleItem();
        World.Own("bob").Version.ShouldBe(told.Version);
    }

    [Fact]
    public void One_told_grace_that_may_see_no_more_is_told_nothing_of_the_return()
    {
        World.Pair("ann", "bob");
        var bob = World.Connect("bob");
        bob.Ends();
        var ann = World.Connect("ann");
        World.Ask(new Actors.Users.SetPrivacy(new("bob"), new() { Blocked = [new("ann")] }));
        ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Offline);
        ann.ForgetGiven();

        World.Connect("bob");

        ann.Pushes.ShouldBeEmpty();
    }

    private static PresenceRecord Latest(params FakeConnection[] connections) =>
        connections
            .Select(connection => connection.View.GetValueOrDefault(new("bob")))
            .OfType<PresenceRecord>()
            .MaxBy(record => record.Version)!;

    private void ConnectedAMomentAgo(params string[] users)
    {
        foreach (var user in users)
        {
            World.Store.LastSeen[new(user)] = new(new(user), World.Now.AddSeconds(-5), Connected: true);
        }
    }
}
