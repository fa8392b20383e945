using Presence.Actors.Identity;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Clocks;

/// <summary>Revocations hold until the tokens that they mean have ended, by the wall clock of those tokens.</summary>
public sealed class RevocationsAndClockSpecs : ActorSpec
{
    private static readonly UserId Ann = new("ann");

    [Fact]
    public void A_wall_clock_that_was_an_hour_ahead_for_a_while_lets_no_revoked_token_in_afterwards()
    {
        var store = new RevocationsInMemory();
        var issuedAt = World.Now;
        World.Advance(600);
        store.Add(new(Ann, null, null, World.Now, World.Now.AddMinutes(30)), CancellationToken.None);
        World.Advance(300);
        Sys.ActorOf(RevocationsActor.Props(World.Revocations, store, World.Hub));
        World.Revocations.Cover(Ann, null, null, issuedAt).ShouldBeTrue();

        World.SetClock(TimeSpan.FromHours(1));
        World.Advance(5);
        World.SetClock(-TimeSpan.FromHours(1));
        World.Advance(2);

        World.Revocations.Cover(Ann, null, null, issuedAt).ShouldBeTrue();
    }
}
