using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Users.Actors;

/// <summary>A user is erased: sockets, watchers, store, and what was on its way.</summary>
public sealed class ErasureSpecs : ActorSpec
{
    private static readonly UserId Ann = new("ann");

    public ErasureSpecs() => Options = new() { OfflineGrace = TimeSpan.FromSeconds(10) };

    [Fact]
    public void Its_sockets_close_with_4403_and_its_watchers_see_offline_at_once_above_all_that_they_were_told()
    {
        World.Pair("ann", "ben");
        var ben = World.Connect("ben");
        var cleo = World.Connect("cleo");
        cleo.Says(new Subscribe([Ann]));
        var phone = World.Connect("ann");
        var listener = World.Listen("ann");
        World.Choose("ann", OnlineStatus.Busy, "a secret");
        var told = cleo.View[Ann];

        Erase().ShouldBeOfType<Done>();

        phone.Closed.ShouldBe(CloseReason.Forbidden);
        listener.Closed.ShouldBe(CloseReason.Forbidden);
        foreach (var watcher in new[] { ben, cleo })
        {
            var view = watcher.View[Ann];
            (view with { Version = 0, UpdatedAt = PresenceRecord.Unknown(Ann).UpdatedAt }).ShouldBe(PresenceRecord.Unknown(Ann));
            view.Version.ShouldBeGreaterThan(told.Version);
        }
    }

    [Fact]
    public void Afterwards_it_reads_like_one_never_seen_on_every_channel()
    {
        var cleo = World.Connect("cleo");
        cleo.Says(new Subscribe([Ann]));
        World.Connect("ann");
        World.Choose("ann", OnlineStatus.Busy, "a secret");
        World.Ask(new SetPrivacy(Ann, new() { Blocked = [new("eve")] }));
        Erase();

        ReadsLikeNobody();
        // Also when its entity begins anew, whatever the hubs remember.
        World.Kill("ann");
        World.Advance(3);
        ReadsLikeNobody();
        World.Advance(60);
        ReadsLikeNobody();

        void ReadsLikeNobody()
        {
            World.Seen("ann").ShouldBe(PresenceRecord.Unknown(Ann));
            World.Ask<PresenceIs>(new GetPresence(Ann, null)).Presence.ShouldBe(PresenceRecord.Unknown(Ann) with { Owner = new(null) });
            World.Ask<PrivacyIs>(new GetPrivacy(Ann)).Rule.ShouldBe(PrivacyRule.Default);
            World.Ask<DevicesAre>(new GetDevices(Ann, All: true)).Devices.ShouldBeEmpty();
            cleo.ForgetGiven();
            cleo.Says(new Subscribe([Ann]));
            cleo.Snapshots.ShouldHaveSingleItem().ShouldBe([PresenceRecord.Unknown(Ann)]);
        }
    }

    [Fact]
    public void A_new_life_begins_empty_and_its_versions_are_above_what_was_told_of_the_one_before()
    {
        var cleo = World.Connect("cleo");
        cleo.Says(new Subscribe([Ann]));
        World.Connect("ann");
        World.Choose("ann", OnlineStatus.Busy, "a secret");
        Erase();
        var told = cleo.View[Ann].Version;

        // In the same moment, by a clock that stands.
        World.Connect("ann");

        cleo.View[Ann].OnlineStatus.ShouldBe(OnlineStatus.Online);
        cleo.View[Ann].CustomStatus.ShouldBeNull();
        cleo.View[Ann].Version.ShouldBeGreaterThan(told);
        World.Choose("ann", OnlineStatus.Away).ShouldBeOfType<PresenceUpdated>();
        World.Journal.SequenceOf(Ann).ShouldBe(1);
        World.Advance(1);
        World.Kill("ann");
        World.Advance(1);
        World.Own("ann").Owner!.SetStatus.ShouldBe(OnlineStatus.Away);
    }

    [Fact]
    public void Who_saw_nothing_is_pushed_nothing()
    {
        World.Ask(new SetPrivacy(Ann, new() { Blocked = [new("eve")] }));
        var eve = World.Connect("eve");
        var cleo = World.Connect("cleo");
        eve.Says(new Subscribe([Ann, new("nobody")]));
        cleo.Says(new Subscribe([Ann]));
        World.Connect("ann");
        eve.ForgetGiven();

        Erase();

        cleo.View[Ann].OnlineStatus.ShouldBe(OnlineStatus.Offline);
        eve.Pushes.ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_written_of_it_afterwards_whatever_waited()
    {
        World.Connect("ann");
        World.Choose("ann", OnlineStatus.Busy, "a secret");
        // All that is still with the writer.
        World.Store.Profiles.ShouldBeEmpty();

        Erase().ShouldBeOfType<Done>();
        World.Advance(30);

        World.Store.Profiles.ShouldBeEmpty();
        World.Store.LastSeen.ShouldBeEmpty();
        World.Store.Known.ShouldBeEmpty();
        World.Sessions.All.ShouldBeEmpty();
        World.Journal.SequenceOf(Ann).ShouldBe(0);
    }

    [Fact]
    public void A_write_that_is_under_way_is_waited_for()
    {
        World.Connect("ann");
        World.Store.Gate.Hold();
        World.Advance(0.5);

        Erase().ShouldBeNull();
        World.Archive.Asked.ShouldBeEmpty();

        World.Asker.Forget();
        World.Store.Gate.Release();
        World.Asker.Only<Done>();
        World.Advance(5);
        World.Store.Known.ShouldBeEmpty();
        World.Store.LastSeen.ShouldBeEmpty();
    }

    [Fact]
    public void A_write_under_way_that_fails_is_not_tried_again()
    {
        World.Connect("ann");
        World.Store.Gate.IsDown = true;
        World.Advance(0.5);
        World.Store.Gate.IsDown = false;

        Erase().ShouldBeOfType<Done>();
        World.Advance(5);

        World.Store.Known.ShouldBeEmpty();
        World.Store.LastSeen.ShouldBeEmpty();
    }

    [Fact]
    public void A_choice_that_the_journal_is_writing_is_refused_and_erased_too()
    {
        World.Choose("ann", OnlineStatus.Busy);
        World.Journal.Writes = JournalMood.Hangs;
        World.AskNumbered(1, new UpdatePresence(Ann, PresenceWorld.Update(OnlineStatus.Away, "a secret"), null, null));

        World.AskNumbered(2, new EraseUser(Ann));
        PresenceWorld.IsUnavailable(World.AnswerTo(1)).ShouldBeTrue();
        World.AnswerTo(2).ShouldBeNull();
        World.Journal.Release();

        World.AnswerTo(2).ShouldBe(Done.Instance);
        World.Journal.SequenceOf(Ann).ShouldBe(0);
        World.Advance(5);
        World.Store.Profiles.ShouldBeEmpty();
        World.Own("ann").CustomStatus.ShouldBeNull();
    }

    [Fact]
    public void What_comes_meanwhile_waits_and_finds_a_user_never_seen()
    {
        World.Connect("ann");
        World.Choose("ann", OnlineStatus.Busy, "a secret");
        World.Archive.Gate.Hold();
        Erase();

        World.AskNumbered(1, new GetPresence(Ann, new("ben")));
        World.AskNumbered(2, new UpdatePresence(Ann, PresenceWorld.Update(null, "anew"), null, null));
        World.AnswerTo(1).ShouldBeNull();
        World.Archive.Gate.Release();

        World.AnswerTo(1).ShouldBe(new PresenceIs(PresenceRecord.Unknown(Ann)));
        World.AnswerTo(2).ShouldBeOfType<PresenceUpdated>().Own.CustomStatus.ShouldBe("anew");
        World.Journal.SequenceOf(Ann).ShouldBe(1);
    }

    [Fact]
    public void What_its_sockets_still_ask_for_begins_no_new_life()
    {
        var phone = World.Connect("ann");
        World.Store.Gate.Hold();
        World.Advance(0.5);
        World.AskNumbered(1, new EraseUser(Ann));
        // The hub has not closed them yet, or the message was on its way.
        World.AskNumbered(2, new UpdatePresence(Ann, PresenceWorld.Update(null, "a secret"), null, phone.Id));
        World.Users.Tell(
            new AttachDevice(Ann, new("laptop"), ConnectionId.New(), phone.Info, true, World.SharedNow, false, default),
            World.Hub
        );

        PresenceWorld.IsUnavailable(World.AnswerTo(2)).ShouldBeTrue();
        World.Store.Gate.Release();
        World.AnswerTo(1).ShouldBe(Done.Instance);
        World.Advance(5);
        World.Seen("ann").ShouldBe(PresenceRecord.Unknown(Ann));
        World.Store.Known.ShouldBeEmpty();
    }

    [Fact]
    public void Two_who_ask_at_once_are_both_told_and_it_is_done_once()
    {
        World.Connect("ann");
        World.Archive.Gate.Hold();
        World.AskNumbered(1, new EraseUser(Ann));
        World.AskNumbered(2, new EraseUser(Ann));
        World.Archive.Gate.Release();

        World.AnswerTo(1).ShouldBe(Done.Instance);
        World.AnswerTo(2).ShouldBe(Done.Instance);
        World.Archive.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public void A_store_out_of_reach_erases_nothing_says_so_and_the_next_try_finishes_it()
    {
        var cleo = World.Connect("cleo");
        cleo.Says(new Subscribe([Ann]));
        World.Connect("ann");
        World.Choose("ann", OnlineStatus.Busy, "a secret");
        World.Archive.Gate.IsDown = true;

        PresenceWorld.IsUnavailable(Erase()).ShouldBeTrue();
        World.Journal.SequenceOf(Ann).ShouldBe(1);
        World.Own("ann").CustomStatus.ShouldBe("a secret");

        World.Archive.Gate.IsDown = false;
        Erase().ShouldBeOfType<Done>();
        World.Advance(20);
        World.Seen("ann").ShouldBe(PresenceRecord.Unknown(Ann));
        cleo.View[Ann].OnlineStatus.ShouldBe(OnlineStatus.Offline);
        cleo.View[Ann].CustomStatus.ShouldBeNull();
    }

    [Fact]
    public void Who_had_it_as_a_contact_has_it_no_more()
    {
        World.Pair("ann", "ben");
        World.Connect("ann");
        var ben = World.Connect("ben");
        World.Participants.Set(new("room"), Ann, new("ben"));
        Erase();
        ben.ForgetGiven();

        World.Connect("ann");

        ben.Pushes.ShouldBeEmpty();
        World.Contacts.Of(new("ben")).ShouldBeEmpty();
        World.Ask(new GetTypingSeenBy(Ann, new("room"))).ShouldBeOfType<Refused>().Refusal.Code.ShouldBe(ErrorCodes.NotAParticipant);
    }

    [Fact]
    public void Erasing_somebody_whom_nobody_heard_of_is_done_too()
    {
        Erase().ShouldBeOfType<Done>();
        Erase().ShouldBeOfType<Done>();
    }

    [Fact]
    public void A_subscriber_that_was_away_meanwhile_is_not_left_with_what_it_saw()
    {
        var cleo = World.Connect("cleo");
        cleo.Says(new Subscribe([Ann]));
        World.Connect("ann");
        World.Advance(1);
        var back = new ResumeRequest(cleo.Id.Value, cleo.CursorNow);
        cleo.Ends();
        Erase();
        World.Advance(1);

        World.Connect("cleo", resume: back).IsResumed.ShouldBe(false);
    }

    [Fact]
    public void Whether_somebody_is_hidden_or_was_never_seen_is_not_told_by_coming_back_either()
    {
        World.Ask(new SetPrivacy(Ann, new() { Blocked = [new("eve")] }));
        World.Connect("ann");
        World.Advance(1);
        foreach (var user in new[] { "ann", "nobody" })
        {
            var eve = World.Connect("eve", $"phone-{user}");
            eve.Says(new Subscribe([new(user)]));
            World.Advance(1);
            var back = new ResumeRequest(eve.Id.Value, eve.CursorNow);
            eve.Ends();
            World.Advance(1);

            World.Connect("eve", $"phone-{user}", resume: back).IsResumed.ShouldBe(false, user);
        }
    }

    private object? Erase() => World.Ask(new EraseUser(Ann));
}
