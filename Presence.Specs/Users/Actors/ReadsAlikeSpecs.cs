using Presence.Actors.Users;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Users.Actors;

/// <summary>Who is told that there is nothing to see can't tell why, by the time that it takes either.</summary>
public sealed class ReadsAlikeSpecs : ActorSpec
{
    private static readonly UserId Ann = new("ann");
    private static readonly UserId Eve = new("eve");

    public ReadsAlikeSpecs()
    {
        World.Ask(new SetPrivacy(Ann, new() { Blocked = [Eve] }));
        World.Connect("ann");
    }

    [Theory]
    [InlineData("ann")]
    [InlineData("nobody")]
    public void One_who_is_hidden_costs_a_read_of_the_store_each_time_as_one_nobody_heard_of_does(string user)
    {
        for (var time = 0; time < 3; time++)
        {
            var queries = World.Store.Queries.Count;

            World.Seen(user, "eve").ShouldBe(PresenceRecord.Unknown(new(user)));

            (World.Store.Queries.Count - queries).ShouldBe(1);
        }
    }

    [Fact]
    public void One_who_may_be_seen_does_not()
    {
        var queries = World.Store.Queries.Count;
        World.Seen("ann", "ben").OnlineStatus.ShouldBe(OnlineStatus.Online);
        World.Own("ann").OnlineStatus.ShouldBe(OnlineStatus.Online);
        World.Store.Queries.Count.ShouldBe(queries);
    }

    [Theory]
    [InlineData("ann")]
    [InlineData("nobody")]
    public void Neither_is_told_anything_of_while_the_store_is_out_of_reach(string user)
    {
        World.Store.Gate.IsDown = true;

        PresenceWorld.IsUnavailable(World.Ask(new GetPresence(new(user), Eve))).ShouldBeTrue();
        World.Store.Gate.IsDown = false;
        World.Seen(user, "eve").ShouldBe(PresenceRecord.Unknown(new(user)));
    }

    [Fact]
    public void What_is_answered_is_what_holds_then()
    {
        World.Store.Gate.Hold();
        World.AskNumbered(1, new GetPresence(Ann, Eve));
        World.Ask<PrivacyIs>(new SetPrivacy(Ann, PrivacyRule.Default));
        World.AnswerTo(1).ShouldBeNull();
        World.Asker.Forget();
        World.Store.Gate.Release();

        World.AnswerTo(1).ShouldBeOfType<PresenceIs>().Presence.OnlineStatus.ShouldBe(OnlineStatus.Online);
    }

    [Fact]
    public void An_entity_that_stops_meanwhile_says_so()
    {
        World.Store.Gate.Hold();
        World.AskNumbered(1, new GetPresence(Ann, Eve));
        World.Entity("ann").Tell(StopUser.Instance, Akka.Actor.ActorRefs.NoSender);

        PresenceWorld.IsUnavailable(World.AnswerTo(1)).ShouldBeTrue();
        World.Store.Gate.Release();
    }
}
