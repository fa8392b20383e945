using Presence.Core.Errors;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Hub;

/// <summary>Who is seen to go when: after a goodbye, after silence, and from a node that is itself about to go.</summary>
public sealed class LeavingSpecs : ActorSpec
{
    [Fact]
    public void A_silent_device_was_last_seen_when_it_was_last_heard()
    {
        // When its last frame comes, in seconds after its connect: around the moments in which the entity is told.
        foreach (var last in new[] { 0, 0.1, 1, 5, 10, 20, 29, 29.9, 30, 30.1, 31, 45, 59, 60, 61, 75, 89, 100, 150, 200 })
        {
            NewWorld();
            World.Pair("ann", "bob");
            var bob = World.Connect("bob");
            var ann = World.Connect("ann");
            for (var now = 0.0; now < last; now += 0.5)
            {
                World.Advance(Math.Min(0.5, last - now));
                ann.LastHeard = bob.LastHeard = World.Time.GetTimestamp();
            }

            var heardAt = World.Now;
            while (bob.Closed is null)
            {
                World.Advance(1);
                ann.LastHeard = World.Time.GetTimestamp();
            }

            bob.Closed.ShouldBe(CloseReason.HeartbeatMissed);
            World.Advance(Options.OfflineGrace + TimeSpan.FromSeconds(1));
            var seen = ann.View[new("bob")];
            seen.OnlineStatus.ShouldBe(OnlineStatus.Offline, $"{last} s");
            (seen.LastSeenAt!.Value - heardAt).Duration().ShouldBeLessThan(TimeSpan.FromMilliseconds(10), $"{last} s");
            World.Store.LastSeen[new("bob")].ShouldBe(new LastSeen(new("bob"), seen.LastSeenAt.Value, Connected: false));
        }
    }

    [Fact]
    public void Nobody_is_told_as_gone_who_was_sent_away_by_a_node_that_is_about_to_go()
    {
        var random = new Random(14);
        for (var round = 0; round < 20; round++)
        {
            NewWorld();
            var others = Enumerable.Range(0, 10).Select(number => $"u{number}").ToArray();
            World.Pair("ann", others);
            var sockets = others.Select(other => World.Connect(other)).ToList();
            var ann = World.Connect("ann");
            ann.ForgetGiven();
            // One had lost its connection a moment before, and can't come back.
            sockets[0].Ends();
            World.Advance(random.NextDouble() * 9);
            World.Standing.Leave();
            foreach (var socket in sockets.Skip(1))
            {
                socket.Ends(CloseReason.Restart);
                World.Advance(random.NextDouble() * 2);
            }

            World.Advance(random.NextDouble() * 30);
            ann.Pushes.ShouldBeEmpty($"round {round}");
            ann.Ends(CloseReason.Restart);

            // It goes, and what it leaves says that they were there: the next one presumes so.
            others.ToList().ForEach(World.Kill);
            World.Advance(1);
            World.Store.LastSeen.Values.ShouldAllBe(seen => seen.Connected);
        }
    }

    [Fact]
    public void Who_said_goodbye_is_told_as_gone_by_a_node_that_is_about_to_go_too()
    {
        World.Pair("ann", "bob", "cyd");
        var bob = World.Connect("bob");
        var cyd = World.Connect("cyd");
        var ann = World.Connect("ann");
        World.Standing.Leave();
        cyd.Ends(CloseReason.Restart);
        bob.Ends(CloseReason.Normal);
        World.Advance(Options.OfflineGrace + TimeSpan.FromSeconds(1));

        ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Offline);
        ann.View[new("cyd")].OnlineStatus.ShouldBe(OnlineStatus.Online);
    }

    [Fact]
    public void Who_is_presumed_to_come_back_is_not_told_as_gone_by_a_node_that_is_about_to_go()
    {
        World.Pair("ann", "bob");
        World.Store.LastSeen[new("bob")] = new(new("bob"), World.Now.AddSeconds(-5), Connected: true);
        var ann = World.Connect("ann");
        World.Advance(5);
        World.Standing.Leave();
        World.Advance(20);

        ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Online);
    }

    [Fact]
    public void A_client_that_came_back_elsewhere_and_leaves_there_is_told_as_gone()
    {
        World.Pair("ann", "bob");
        var bob = World.Connect("bob");
        var ann = World.Connect("ann");
        World.Standing.Leave();
        bob.Ends(CloseReason.Restart);
        var elsewhere = FakeHub.In(World);
        var connection = elsewhere.Attach("bob", "phone");
        elsewhere.Detach("bob", "phone", connection, goodbye: true);
        World.Advance(Options.OfflineGrace + TimeSpan.FromSeconds(1));

        ann.View[new("bob")].OnlineStatus.ShouldBe(OnlineStatus.Offline);
    }
}
