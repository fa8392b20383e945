using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Privacy;
using Presence.Core.Users;
using static Presence.Specs.Support.Some;

namespace Presence.Specs.Conversations;

public sealed class TypingSpecs
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(10);

    private static readonly ConversationTyping Quiet = ConversationTyping.Empty with { Participants = [Ann, Ben, Cleo] };

    [Fact]
    public void A_keystroke_is_told_at_once_and_ends_by_the_ttl()
    {
        var step = Quiet.On(Types(Ann), Noon, Ttl);

        Told(step).ShouldBe([(Ann, true)]);
        step.State.NextEnd.ShouldBe(At(10));
        Told(step.State.Expire(At(9.9))).ShouldBeEmpty();
        Told(step.State.Expire(At(10))).ShouldBe([(Ann, false)]);
        step.State.Expire(At(10)).State.NextEnd.ShouldBeNull();
    }

    [Fact]
    public void Only_a_participant_may_type()
    {
        var step = Quiet.On(Types(new UserId("dan")), Noon, Ttl);

        step.Refusal.ShouldBe(Refusal.NotAParticipant);
        step.State.ShouldBe(Quiet);
        Told(step).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(10, 3, true)]
    [InlineData(10, 2.9, false)]
    [InlineData(6, 2, true)]
    [InlineData(6, 1.9, false)]
    public void Renewals_are_told_at_most_every_three_seconds_or_third_of_the_ttl(double ttl, double after, bool told)
    {
        var span = TimeSpan.FromSeconds(ttl);
        var renewed = Quiet.On(Types(Ann), Noon, span).State.On(Types(Ann), At(after), span);

        Told(renewed).Any().ShouldBe(told);
        renewed.State.NextEnd.ShouldBe(At(after + ttl), "told or not, it is renewed");
    }

    [Fact]
    public void Silent_renewals_do_not_put_off_the_next_one_told()
    {
        var state = Quiet.On(Types(Ann), Noon, Ttl).State.On(Types(Ann), At(2), Ttl).State;

        Told(state.On(Types(Ann), At(3), Ttl)).ShouldBe([(Ann, true)]);
    }

    [Fact]
    public void A_start_after_a_stop_is_told_at_once()
    {
        var stopped = Quiet.On(Types(Ann), Noon, Ttl).State.On(Stops(Ann), At(0.5), Ttl);

        Told(stopped).ShouldBe([(Ann, false)]);
        Told(stopped.State.On(Types(Ann), At(0.6), Ttl)).ShouldBe([(Ann, true)]);
    }

    [Fact]
    public void A_stop_without_a_start_is_told_to_nobody() => Told(Quiet.On(Stops(Ann), Noon, Ttl)).ShouldBeEmpty();

    [Fact]
    public void A_clock_that_goes_back_does_not_silence_renewals() =>
        Told(Quiet.On(Types(Ann), Noon, Ttl).State.On(Types(Ann), At(-3600), Ttl)).ShouldBe([(Ann, true)]);

    [Fact]
    public void The_device_that_typed_ends_it_by_disconnecting_and_no_other()
    {
        var typing = Quiet.On(Types(Ann, Phone), Noon, Ttl).State;

        Told(typing.EndOf(Ann, Laptop, At(1))).ShouldBeEmpty();
        Told(typing.EndOf(Ben, Phone, At(1))).ShouldBeEmpty();
        Told(typing.EndOf(Ann, Phone, At(1))).ShouldBe([(Ann, false)]);
    }

    [Fact]
    public void Two_devices_type_and_it_ends_when_neither_does()
    {
        var typing = Quiet.On(Types(Ann, Phone), Noon, Ttl).State.On(Types(Ann, Laptop), At(1), Ttl).State;

        foreach (var (one, other) in new[] { (Phone, Laptop), (Laptop, Phone) })
        {
            var stopped = typing.On(Stops(Ann, one), At(2), Ttl);
            Told(stopped).ShouldBeEmpty();
            Told(stopped.State.On(Stops(Ann, other), At(3), Ttl)).ShouldBe([(Ann, false)]);

            var gone = typing.EndOf(Ann, one, At(2));
            Told(gone).ShouldBeEmpty();
            Told(gone.State.EndOf(Ann, other, At(3))).ShouldBe([(Ann, false)]);
        }
    }

    [Fact]
    public void Of_two_devices_that_type_the_one_that_goes_on_says_until_when()
    {
        var typing = Quiet.On(Types(Ann, Phone), Noon, Ttl).State.On(Types(Ann, Laptop), At(4), Ttl).State;
        typing.NextEnd.ShouldBe(At(14));

        var step = typing.On(Stops(Ann, Laptop), At(5), Ttl);

        step.State.NextEnd.ShouldBe(At(10));
        Told(typing.On(Stops(Ann, Laptop), At(11), Ttl)).ShouldBe([(Ann, false)], "the phone's time was over");
    }

    [Fact]
    public void A_device_that_calls_by_http_is_one_of_the_two()
    {
        var typing = Quiet.On(Types(Ann, Laptop), Noon, Ttl).State.On(Calls(isTyping: true), At(1), Ttl).State;

        Told(typing.On(Calls(isTyping: false), At(2), Ttl)).ShouldBeEmpty();
        Told(typing.On(Stops(Ann, Laptop), At(2), Ttl)).ShouldBeEmpty();
        Told(typing.On(Stops(Ann), At(2), Ttl)).ShouldBe([(Ann, false)], "a stop that names no device is the user's");
    }

    [Fact]
    public void Typing_by_http_ends_by_time_alone()
    {
        Told(Quiet.On(Types(Ann), Noon, Ttl).State.EndOf(Ann, Phone, At(1))).ShouldBeEmpty();
        Told(Quiet.On(Calls(isTyping: true), Noon, Ttl).State.EndOf(Ann, Phone, At(1))).ShouldBeEmpty();
    }

    [Fact]
    public void So_many_devices_of_a_user_type_in_a_conversation_and_no_more()
    {
        var typing = Enumerable
            .Range(0, TypingLease.MostDevices + 1)
            .Aggregate(Quiet, (state, number) => state.On(Types(Ann, new($"d{number}")), At(number), TimeSpan.FromHours(1)).State);

        typing.Leases[Ann].Devices.Length.ShouldBe(TypingLease.MostDevices);
        Told(
                Enumerable
                    .Range(1, TypingLease.MostDevices - 1)
                    .Aggregate(typing, (state, number) => state.EndOf(Ann, new($"d{number}"), At(99)).State)
                    .EndOf(Ann, new($"d{TypingLease.MostDevices}"), At(99))
            )
            .ShouldBe([(Ann, false)], "the one that would have ended first is not counted any more");
    }

    [Fact]
    public void Who_leaves_the_conversation_types_no_more()
    {
        var typing = Quiet.On(Types(Ann), Noon, Ttl).State.On(Types(Ben), Noon, Ttl).State;

        var step = typing.WithParticipants([Ben, Cleo]);

        Told(step).ShouldBe([(Ann, false)]);
        step.State.Leases.Keys.ShouldBe([Ben]);
        step.State.On(Types(Ann), At(1), Ttl).Refusal.ShouldBe(Refusal.NotAParticipant);
    }

    [Fact]
    public void Typing_that_nobody_may_be_told_of_is_taken_and_goes_nowhere()
    {
        var step = Quiet.On(new TypingCommand(Ann, Phone, true, null), Noon, Ttl);

        step.Refusal.ShouldBeNull();
        Told(step).ShouldBeEmpty();
        step.State.Leases.ShouldBeEmpty();
    }

    [Fact]
    public void Who_becomes_invisible_while_typing_is_seen_to_stop() =>
        Told(Quiet.On(Types(Ann), Noon, Ttl).State.On(new TypingCommand(Ann, null, true, null), At(1), Ttl)).ShouldBe([(Ann, false)]);

    [Fact]
    public void A_renewal_under_another_rule_tells_those_of_the_old_one_the_end()
    {
        var narrower = new PrivacyRule { Blocked = [Ben] };

        var step = Quiet.On(Types(Ann), Noon, Ttl).State.On(Types(Ann) with { Rule = narrower }, At(1), Ttl);

        step.Announcements.Select(told => (told.Lease.Rule, told.IsTyping)).ShouldBe([(PrivacyRule.Default, false), (narrower, true)]);
    }

    [Fact]
    public void Who_types_is_read_without_oneself_and_without_whom_one_may_not_see()
    {
        var blocking = new TypingCommand(Cleo, null, true, new PrivacyRule { Blocked = [Ann] });
        var typing = new[] { Types(Ann), Types(Ben), blocking }.Aggregate(Quiet, (state, command) => state.On(command, Noon, Ttl).State);

        Seen(typing, Ann).ShouldBe([Ben]);
        Seen(typing, Ben).ShouldBe([Ann, Cleo]);
        typing.SeenBy(null, _ => false).Select(lease => lease.Typist).ShouldBe([Ann, Ben, Cleo], "a service sees all");
    }

    [Fact]
    public void Contacts_are_asked_of_the_viewer_where_the_rule_asks()
    {
        var forContacts = Types(Ben) with { Rule = new PrivacyRule { OnlineStatusVisibility = Visibility.Contacts } };
        var typing = Quiet.On(forContacts, Noon, Ttl).State;

        typing.SeenBy(Ann, typist => typist == Ben).Count().ShouldBe(1);
        typing.SeenBy(Ann, _ => false).ShouldBeEmpty();
    }

    private static TypingCommand Types(UserId typist, DeviceId? device = null) => new(typist, device, true, PrivacyRule.Default);

    private static TypingCommand Stops(UserId typist, DeviceId? device = null) => new(typist, device, false, PrivacyRule.Default);

    private static TypingCommand Calls(bool isTyping) => new(Ann, null, isTyping, PrivacyRule.Default, CalledBy: Phone);

    private static IEnumerable<(UserId, bool)> Told(TypingStep step) =>
        step.Announcements.Select(told => (told.Lease.Typist, told.IsTyping));

    private static IEnumerable<UserId> Seen(ConversationTyping typing, UserId viewer) =>
        typing.SeenBy(viewer, _ => false).Select(lease => lease.Typist);
}
