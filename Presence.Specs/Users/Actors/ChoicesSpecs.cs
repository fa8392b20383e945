using Presence.Actors.Conversations;
using Presence.Actors.Users;
using Presence.Core.Json;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;
using TypeIn = Presence.Actors.Users.Type;

namespace Presence.Specs.Users.Actors;

/// <summary>What a person sets by hand, and who is told of it.</summary>
public sealed class ChoicesSpecs : ActorSpec
{
    private readonly FakeHub _hub;

    public ChoicesSpecs()
    {
        _hub = FakeHub.In(World);
    }

    [Fact]
    public void A_status_set_by_hand_holds_over_devices_and_reconnects_until_it_is_set_to_online()
    {
        var phone = _hub.Attach("ann", "phone");
        World.Choose("ann", OnlineStatus.Busy).ShouldBeOfType<PresenceUpdated>().Own.Owner!.SetStatus.ShouldBe(OnlineStatus.Busy);
        _hub.Attach("ann", "laptop");
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Busy);

        _hub.Detach("ann", "phone", phone);
        World.Ask<Done>(new RemoveDevice(new("ann"), new("laptop")));
        World.Advance(Options.OfflineGrace);
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);

        _hub.Attach("ann", "phone");
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Busy);
        World.Choose("ann", OnlineStatus.Online);
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Online);
    }

    [Fact]
    public void A_status_set_by_hand_holds_over_a_restart()
    {
        World.Choose("ann", OnlineStatus.Busy, "in a meeting");
        World.Kill("ann");
        _hub.Attach("ann", "phone");

        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Busy);
        World.Seen("ann").CustomStatus.ShouldBe("in a meeting");
    }

    [Fact]
    public void What_was_set_with_an_expiry_ends_at_its_time_and_that_is_pushed()
    {
        _hub.Attach("ann", "phone");
        World.Ask<PresenceUpdated>(
            new UpdatePresence(new("ann"), new(OnlineStatus.Busy, new("lunch"), new("eating"), null, TimeSpan.FromSeconds(60)), null, null)
        );
        _hub.Watch("ann");
        World.Advance(59.999);
        World.Seen("ann").CustomStatus.ShouldBe("lunch");
        _hub.ToldOf("ann").ShouldBe(["busy"]);

        World.Advance(0.001);
        _hub.ToldOf("ann").ShouldBe(["busy", "online"]);
        var after = _hub.LastOf("ann");
        (after.CustomStatus, after.Activity, after.ExpiresAt).ShouldBe((null, null, null));
        _hub.All<OwnPresenceChanged>().Last().Own.Owner!.SetStatus.ShouldBeNull();
    }

    [Fact]
    public void An_expiry_farther_off_than_a_timer_reaches_still_comes()
    {
        _hub.Attach("ann", "phone");
        World.Choose("ann", OnlineStatus.Busy, expiresIn: TimeSpan.FromDays(45));
        World.Advance(TimeSpan.FromDays(44.9));
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Busy);

        World.Advance(TimeSpan.FromDays(0.2));
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Online);
    }

    [Fact]
    public void An_invisible_user_is_never_told_as_anything_but_offline_and_its_record_does_not_move()
    {
        _hub.Watch("ann");
        World.Choose("ann", OnlineStatus.Invisible, "secret");
        var phone = _hub.Attach("ann", "phone");
        World.Choose("ann", null, "more secrets");
        _hub.Heard("ann", "phone", phone, active: false);
        _hub.Detach("ann", "phone", phone);
        World.Advance(Options.OfflineGrace + TimeSpan.FromSeconds(1));
        _hub.Attach("ann", "phone");

        _hub.ToldOf("ann").ShouldAllBe(status => status == "offline");
        _hub.All<PresenceChanged>()
            .ShouldAllBe(changed => changed.Presence.CustomStatus == null && changed.Presence.Version == _hub.LastOf("ann").Version);
        World.Own("ann").OnlineStatus.ShouldBe(OnlineStatus.Invisible);
        World.Own("ann").CustomStatus.ShouldBe("more secrets");
    }

    [Fact]
    public void Becoming_invisible_while_connected_looks_like_going_offline_now()
    {
        _hub.Attach("ann", "phone");
        _hub.Watch("ann");
        World.Choose("ann", OnlineStatus.Invisible);
        var held = _hub.LastOf("ann");
        held.OnlineStatus.ShouldBe(OnlineStatus.Offline);
        // As of one who left, and is offline now that the grace is over.
        held.LastSeenAt.ShouldBe(World.Now - Options.OfflineGrace);
        held.UpdatedAt.ShouldBe(World.Now);

        World.Advance(30);
        World.Choose("ann", null, "held back");
        World.Seen("ann").ShouldBe(held);
        World.Choose("ann", OnlineStatus.Online);
        _hub.ToldOf("ann").ShouldBe(["online", "offline", "online"]);
        _hub.LastOf("ann").CustomStatus.ShouldBe("held back");
        _hub.LastOf("ann").Version.ShouldBeGreaterThan(held.Version);
    }

    [Fact]
    public void The_connection_that_caused_a_change_is_named_to_the_hubs_of_the_users_own_devices()
    {
        var phone = _hub.Attach("ann", "phone");
        World.Ask<PresenceUpdated>(new UpdatePresence(new("ann"), PresenceWorld.Update(OnlineStatus.Busy), null, phone));
        _hub.Last<OwnPresenceChanged>().Cause.ShouldBe(phone);

        World.Choose("ann", OnlineStatus.Away);
        _hub.Last<OwnPresenceChanged>().Cause.ShouldBeNull();
    }

    [Fact]
    public void Two_quick_updates_hold_in_their_order()
    {
        _hub.Attach("ann", "phone");
        _hub.Watch("ann");
        World.Journal.Writes = JournalMood.Hangs;
        World.AskNumbered(1, new UpdatePresence(new("ann"), PresenceWorld.Update(OnlineStatus.Busy), null, null));
        World.AskNumbered(2, new UpdatePresence(new("ann"), PresenceWorld.Update(OnlineStatus.Away), null, null));
        World.Journal.Release();

        _hub.ToldOf("ann").ShouldBe(["online", "busy", "away"]);
        World.AnswerTo(1).ShouldBeOfType<PresenceUpdated>().Own.OnlineStatus.ShouldBe(OnlineStatus.Busy);
        World.AnswerTo(2).ShouldBeOfType<PresenceUpdated>().Own.OnlineStatus.ShouldBe(OnlineStatus.Away);
    }

    [Fact]
    public void A_refused_update_names_its_fault_and_changes_nothing()
    {
        World.Choose("ann", OnlineStatus.Busy, expiresIn: TimeSpan.Zero).ShouldBeOfType<Refused>().Refusal.Code.ShouldBe("invalid_payload");
        World.Journal.SequenceOf(new("ann")).ShouldBe(0);
    }

    [Fact]
    public void A_changed_rule_is_told_with_a_higher_version_and_read_back_whole()
    {
        _hub.Attach("ann", "phone");
        _hub.Watch("ann");
        var before = _hub.Last<PresenceChanged>();
        var rule = new PrivacyRule
        {
            OnlineStatusVisibility = Visibility.Nobody,
            TypingIndicatorsEnabled = false,
            Blocked = [new("bob")],
        };
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), rule)).Rule.ShouldBe(rule);

        _hub.Last<PresenceChanged>().Rule.ShouldBe(rule);
        _hub.Last<PresenceChanged>().Version.ShouldBeGreaterThan(before.Version);
        World.Seen("ann").ShouldBe(PresenceRecord.Unknown(new("ann")));
        World.Kill("ann");
        World.Ask<PrivacyIs>(new GetPrivacy(new("ann"))).Rule.ShouldBe(rule);
    }

    [Fact]
    public void Typing_carries_the_typists_rule_and_none_where_nobody_may_be_told()
    {
        var conversations = Recorder.In(Sys);
        World.Conversations = conversations.Ref;
        Types("ann");
        conversations.Last<SetTyping>().Command.Rule.ShouldBe(PrivacyRule.Default);

        World.Choose("ann", OnlineStatus.Invisible);
        Types("ann");
        conversations.Last<SetTyping>().Command.Rule.ShouldBeNull();

        World.Choose("ann", OnlineStatus.Online);
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new() { TypingIndicatorsEnabled = false }));
        Types("ann");
        conversations.Last<SetTyping>().Command.Rule.ShouldBeNull();
    }

    [Fact]
    public void Typing_ends_where_the_typist_becomes_invisible_or_changes_the_rule()
    {
        var conversations = Recorder.In(Sys);
        World.Conversations = conversations.Ref;
        Types("ann");
        World.Choose("ann", OnlineStatus.Invisible);
        conversations.Only<EndTyping>().ShouldBe(new EndTyping(new("room"), new("ann"), null));

        World.Choose("ann", OnlineStatus.Online);
        Types("ann");
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new() { Blocked = [new("bob")] }));
        conversations.Count<EndTyping>().ShouldBe(2);

        Types("ann");
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new() { Blocked = [new("bob")] }));
        conversations.Count<EndTyping>().ShouldBe(2, "the same rule again ends nothing");
    }

    [Fact]
    public void A_viewer_sees_by_the_users_rule_and_contacts()
    {
        World.Pair("ann", "bob");
        _hub.Attach("ann", "phone");
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new() { OnlineStatusVisibility = Visibility.Contacts }));

        World.Seen("ann", "bob").OnlineStatus.ShouldBe(OnlineStatus.Online);
        World.Seen("ann", "eve").ShouldBe(PresenceRecord.Unknown(new("ann")));
        World.Ask<PresenceIs>(new GetPresence(new("ann"), null)).Presence.Owner.ShouldNotBeNull();
        World.Ask<Explanation>(new Explain(new("ann"), new("eve"))).Rule.ShouldBe("visibility");
        World.Ask<Explanation>(new Explain(new("ann"), new("eve"))).Visible.ShouldBeFalse();
        World.Ask<Explanation>(new Explain(new("ann"), new("bob"))).Visible.ShouldBeTrue();
    }

    private void Types(string user) =>
        World.Users.Tell(new TypeIn(new(user), new TypingRequest(new("room"), IsTyping: true), new("phone"), null), World.Asker.Ref);
}
