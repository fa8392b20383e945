using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Hub;

/// <summary>A connection that broke between what was on its way to its client and the client: each of these once came back as resumed, with a gap.</summary>
public sealed class HubResumeGapSpecs : ActorSpec
{
    private static readonly UserId Bob = new("bob");

    [Fact]
    public void Who_had_no_snapshot_yet_of_whom_it_subscribed_to_is_told_everything()
    {
        World.Connect("bob");
        var before = World.Connect("ann");
        World.Store.Gate.Hold();
        World.Kill("bob");
        before.Says(new Subscribe([Bob]));

        ComesBack(before, meanwhile: World.Store.Gate.Release).IsResumed.ShouldBe(false);
    }

    [Fact]
    public void Who_has_a_cursor_from_before_its_subscriptions_is_told_of_all_of_them()
    {
        World.Connect("bob");
        World.Connect("cyd");
        World.Advance(1);
        var before = World.Connect("ann");
        var resume = before.ComesBack;
        before.Says(new Subscribe([Bob, new("cyd")]));
        World.Advance(1);
        before.Ends();

        var ann = World.Connect("ann", resume: resume);

        ann.IsResumed.ShouldBe(true);
        ann.Snapshots.ShouldHaveSingleItem().Select(record => record.UserId.Value).Order().ShouldBe(["bob", "cyd"]);
        World.Choose("bob", OnlineStatus.Busy);
        ann.View[Bob].OnlineStatus.ShouldBe(OnlineStatus.Busy);
    }

    [Fact]
    public void Who_got_a_contact_that_was_not_known_yet_is_told_everything()
    {
        var before = World.Connect("ann");
        World.Pair("ann", "bob");
        World.Store.Gate.Hold();
        World.ContactsChanged("ann", "bob");

        ComesBack(before, meanwhile: World.Store.Gate.Release).IsResumed.ShouldBe(false);
    }

    [Fact]
    public void Who_was_told_of_everybody_since_comes_back_as_ever()
    {
        var before = World.Connect("ann");
        World.Pair("ann", "bob");
        World.Store.Gate.Hold();
        World.ContactsChanged("ann", "bob");
        before.Says(new Subscribe([new("cyd")]));
        before.Says(new Unsubscribe([new("cyd")]));
        World.Store.Gate.Release();

        ComesBack(before).IsResumed.ShouldBe(true);
    }

    [Fact]
    public void Who_became_invisible_while_the_store_was_slow_is_told_to_be_offline_to_who_comes_back()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        var before = World.Connect("ann");
        World.Journal.Writes = JournalMood.Hangs;
        World.AskNumbered(1, new UpdatePresence(Bob, PresenceWorld.Update(OnlineStatus.Invisible), null, null));

        var ann = ComesBack(before, meanwhile: World.Journal.Release);

        ann.IsResumed.ShouldBe(true);
        ann.View[Bob].OnlineStatus.ShouldBe(OnlineStatus.Offline);
    }

    [Fact]
    public void Who_was_blocked_while_the_store_was_slow_does_not_keep_what_it_saw()
    {
        World.Pair("ann", "bob");
        World.Connect("bob");
        var before = World.Connect("ann");
        World.Journal.Writes = JournalMood.Hangs;
        World.AskNumbered(1, new SetPrivacy(Bob, new PrivacyRule { Blocked = [new("ann")] }));

        ComesBack(before, meanwhile: World.Journal.Release).IsResumed.ShouldBe(false);
    }

    [Fact]
    public void A_watched_conversation_out_of_reach_is_asked_for_again_and_the_client_is_told_of_no_error()
    {
        World.Participants.Set(new("room"), new("ann"), new("bob"));
        var before = World.Connect("ann");
        before.Says(new WatchConversation(new("room")));
        var conversations = World.Conversations;
        World.Conversations = Recorder.In(Sys).Ref;

        var second = ComesBack(ComesBack(before));
        World.Advance(20);
        second.IsResumed.ShouldBe(true);
        second.Answers.ShouldBeEmpty();
        World.Conversations = conversations;
        World.Advance(20);

        second.Answers.Select(answer => answer.Answer.GetType()).Distinct().ShouldBe([typeof(TypingSnapshotAnswer)]);
        World.Sessions.All.ShouldHaveSingleItem().Conversations.ShouldBe([new("room")]);
    }

    [Fact]
    public void A_conversation_whose_directory_is_down_is_watched_on_once_that_is_back()
    {
        World.Participants.Set(new("room"), new("ann"), new("bob"));
        var before = World.Connect("ann");
        before.Says(new WatchConversation(new("room")));
        // Its entity has gone to rest meanwhile.
        for (var minute = 0; minute < 3; minute++)
        {
            World.Advance(60);
            before.LastHeard = World.Time.GetTimestamp();
        }

        World.Participants.Gate.IsDown = true;

        var ann = ComesBack(before);
        World.Advance(3);
        ann.Answers.ShouldBeEmpty();
        World.Participants.Gate.IsDown = false;
        World.Advance(4);

        ann.Answers.Select(answer => answer.Answer.GetType()).Distinct().ShouldBe([typeof(TypingSnapshotAnswer)]);
    }

    /// <summary>With the cursor of a heartbeat a second later.</summary>
    private FakeConnection ComesBack(FakeConnection before, Action? meanwhile = null)
    {
        World.Advance(1);
        var resume = new ResumeRequest(before.Id.Value, before.CursorNow);
        before.Ends(CloseReason.Lost);
        meanwhile?.Invoke();
        return World.Connect("ann", resume: resume);
    }
}
