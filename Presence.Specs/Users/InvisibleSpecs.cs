using Presence.Core.Users;
using Presence.Specs.Support;
using static Presence.Specs.Support.Some;

namespace Presence.Specs.Users;

/// <summary>An invisible user looks like one who went offline when the user became invisible.</summary>
public sealed class InvisibleSpecs
{
    private static readonly UserState Online = Nobody()
        .WithDevice(Phone, Active, At(1))
        .Choose(Update(text: To("at my desk"), activity: To("coding"), expiresIn: 600), At(2));

    private static readonly UserState Hidden = Online.Choose(Update(OnlineStatus.Invisible), At(10));

    [Fact]
    public void Becoming_invisible_looks_like_going_offline_now()
    {
        Hidden.Seen.ShouldBe(
            new PresenceRecord(Ann)
            {
                CustomStatus = "at my desk",
                ExpiresAt = At(602),
                LastSeenAt = At(10),
                UpdatedAt = At(10),
                Version = Versions.Next(0, Versions.Of(At(10))),
            }
        );
        Hidden.ChangesSince(Online).Seen.ShouldBeTrue();
    }

    [Fact]
    public void One_whom_others_saw_before_that_was_stored_goes_offline_above_what_they_have_and_stands_then()
    {
        var seen = Versions.Next(0, Versions.Of(At(5)));

        var hidden = Nobody().Choose(Update(OnlineStatus.Invisible), At(10)).Above(seen, seen, At(11));

        hidden.Seen.OnlineStatus.ShouldBe(OnlineStatus.Offline);
        hidden.Seen.Version.ShouldBeGreaterThan(seen);
        hidden.Above(seen, seen, At(12)).ShouldBeSameAs(hidden);
        hidden.WithDevice(Phone, Active, At(13)).Seen.ShouldBe(hidden.Seen);
    }

    [Fact]
    public void The_expiry_of_an_activity_that_is_no_longer_seen_is_not_seen() =>
        Nobody()
            .WithDevice(Phone, Active, At(1))
            .Choose(Update(activity: To("coding"), expiresIn: 600), At(2))
            .Choose(Update(OnlineStatus.Invisible), At(10))
            .Seen.ExpiresAt.ShouldBeNull();

    [Fact]
    public void The_owner_and_a_service_see_invisible_and_others_offline()
    {
        Hidden.SeenBy(Ann, false).OnlineStatus.ShouldBe(OnlineStatus.Invisible);
        Hidden.SeenBy(null, false).Owner!.SetStatus.ShouldBe(OnlineStatus.Invisible);
        Hidden.SeenBy(Ann, false).Platforms.ShouldBe([new("web", OnlineStatus.Invisible)]);
        Hidden.SeenBy(Ben, true).OnlineStatus.ShouldBe(OnlineStatus.Offline);
        Hidden.SeenBy(Ben, true).Platforms.ShouldBeEmpty();
        Hidden.SeenBy(Ben, true).Owner.ShouldBeNull();
    }

    [Fact]
    public void Without_a_device_the_owner_is_offline_with_invisible_set()
    {
        var away = Hidden.WithoutDevice(Phone, At(20), At(20));

        (away.Own.OnlineStatus, away.Own.Owner!.SetStatus).ShouldBe((OnlineStatus.Offline, OnlineStatus.Invisible));
    }

    [Fact]
    public void Who_was_offline_already_does_not_move_by_becoming_invisible()
    {
        var offline = Online.WithoutDevice(Phone, At(5), At(5));

        offline.Choose(Update(OnlineStatus.Offline), At(10)).Seen.ShouldBe(offline.Seen);
    }

    [Fact]
    public void Who_was_never_seen_stays_so_while_invisible()
    {
        var never = Nobody().Choose(Update(OnlineStatus.Invisible, To("psst")), At(1)).WithDevice(Phone, Active, At(2));

        never.Seen.ShouldBe(PresenceRecord.Unknown(Ann));
        never.Restart(At(9)).Seen.ShouldBe(PresenceRecord.Unknown(Ann));
    }

    [Fact]
    public void Grace_does_not_betray_that_there_was_a_device() =>
        Hidden.WithDevice(Phone, Active.Gone(), At(20)).SeenBy(Ben, true).ShouldBe(Hidden.Seen);

    [Fact]
    public void Nothing_that_an_invisible_user_does_moves_the_record()
    {
        Hidden.WithDevice(Laptop, Idle.On("mobile"), At(20)).Seen.ShouldBe(Hidden.Seen);
        Hidden.WithoutDevice(Phone, At(20), At(30)).Seen.ShouldBe(Hidden.Seen);
        Hidden.Choose(Update(text: To("not for you"), activity: To("gaming")), At(20)).Seen.ShouldBe(Hidden.Seen);
        Hidden.Choose(Update(OnlineStatus.Invisible, expiresIn: 100), At(20)).Seen.ShouldBe(Hidden.Seen);
    }

    [Fact]
    public void A_text_that_others_see_ends_for_everybody_also_over_a_restart()
    {
        var after = Hidden.Refresh(At(602));

        (after.Seen.CustomStatus, after.Seen.ExpiresAt, after.Seen.UpdatedAt).ShouldBe((null, null, At(602)));
        after.Seen.Version.ShouldBeGreaterThan(Hidden.Version);
        Hidden.Restart(At(700)).Seen.ShouldBe(after.Seen with { Version = Hidden.Restart(At(700)).Seen.Version });
    }

    [Fact]
    public void What_is_set_over_invisible_for_a_while_is_seen_and_then_the_user_seems_to_leave()
    {
        var busy = Hidden.Choose(Update(OnlineStatus.Busy, expiresIn: 60), At(20));
        busy.Seen.OnlineStatus.ShouldBe(OnlineStatus.Busy);

        var after = busy.Refresh(At(80));

        (after.Seen.OnlineStatus, after.Own.OnlineStatus, after.Seen.UpdatedAt).ShouldBe(
            (OnlineStatus.Offline, OnlineStatus.Invisible, At(80))
        );
        after.WithDevice(Phone, Idle, At(90)).Seen.ShouldBe(after.Seen);
    }

    [Fact]
    public void A_text_set_in_the_update_that_makes_invisible_is_held_back_too() =>
        Online.Choose(Update(OnlineStatus.Invisible, To("not for you")), At(10)).Seen.CustomStatus.ShouldBe("at my desk");

    [Fact]
    public void Becoming_visible_again_publishes_what_was_held_back()
    {
        var changed = Hidden.Choose(Update(text: To("for all"), activity: To("gaming")), At(20));
        var visible = changed.Choose(Update(OnlineStatus.Online), At(30));

        (visible.Seen.OnlineStatus, visible.Seen.CustomStatus, visible.Seen.Activity, visible.Seen.UpdatedAt).ShouldBe(
            (OnlineStatus.Online, "for all", "gaming", At(30))
        );
        visible.Seen.Version.ShouldBeGreaterThan(changed.Version);
    }

    [Fact]
    public void Invisibility_that_expires_makes_visible_also_over_a_restart()
    {
        var hidden = Online.Choose(Update(OnlineStatus.Invisible, expiresIn: 60), At(10));

        var visible = hidden.Refresh(At(70));
        (visible.Seen.OnlineStatus, visible.Seen.CustomStatus).ShouldBe((OnlineStatus.Online, "at my desk"));
        visible.Seen.Version.ShouldBeGreaterThan(hidden.Version);

        var restarted = hidden.Restart(At(80));
        (restarted.Seen.OnlineStatus, restarted.Seen.UpdatedAt).ShouldBe((OnlineStatus.Offline, At(70)));
        restarted.Seen.Version.ShouldBeGreaterThan(hidden.Version);
    }

    [Fact]
    public void What_was_published_while_the_choice_was_being_stored_is_not_taken_back_to_an_older_version()
    {
        var online = Nobody().WithDevice(Phone, Active, At(1));
        var decided = ProfileRules.Decide(
            online.Profile,
            Update(OnlineStatus.Invisible),
            online.Seen,
            Versions.Next(online.Version, Versions.Of(At(2))),
            At(2)
        );
        var meanwhile = online.WithDevice(Laptop, Active.On("mobile"), At(3));

        var hidden = meanwhile.WithProfile(online.Profile.Apply(decided.Facts.Single()), At(4));

        hidden.Seen.OnlineStatus.ShouldBe(OnlineStatus.Offline);
        hidden.Seen.Version.ShouldBeGreaterThan(meanwhile.Seen.Version);
        hidden.WithDevice(Laptop, Idle, At(5)).Seen.ShouldBe(hidden.Seen);
    }

    [Fact]
    public void Who_connected_while_the_choice_was_being_stored_was_last_seen_then()
    {
        var offline = UserState.Load(Ann, new StoredUser(Profile.Empty, At(-500)), Noon);
        var decided = ProfileRules.Decide(
            offline.Profile,
            Update(OnlineStatus.Invisible),
            offline.Seen,
            Versions.Next(offline.Version, Versions.Of(At(2))),
            At(2)
        );
        var meanwhile = offline.WithDevice(Phone, Active, At(3));

        var hidden = meanwhile.WithProfile(offline.Profile.Apply(decided.Facts.Single()), At(4));

        (hidden.Seen.OnlineStatus, hidden.Seen.LastSeenAt).ShouldBe((OnlineStatus.Offline, At(4)));
        hidden.Seen.Version.ShouldBeGreaterThan(meanwhile.Seen.Version);
    }
}
