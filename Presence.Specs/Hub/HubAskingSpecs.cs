using Akka.Actor;
using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Specs.World;

namespace Presence.Specs.Hub;

/// <summary>What was not answered is asked again, less and less often; who can't be known concerns those alone who watch.</summary>
public sealed class HubAskingSpecs : ActorSpec
{
    // Nobody falls silent meanwhile.
    public HubAskingSpecs() => Options = new() { HeartbeatTimeout = TimeSpan.FromMinutes(10) };

    [Fact]
    public void A_watched_user_who_cannot_be_had_is_asked_for_less_and_less_often()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        World.Kill("ann");

        WhileLost("ann", () => World.Advance(120)).Count<Watch>().ShouldBeInRange(5, 12);
    }

    [Fact]
    public void A_socket_that_cannot_be_attached_again_is_told_less_and_less_often()
    {
        World.Connect("ann");
        World.Kill("ann");

        WhileLost("ann", () => World.Advance(120)).Count<AttachDevice>().ShouldBeInRange(5, 12);
    }

    [Fact]
    public void A_detach_that_nobody_answers_is_told_less_and_less_often()
    {
        var ann = World.Connect("ann");

        WhileLost(
                "ann",
                () =>
                {
                    ann.Ends();
                    World.Advance(120);
                }
            )
            .Count<DetachDevice>()
            .ShouldBeInRange(5, 12);
    }

    [Fact]
    public void When_one_of_them_is_heard_of_again_all_are_asked_for_at_once()
    {
        var bob = World.Connect("bob");
        foreach (var user in Enumerable.Range(0, 20))
        {
            World.Pair("bob", $"user-{user}");
        }

        var users = World.Users;
        World.Users = Recorder.In(Sys).Ref;
        World.Loader.Tell(new Actors.Loading.ContactsChanged([new("bob")]), World.Asker.Ref);
        World.Advance(200);
        World.Users = users;
        bob.CursorNow.Contacts.ShouldNotBe(Core.Sessions.Cursor.HashOf(World.Contacts.Of(new("bob"))));

        // The first that is due is found within the longest pause, and the others then.
        World.Advance(31);
        bob.CursorNow.Contacts.ShouldBe(Core.Sessions.Cursor.HashOf(World.Contacts.Of(new("bob"))));
    }

    [Fact]
    public void Who_waits_for_a_snapshot_has_those_whom_it_names_asked_for_every_few_seconds()
    {
        World.Pair("ann", "bob");
        var asked = WhileLost(
            "ann",
            () =>
            {
                World.Connect("bob");
                World.Advance(14);
            }
        );

        asked.Count<Watch>().ShouldBeGreaterThanOrEqualTo(7);
    }

    [Fact]
    public void A_user_who_cannot_be_had_holds_back_the_cursors_of_those_alone_who_watch()
    {
        World.Pair("ann", "bob");
        World.Pair("cyd", "dan");
        World.Connect("ann");
        World.Connect("cyd");
        var (bob, dan) = (World.Connect("bob"), World.Connect("dan"));
        World.Advance(1);
        var before = World.SeenUntil.Time;
        World.Kill("ann");
        WhileLost("ann", () => World.Advance(60));

        (World.SeenUntil.Time - before).ShouldBeGreaterThan(40_000_000);
        World.Connect("dan", resume: new(dan.Id.Value, dan.CursorNow)).IsResumed.ShouldBe(true);
        var resume = new ResumeRequest(bob.Id.Value, bob.CursorNow);
        World.Advance(40);
        World.Connect("bob", resume: resume).IsResumed.ShouldBe(false, "ann may have changed before her entity was lost");
    }

    [Fact]
    public void Once_known_again_a_user_holds_back_nobody()
    {
        World.Pair("ann", "bob");
        World.Connect("ann");
        var bob = World.Connect("bob");
        World.Kill("ann");
        WhileLost("ann", () => World.Advance(60));
        World.Advance(40);

        World.Connect("bob", resume: new(bob.Id.Value, bob.CursorNow)).IsResumed.ShouldBe(true);
    }

    [Fact]
    public void An_answer_from_before_the_hub_failed_answers_no_question_asked_after_it()
    {
        ExpectFault("NullReference");
        var old = World.Connect("ann");
        var before = WhileLost("ann", () => old.Says(new ChoosePresence(PresenceWorld.Update(null, "old")), "1"));
        World.Hub.Tell(new OpenConnection(null!));
        var ann = World.Connect("ann");
        var after = WhileLost("ann", () => ann.Says(new ChoosePresence(PresenceWorld.Update(null, "new")), "2"));
        after.Count<Request>().ShouldBe(1);
        ann.Answers.ShouldBeEmpty();

        foreach (var request in before.All<Request>())
        {
            World.Hub.Tell(new Answer(request.Number, new PresenceUpdated(World.Own("ann"))), ActorRefs.NoSender);
        }

        ann.Answers.ShouldBeEmpty();
    }

    /// <summary>What goes to that user's entity is lost; it is returned.</summary>
    private Recorder WhileLost(string user, Action act)
    {
        var region = World.Users;
        var lost = Recorder.In(Sys);
        World.Users = Recorder
            .In(
                Sys,
                forward: (message, sender) =>
                    (message is IWithUserId to && to.UserId.Value == user ? lost.Ref : region).Tell(message, sender)
            )
            .Ref;
        act();
        World.Users = region;
        return lost;
    }
}
