using Presence.Actors.Hub;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Hub;

/// <summary>What a client is told of its own user: all of it when it connects, whatever happened meanwhile, and each change from then on.</summary>
public sealed class OwnViewSpecs : ActorSpec
{
    /// <summary>How long after the break the change is made, in milliseconds: within the grace, after it, and near the end of the resume window.</summary>
    private static readonly int[] Moments =
    [
        0,
        1,
        20,
        50,
        199,
        200,
        201,
        1_000,
        1_999,
        2_000,
        2_001,
        5_000,
        9_000,
        9_999,
        10_000,
        10_001,
        15_000,
        40_000,
        60_000,
        110_000,
    ];

    public enum Change
    {
        ByAnotherDevice,
        ByHttp,
        ByItsEnd,
    }

    [Fact]
    public void A_client_that_connects_is_told_its_own_view_in_the_first_snapshot_and_only_there()
    {
        World.Choose("ann", OnlineStatus.Busy, "deep work");
        var ann = World.Connect("ann");
        ann.Says(new Subscribe([new("bob")]));

        ann.Selves.Count.ShouldBe(2);
        ann.Selves[0].ShouldBe(World.Own("ann"));
        ann.Selves[0]!.Owner!.SetStatus.ShouldBe(OnlineStatus.Busy);
        ann.Selves[1].ShouldBeNull();
    }

    [Theory]
    [InlineData(Change.ByAnotherDevice)]
    [InlineData(Change.ByHttp)]
    [InlineData(Change.ByItsEnd)]
    public void A_client_that_comes_back_is_told_what_changed_on_its_own_user_whenever_that_was(Change change)
    {
        foreach (var moment in Moments)
        {
            NewWorld();
            World.Pair("ann", "bob");
            World.Connect("bob");
            if (change == Change.ByItsEnd)
            {
                World.Choose("ann", OnlineStatus.Busy, "for a while", TimeSpan.FromMilliseconds(moment + 1));
            }

            var phone = World.Connect("ann", "phone");
            var laptop = World.Connect("ann", "laptop");
            laptop.Ends();
            World.Advance(TimeSpan.FromMilliseconds(moment));
            phone.LastHeard = World.Time.GetTimestamp();
            if (change == Change.ByAnotherDevice)
            {
                phone.Says(new ChoosePresence(PresenceWorld.Update(OnlineStatus.Busy, "set on phone")));
            }
            else if (change == Change.ByHttp)
            {
                World.Choose("ann", OnlineStatus.Busy, "set on phone");
            }

            World.Advance(0.1);
            var back = World.Connect("ann", "laptop", resume: laptop.ComesBack);

            back.IsResumed.ShouldBe(true, $"after {moment} ms");
            var self = back.Selves.ShouldHaveSingleItem().ShouldNotBeNull();
            self.CustomStatus.ShouldBe(change == Change.ByItsEnd ? null : "set on phone", $"after {moment} ms");
            self.ShouldBe(World.Own("ann"), $"after {moment} ms");
        }
    }

    [Fact]
    public void A_change_while_the_first_snapshot_waits_is_told_in_it_and_not_once_more()
    {
        World.Pair("ann", "bob");
        World.Own("ann");
        World.Store.Gate.Hold();
        var ann = World.Connect("ann");
        World.Choose("ann", OnlineStatus.Busy);
        ann.Words.Where(word => word != "flush").ShouldBe(["welcome"]);

        World.Store.Gate.Release();

        ann.Words.Where(word => word != "flush").ShouldBe(["welcome", "snapshot"]);
        ann.Selves.ShouldHaveSingleItem()!.OnlineStatus.ShouldBe(OnlineStatus.Busy);
        World.Choose("ann", OnlineStatus.Away);
        ann.Pushes.ShouldHaveSingleItem().OnlineStatus.ShouldBe(OnlineStatus.Away);
    }

    [Fact]
    public void A_client_that_wants_no_snapshot_is_told_what_changes_after_its_connect()
    {
        var ann = World.Connect("ann", snapshot: SnapshotKind.None);
        ann.Selves.ShouldBeEmpty();

        World.Choose("ann", OnlineStatus.Busy);

        ann.Pushes.ShouldHaveSingleItem().OnlineStatus.ShouldBe(OnlineStatus.Busy);
    }
}
