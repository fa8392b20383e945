using Presence.Core.Errors;
using Presence.Core.Privacy;
using Presence.Core.Users;
using static Presence.Specs.Support.Some;

namespace Presence.Specs.Users;

public sealed class ProfileRulesSpecs
{
    private static readonly Profile Busy = new()
    {
        SetStatus = OnlineStatus.Busy,
        CustomStatus = "in the lab",
        Activity = "presenting",
        ChosenAt = Noon,
    };

    [Theory]
    [InlineData(OnlineStatus.Away, OnlineStatus.Away)]
    [InlineData(OnlineStatus.Busy, OnlineStatus.Busy)]
    [InlineData(OnlineStatus.Invisible, OnlineStatus.Invisible)]
    [InlineData(OnlineStatus.Offline, OnlineStatus.Invisible)]
    [InlineData(OnlineStatus.Online, null)]
    public void Online_clears_what_was_set_and_offline_means_invisible(OnlineStatus asked, OnlineStatus? set) =>
        After(Busy with { SetStatus = OnlineStatus.Away, Activity = null }, Update(asked)).SetStatus.ShouldBe(set);

    [Fact]
    public void What_is_absent_stays_as_it_was()
    {
        var after = After(Busy, Update(text: To("at lunch")));

        (after.SetStatus, after.CustomStatus, after.Activity).ShouldBe((OnlineStatus.Busy, "at lunch", "presenting"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Null_and_nothing_clear_a_text_and_an_activity(string? clears)
    {
        var after = After(Busy, Update(text: To(clears), activity: To(clears)));

        (after.SetStatus, after.CustomStatus, after.Activity).ShouldBe((OnlineStatus.Busy, null, null));
    }

    [Fact]
    public void The_expiry_belongs_to_what_the_update_names_and_the_rest_keeps_its_own()
    {
        var away = After(Busy, Update(OnlineStatus.Away, expiresIn: 60));
        away.Ends.ShouldBe(new Ends(OnlineStatus: At(60)));

        var lunch = After(away, Update(text: To("lunch"), expiresIn: 30));
        lunch.Ends.ShouldBe(new Ends(OnlineStatus: At(60), CustomStatus: At(30)));

        After(lunch, Update(activity: To("in_a_call"))).Ends.ShouldBe(lunch.Ends);
    }

    [Fact]
    public void What_was_set_for_a_while_ends_and_what_lay_under_it_shows_again()
    {
        var layered = After(Busy, Update(OnlineStatus.Away, To("lunch"), To("eating"), expiresIn: 60));

        layered.At(At(59.999)).ShouldBe(layered);
        layered.At(At(60)).ShouldBe(Busy with { ChosenAt = At(60) });
    }

    [Fact]
    public void Where_nothing_lay_under_it_nothing_is_left()
    {
        var hidden = new PrivacyRule { OnlineStatusVisibility = Visibility.Nobody };
        var expiring = After(new Profile { Privacy = hidden }, Update(OnlineStatus.Away, To("lunch"), expiresIn: 60));

        expiring.At(At(60)).ShouldBe(new Profile { Privacy = hidden, ChosenAt = At(60) });
    }

    [Fact]
    public void An_activity_for_ten_minutes_leaves_the_user_invisible()
    {
        var invisible = After(Profile.Empty, Update(OnlineStatus.Invisible));

        After(invisible, Update(activity: To("in_a_call"), expiresIn: 600)).At(At(600)).SetStatus.ShouldBe(OnlineStatus.Invisible);
    }

    [Fact]
    public void A_second_while_replaces_the_first_and_the_same_lies_under_it()
    {
        var twice = After(After(Busy, Update(text: To("lunch"), expiresIn: 60)), Update(text: To("dentist"), expiresIn: 90));

        twice.At(At(60)).CustomStatus.ShouldBe("dentist");
        twice.At(At(90)).CustomStatus.ShouldBe("in the lab");
    }

    [Fact]
    public void What_is_set_without_an_end_takes_away_what_lay_over_it()
    {
        var lasting = After(After(Busy, Update(text: To("lunch"), expiresIn: 60)), Update(text: To("works from Berlin")));

        lasting.Text.ShouldBe(new Layered<string?>("works from Berlin"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(60d)]
    public void Null_clears_what_lies_under_it_too_and_has_no_end(double? expiresIn)
    {
        var cleared = After(After(Busy, Update(text: To("lunch"), expiresIn: 60)), Update(text: To(null), expiresIn: expiresIn));

        cleared.Text.ShouldBe(new Layered<string?>(null));
    }

    [Fact]
    public void Online_clears_a_status_that_lies_under_another_too()
    {
        var online = After(After(Busy, Update(OnlineStatus.Away, expiresIn: 60)), Update(OnlineStatus.Online));

        online.Status.ShouldBe(new Layered<OnlineStatus?>(null));
    }

    [Fact]
    public void An_update_after_the_expiry_does_not_bring_back_what_has_expired()
    {
        var expiring = After(Profile.Empty, Update(OnlineStatus.Away, expiresIn: 60));

        var after = After(expiring, Update(activity: To("in_a_call")), At(61));

        (after.SetStatus, after.CustomStatus, after.Activity).ShouldBe((null, null, "in_a_call"));
    }

    [Fact]
    public void A_fact_of_a_build_that_knew_one_end_for_all_ends_all_at_once()
    {
        var folded = Profile.Empty.Apply(new StatusChosen(OnlineStatus.Busy, "in the lab", null, At(60), null, Noon));

        folded.Ends.ShouldBe(new Ends(OnlineStatus: At(60), CustomStatus: At(60)));
        folded.At(At(60)).ShouldBe(new Profile { ChosenAt = At(60) });
    }

    [Fact]
    public void One_of_status_text_and_activity_must_be_there() => Refused(Update(expiresIn: 5), "payload");

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3661d * 86400)]
    public void An_expiry_not_above_nothing_or_beyond_all_measure_is_refused(double seconds) =>
        Refused(Update(OnlineStatus.Away, expiresIn: seconds), "expires_in");

    [Theory]
    [InlineData(0)]
    [InlineData(-0.001)]
    [InlineData(3661d * 86400)]
    public void An_expiry_now_or_in_the_past_or_beyond_all_measure_is_refused(double seconds) =>
        Refused(Update(OnlineStatus.Away) with { ExpiresAt = At(seconds) }, "expires_at");

    [Fact]
    public void What_is_so_already_is_no_fact() => Decide(Busy, Update(OnlineStatus.Busy, To("in the lab"))).ShouldBe((null, 0));

    [Fact]
    public void Saying_online_with_nothing_set_is_no_fact_so_that_reconnects_cost_the_journal_nothing() =>
        Decide(Profile.Empty, Update(OnlineStatus.Online)).ShouldBe((null, 0));

    [Fact]
    public void Another_expiry_is_a_fact() => Decide(Busy, Update(OnlineStatus.Busy, expiresIn: 60)).ShouldBe((null, 1));

    [Fact]
    public void The_same_audience_rule_again_is_no_fact()
    {
        var rule = new PrivacyRule { Blocked = [Ben] };
        var profile = Profile.Empty.Apply(new PrivacyChosen(rule, Noon));

        ProfileRules.Decide(profile, new PrivacyRule { Blocked = [Ben] }, At(1)).Facts.ShouldBeEmpty();
        ProfileRules.Decide(profile, PrivacyRule.Default, At(1)).Facts.ShouldBe([new PrivacyChosen(PrivacyRule.Default, At(1))]);
    }

    private static (Refusal?, int) Decide(Profile profile, PresenceUpdate update)
    {
        var decision = ProfileRules.Decide(profile, update, PresenceRecord.Unknown(Ann), 1, Noon);
        return (decision.Refusal, decision.Facts.Count);
    }

    private static Profile After(Profile profile, PresenceUpdate update, DateTimeOffset? now = null) =>
        ProfileRules
            .Decide(profile, update, PresenceRecord.Unknown(Ann), 1, now ?? Noon)
            .Facts.Aggregate(profile, (folded, fact) => folded.Apply(fact));

    private static void Refused(PresenceUpdate update, string field)
    {
        var decision = ProfileRules.Decide(Busy, update, PresenceRecord.Unknown(Ann), 1, Noon);

        decision.Facts.ShouldBeEmpty();
        decision.Refusal!.Code.ShouldBe(ErrorCodes.InvalidPayload);
        decision.Refusal.Message.ShouldStartWith(field);
    }
}
