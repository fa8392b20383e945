using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.Support;
using static Presence.Specs.Support.Some;

namespace Presence.Specs.Users;

public sealed class UserStateSpecs
{
    private static UserState Online => Nobody().WithDevice(Phone, Active, At(1));

    [Fact]
    public void Who_was_never_seen_reads_like_who_does_not_exist()
    {
        Nobody().SeenBy(Ben, areContacts: true).ShouldBe(PresenceRecord.Unknown(Ann));
        Nobody().Choose(PrivacyRule.Default, At(1)).Seen.ShouldBe(PresenceRecord.Unknown(Ann));
        Nobody().Choose(PrivacyRule.Default, At(1)).Restart(At(2)).Seen.ShouldBe(PresenceRecord.Unknown(Ann));
    }

    [Fact]
    public void The_owner_view_of_who_was_never_seen_has_its_field_more() =>
        Nobody().SeenBy(Ann, false).ShouldBe(PresenceRecord.Unknown(Ann) with { Owner = new(null) });

    [Fact]
    public void Connecting_makes_online_with_the_time_as_version()
    {
        Online.Seen.ShouldBe(
            new PresenceRecord(Ann)
            {
                OnlineStatus = OnlineStatus.Online,
                Platforms = PlatformStatuses.From([new("web", OnlineStatus.Online)]),
                LastSeenAt = At(1),
                UpdatedAt = At(1),
                Version = (At(1) - DateTimeOffset.UnixEpoch).Ticks / 10,
            }
        );
    }

    [Fact]
    public void Falling_idle_makes_away_and_says_when()
    {
        var idle = Online.WithDevice(Phone, Idle, At(60));

        (idle.Seen.OnlineStatus, idle.Seen.UpdatedAt).ShouldBe((OnlineStatus.Away, At(60)));
    }

    [Fact]
    public void A_device_that_changes_nothing_moves_nothing()
    {
        var again = Online.WithDevice(Phone, Active, At(60));

        again.Seen.ShouldBe(Online.Seen);
        again.ChangesSince(Online).Any.ShouldBeFalse();
    }

    [Fact]
    public void A_reconnect_within_grace_is_seen_by_nobody()
    {
        var back = Online.WithDevice(Phone, Active.Gone(), At(60)).WithDevice(Phone, Active, At(65));

        back.ChangesSince(Online).Any.ShouldBeFalse();
    }

    [Fact]
    public void Grace_is_told_to_who_reads_and_is_no_change()
    {
        var grace = Online.WithDevice(Phone, Active.Gone(), At(60));

        grace.ChangesSince(Online).Any.ShouldBeFalse();
        grace.SeenBy(Ben, false).ShouldBe(Online.Seen with { Certainty = Certainty.Grace });
        grace.SeenBy(Ann, false).ShouldBe(Online.Own with { Certainty = Certainty.Grace, Owner = new(null) });
        grace.SeenBy(null, false).Certainty.ShouldBe(Certainty.Grace);
        grace.Seen.Certainty.ShouldBe(Certainty.Confirmed);
    }

    [Fact]
    public void Another_device_connected_leaves_no_doubt()
    {
        var one = Online.WithDevice(Laptop, Idle, At(30)).WithDevice(Phone, Active.Gone(), At(60));

        one.SeenBy(Ben, false).Certainty.ShouldBe(Certainty.Confirmed);
        one.Seen.OnlineStatus.ShouldBe(OnlineStatus.Online, "the phone counts as it was until its grace is over");
        one.WithoutDevice(Phone, At(60), At(70)).Seen.OnlineStatus.ShouldBe(OnlineStatus.Away);
    }

    [Fact]
    public void When_grace_is_over_the_user_is_offline_and_was_last_seen_when_the_connection_ended()
    {
        var offline = Online.WithDevice(Phone, Active.Gone(), At(60)).WithoutDevice(Phone, At(60), At(70));

        offline.Seen.ShouldBe(
            new PresenceRecord(Ann)
            {
                LastSeenAt = At(60),
                UpdatedAt = At(70),
                Version = Online.Version + 69_000_000,
            }
        );
    }

    [Fact]
    public void Last_seen_is_that_of_the_device_that_stayed_longest()
    {
        var both = Online.WithDevice(Laptop, Active, At(5)).WithDevice(Phone, Active.Gone(), At(60));

        var offline = both.WithoutDevice(Laptop, At(65), At(65)).WithoutDevice(Phone, At(60), At(70));

        offline.Seen.LastSeenAt.ShouldBe(At(65));
    }

    [Fact]
    public void Who_hides_in_grace_was_last_seen_then_also_once_visible_again()
    {
        var hidden = Online
            .WithDevice(Phone, Active.Gone(), At(60))
            .Choose(Update(OnlineStatus.Invisible), At(65))
            .WithoutDevice(Phone, At(60), At(70));

        hidden.Choose(Update(OnlineStatus.Online), At(80)).Seen.LastSeenAt.ShouldBe(hidden.Seen.LastSeenAt);
    }

    [Fact]
    public void A_choice_made_in_grace_does_not_turn_last_seen_back_to_the_connect()
    {
        var grace = Online.WithDevice(Phone, Active.Gone(), At(60));

        grace.Choose(Update(text: To("brb")), At(65)).Seen.LastSeenAt.ShouldBe(At(60));
    }

    [Fact]
    public void To_remove_a_device_that_is_not_there_changes_nothing()
    {
        var online = Online;

        online.WithoutDevice(Laptop, At(60), At(60)).ShouldBeSameAs(online);
    }

    [Fact]
    public void Offline_the_text_is_seen_by_all_and_the_activity_by_the_owner_alone()
    {
        var offline = Nobody().Choose(Update(OnlineStatus.Busy, To("back on Monday"), To("in_a_call"), expiresIn: 60), At(1));

        (offline.Seen.OnlineStatus, offline.Seen.CustomStatus, offline.Seen.Activity, offline.Seen.ExpiresAt).ShouldBe(
            (OnlineStatus.Offline, "back on Monday", null, At(61))
        );
        (offline.Own.OnlineStatus, offline.Own.CustomStatus, offline.Own.Activity, offline.Own.Owner!.SetStatus).ShouldBe(
            (OnlineStatus.Offline, "back on Monday", "in_a_call", OnlineStatus.Busy)
        );
        offline.Seen.Platforms.ShouldBeEmpty();
        offline.Seen.Owner.ShouldBeNull();
    }

    [Fact]
    public void The_expiry_of_what_others_do_not_see_is_not_seen()
    {
        var offline = Nobody().Choose(Update(OnlineStatus.Busy, activity: To("in_a_call"), expiresIn: 60), At(1));

        offline.Seen.ExpiresAt.ShouldBeNull();
        offline.Own.ExpiresAt.ShouldBe(At(61));
    }

    [Fact]
    public void What_expires_is_gone_for_all_at_once_with_a_new_version()
    {
        var busy = Online.Choose(Update(OnlineStatus.Busy, To("in the lab"), To("presenting"), expiresIn: 60), At(2));

        busy.Refresh(At(61.9)).ChangesSince(busy).Any.ShouldBeFalse();
        var after = busy.Refresh(At(62));

        after.ChangesSince(busy).ShouldBe(new UserChange(Seen: true, Own: true, Rule: false));
        (after.Seen with { Version = 0 }).ShouldBe(Online.Seen with { Version = 0, UpdatedAt = At(62) });
        after.Seen.Version.ShouldBeGreaterThan(busy.Seen.Version);
    }

    [Fact]
    public void A_service_and_the_owner_see_what_the_rule_hides_from_others()
    {
        var hidden = Online.Choose(new PrivacyRule { OnlineStatusVisibility = Visibility.Nobody }, At(2));

        hidden.SeenBy(Ben, areContacts: true).ShouldBe(PresenceRecord.Unknown(Ann));
        hidden.SeenBy(Ann, false).OnlineStatus.ShouldBe(OnlineStatus.Online);
        hidden.SeenBy(null, false).ShouldBe(hidden.Own);
    }

    [Fact]
    public void A_rule_moves_the_version_so_that_who_regains_sight_is_never_told_an_older_one()
    {
        var hidden = Online.Choose(new PrivacyRule { Blocked = [Ben] }, At(2));
        var shown = hidden.Choose(PrivacyRule.Default, At(3));

        hidden.ChangesSince(Online).ShouldBe(new UserChange(Seen: true, Own: false, Rule: true));
        hidden.Seen.Version.ShouldBeGreaterThan(Online.Seen.Version);
        shown.Seen.Version.ShouldBeGreaterThan(hidden.Seen.Version);
        shown.Seen.ShouldBe(Online.Seen with { Version = shown.Seen.Version });
    }

    [Fact]
    public void A_rule_has_a_version_of_its_own_also_where_no_record_moves()
    {
        var never = Nobody();
        var ruled = never.Choose(new PrivacyRule { Blocked = [Ben] }, At(2));
        ruled.Version.ShouldBeGreaterThan(never.Version);
        ruled.Seen.Version.ShouldBe(0);

        var invisible = Online.Choose(Update(OnlineStatus.Invisible), At(2));
        invisible.Choose(new PrivacyRule { Blocked = [Ben] }, At(3)).Version.ShouldBeGreaterThan(invisible.Version);
    }

    [Fact]
    public void After_a_restart_all_that_was_chosen_is_there_and_the_version_is_larger()
    {
        var before = Online.Choose(Update(OnlineStatus.Busy, To("in the lab"), To("presenting")), At(2)).WithoutDevice(Phone, At(9), At(9));

        var after = before.Restart(At(20));

        after.Seen.ShouldBe(before.Seen with { Version = after.Seen.Version });
        after.Own.ShouldBe(before.Own with { Version = after.Own.Version });
        after.Seen.Version.ShouldBeGreaterThan(before.Version);
    }

    [Fact]
    public void After_a_restart_the_last_change_is_the_expiry_that_passed_meanwhile()
    {
        var before = Nobody()
            .Choose(Update(text: To("back on Monday"), expiresIn: 60), At(1))
            .WithDevice(Phone, Active, At(2))
            .WithoutDevice(Phone, At(3), At(3));

        var after = before.Restart(At(100));

        (after.Seen.CustomStatus, after.Seen.UpdatedAt).ShouldBe((null, At(61)));
    }

    [Fact]
    public void An_audience_rule_chosen_last_is_not_taken_for_a_visible_change_after_a_restart()
    {
        var before = Nobody().Choose(Update(text: To("back on Monday")), At(1)).Choose(new PrivacyRule { Blocked = [Ben] }, At(50));

        before.Restart(At(100)).Seen.UpdatedAt.ShouldBe(At(1));
    }

    [Fact]
    public void A_restart_does_not_fall_behind_the_version_of_the_last_rule()
    {
        var before = Nobody().Choose(PrivacyRule.Default, At(1)).Choose(new PrivacyRule { Blocked = [Ben] }, At(50));

        before.Restart(At(60)).Version.ShouldBeGreaterThanOrEqualTo(before.Version);
    }

    [Fact]
    public void A_machine_whose_clock_is_behind_gives_larger_versions_all_the_same()
    {
        var before = Nobody().Choose(Update(text: To("back on Monday")), At(100));

        before.Restart(At(-3600)).Seen.Version.ShouldBeGreaterThan(before.Seen.Version);
    }
}
