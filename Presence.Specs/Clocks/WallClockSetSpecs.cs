using Presence.Actors.Conversations;
using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Clocks;

/// <summary>Somebody sets the wall clock of a node, by an hour or so: nothing that is counted in time notices, and what has a time of day ends at that time.</summary>
public sealed class WallClockSetSpecs : ActorSpec
{
    private static readonly TimeSpan Back = -TimeSpan.FromHours(1);
    private static readonly UserId Bob = new("bob");
    private static readonly ConversationId Room = new("room");

    [Fact]
    public void Set_back_no_change_is_refused_for_an_hour()
    {
        World.Choose("bob", OnlineStatus.Busy);
        World.SetClock(Back);

        World.Choose("bob", OnlineStatus.Away).ShouldBeOfType<PresenceUpdated>();
        World.Ask<PrivacyIs>(new SetPrivacy(Bob, new() { Blocked = [new("ann")] }));
    }

    [Fact]
    public void Set_back_no_typing_is_refused_for_an_hour()
    {
        World.Participants.Set(Room, Bob);
        World.Connect("bob");
        Type(isTyping: true).ShouldBeOfType<TypingAccepted>();
        World.SetClock(Back);

        Type(isTyping: false).ShouldBeOfType<TypingAccepted>();
    }

    [Fact]
    public void Set_back_typing_ends_after_its_time_and_is_said_to()
    {
        World.Participants.Set(Room, new("ann"), Bob);
        var ann = World.Connect("ann");
        World.Connect("bob");
        World.Pair("ann", "bob");
        Type(isTyping: true);
        World.SetClock(Back);

        var said = World.Ask<TypingIs>(new GetTyping(Room, null, new HashSet<UserId>()));
        World.Advance(Options.TypingTtl + TimeSpan.FromSeconds(1));

        said.Typists.ShouldHaveSingleItem().EndsIn.ShouldBeLessThanOrEqualTo(Options.TypingTtl);
        ann.Typing.Select(push => push.IsTyping).ShouldBe([true, false]);
        World.Ask<TypingIs>(new GetTyping(Room, null, new HashSet<UserId>())).Typists.ShouldBeEmpty();
    }

    [Fact]
    public void Set_back_who_comes_back_is_told_what_changed_meanwhile()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        var before = World.Connect("ann");
        World.Advance(2);
        World.SetClock(Back);
        World.Advance(2);
        var resume = new ResumeRequest(before.Id.Value, before.CursorNow);
        before.Ends();
        World.Choose("bob", OnlineStatus.Busy);

        var ann = World.Connect("ann", resume: resume);

        ann.IsResumed.ShouldBe(true);
        ann.View[Bob].OnlineStatus.ShouldBe(OnlineStatus.Busy);
    }

    [Fact]
    public void Set_back_cursors_go_on()
    {
        var ann = World.Connect("ann");
        World.Advance(2);
        World.SetClock(Back);
        var cursor = ann.CursorNow.Time;
        World.Advance(2);

        ann.CursorNow.Time.ShouldBeGreaterThan(cursor);
    }

    [Fact]
    public void Set_back_an_event_without_a_ttl_reaches_a_socket_that_was_opened_before()
    {
        var ann = World.Connect("ann");
        World.SetClock(Back);

        World.Post("e1", "ann");

        ann.Events.ShouldBe(["e1"]);
    }

    [Fact]
    public void Set_back_an_event_with_a_ttl_ends_when_that_is_over()
    {
        World.SetClock(Back);
        World.StoreEvent("short", "ann", TimeSpan.FromSeconds(60));
        World.StoreEvent("long", "ann", TimeSpan.FromSeconds(600));
        World.Advance(61);

        World.Connect("ann").Events.ShouldBe(["long"]);
    }

    [Fact]
    public void Set_back_no_version_goes_back_when_a_user_is_loaded_again()
    {
        World.Pair("ann", "bob");
        var bob = World.Connect("bob");
        World.Advance(20);
        bob.LastHeard = World.Time.GetTimestamp();
        bob.Ends();
        World.Advance(Options.OfflineGrace + TimeSpan.FromSeconds(1));
        var version = World.Seen("bob", "ann").Version;
        World.SetClock(Back);
        World.Advance(60);
        World.Passivated.ShouldContain("bob");

        World.Seen("bob", "ann").Version.ShouldBeGreaterThanOrEqualTo(version);
    }

    [Fact]
    public void Set_back_a_device_that_connects_again_is_not_taken_for_the_older_one()
    {
        World.Connect("bob");
        World.SetClock(Back);

        var again = World.Connect("bob");
        World.Advance(1);

        again.Closed.ShouldBeNull();
        World.Seen("bob").OnlineStatus.ShouldBe(OnlineStatus.Online);
    }

    [Fact]
    public void Set_back_a_user_whose_device_left_is_stored_as_gone()
    {
        var bob = World.Connect("bob");
        World.Advance(1);
        World.SetClock(Back);
        bob.Ends();
        World.Advance(Options.OfflineGrace + TimeSpan.FromSeconds(1));

        World.Store.LastSeen[Bob].Connected.ShouldBeFalse();
    }

    [Fact]
    public void Set_forward_a_status_whose_time_is_over_ends_at_once()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        var ann = World.Connect("ann");
        World.Choose("bob", OnlineStatus.Busy, expiresIn: TimeSpan.FromMinutes(10));
        World.SetClock(TimeSpan.FromMinutes(11));

        World.Advance(2);

        ann.View[Bob].OnlineStatus.ShouldBe(OnlineStatus.Online);
    }

    [Fact]
    public void Set_back_a_status_ends_at_its_time_of_day()
    {
        World.Pair("ann", "bob");
        World.Choose("bob", OnlineStatus.Busy, "until ten past", TimeSpan.FromMinutes(10));
        World.SetClock(-TimeSpan.FromMinutes(5));

        World.Advance(TimeSpan.FromMinutes(11));
        World.Own("bob").CustomStatus.ShouldBe("until ten past");
        World.Advance(TimeSpan.FromMinutes(5));

        World.Own("bob").CustomStatus.ShouldBeNull();
    }

    [Fact]
    public void Set_forward_and_back_a_status_of_a_second_ends_after_it()
    {
        World.Connect("bob");
        World.SetClock(-Back);
        World.Advance(2);
        World.SetClock(Back);
        World.Choose("bob", OnlineStatus.Busy, expiresIn: TimeSpan.FromSeconds(1));

        World.Advance(2);

        World.Own("bob").OnlineStatus.ShouldBe(OnlineStatus.Online);
    }

    private object? Type(bool isTyping) => World.Ask(new Actors.Users.Type(Bob, new(Room, isTyping), null, null));
}
