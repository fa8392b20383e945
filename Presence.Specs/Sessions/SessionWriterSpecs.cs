using Akka.Actor;
using Presence.Actors.Loading;
using Presence.Actors.Sessions;
using Presence.Actors.Users;
using Presence.Core.Sessions;
using Presence.Specs.World;

namespace Presence.Specs.Sessions;

/// <summary>Writing what belongs to sockets, beside a store that fails.</summary>
public sealed class SessionWriterSpecs : ActorSpec
{
    private static readonly Guid Connection = Guid.NewGuid();

    [Fact]
    public void While_the_store_is_down_changes_wait_and_are_written_in_their_order_when_it_is_back()
    {
        World.Sessions.Gate.IsDown = true;
        Change(null, 1, "bob");
        World.Advance(1);
        Change(1, 2, "cyd");
        World.Advance(1);
        World.Sessions.All.ShouldBeEmpty();

        World.Sessions.Gate.IsDown = false;
        World.Advance(2);

        World.Sessions.All.ShouldHaveSingleItem().Subscriptions.ShouldBe([new("bob"), new("cyd")], ignoreOrder: true);
    }

    [Fact]
    public void One_whose_outcome_is_not_known_is_written_again_with_what_came_since()
    {
        World.Sessions.Gate.Hold();
        Change(null, 1, "bob");
        World.Advance(0.5);
        Change(1, 2, "cyd");
        // It was stored, and nobody was told.
        World.Sessions.Gate.IsDown = true;
        World.Sessions.Gate.Release();
        World.Sessions.Gate.IsDown = false;
        World.Advance(2);

        var stored = World.Sessions.All.ShouldHaveSingleItem();
        stored.Sequence.ShouldBe(2);
        stored.Subscriptions.ShouldBe([new("bob"), new("cyd")], ignoreOrder: true);
    }

    [Fact]
    public void Of_one_who_is_dropped_nothing_is_written_after_the_answer()
    {
        World.Sessions.Gate.Hold();
        Change(null, 1, "bob");
        World.Advance(0.5);
        Change(1, 2, "cyd");
        World.SessionWriter.Tell(new DropUser(new("ann"), new(World.Asker.Ref, null)));
        World.Asker.Count<Done>().ShouldBe(0);
        World.Sessions.Gate.IsDown = true;
        World.Sessions.Gate.Release();
        World.Asker.Only<Done>();

        World.Sessions.Gate.IsDown = false;
        World.Sessions.Clear();
        World.Advance(5);
        World.Sessions.All.ShouldBeEmpty();
    }

    private void Change(long? from, long to, string added) =>
        World.SessionWriter.Tell(
            new WriteSession(
                new(
                    new("ann"),
                    new("phone"),
                    from is { } sequence ? new(Connection, sequence) : null,
                    new(Connection, to),
                    new Dictionary<SessionEntry, bool> { [new(SessionEntryKind.Subscription, added)] = true },
                    World.Now
                )
            ),
            ActorRefs.NoSender
        );
}
