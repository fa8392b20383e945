using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Json;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;
using TypeIn = Presence.Actors.Users.Type;

namespace Presence.Specs.Limits;

/// <summary>How often a user may do something, over all of its devices and channels.</summary>
public sealed class UserRateSpecs : ActorSpec
{
    [Fact]
    public void Twenty_changes_of_the_presence_at_once_and_then_one_a_second()
    {
        for (var i = 0; i < 20; i++)
        {
            World.Choose("ann", null, $"{i}").ShouldBeOfType<PresenceUpdated>();
        }

        RateLimited(World.Choose("ann", null, "20")).RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        World.Own("ann").CustomStatus.ShouldBe("19");

        World.Advance(0.999);
        RateLimited(World.Choose("ann", null, "20"));
        World.Advance(0.001);
        World.Choose("ann", null, "20").ShouldBeOfType<PresenceUpdated>();
        RateLimited(World.Choose("ann", null, "21"));
    }

    [Fact]
    public void Changes_of_all_devices_and_channels_count_together()
    {
        Options = new() { Limits = new() { ChangesBurst = 2 } };
        var hub = FakeHub.In(World);
        var (phone, laptop) = (hub.Attach("ann", "phone"), hub.Attach("ann", "laptop"));
        World.Ask<PresenceUpdated>(new UpdatePresence(new("ann"), PresenceWorld.Update(OnlineStatus.Busy), null, phone));
        World.Ask<PresenceUpdated>(new UpdatePresence(new("ann"), PresenceWorld.Update(OnlineStatus.Away), null, laptop));

        RateLimited(
            World.Ask(new UpdatePresence(new("ann"), PresenceWorld.Update(OnlineStatus.Busy), new(new("script"), DeviceInfo.Empty), null))
        );
    }

    [Fact]
    public void A_rule_that_hides_and_shows_again_counts_as_a_change_and_takes_no_other_one_away()
    {
        Options = new() { Limits = new() { ChangesBurst = 2 } };
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), new() { OnlineStatusVisibility = Visibility.Nobody }));
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), PrivacyRule.Default));

        RateLimited(World.Ask(new SetPrivacy(new("ann"), new() { OnlineStatusVisibility = Visibility.Nobody })));
        World.Choose("ann", OnlineStatus.Busy).ShouldBeOfType<PresenceUpdated>();
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), PrivacyRule.Default, ByService: true));
    }

    [Fact]
    public void A_privacy_rule_may_have_so_many_bytes_and_no_more()
    {
        var rule = new PrivacyRule { Blocked = [new("eve")] };
        var bytes = (int)rule.JsonBytes();
        Options = new() { Limits = new() { PrivacyRuleBytes = bytes } };
        World.Ask<PrivacyIs>(new SetPrivacy(new("ann"), rule));

        var refusal = World.Ask<Refused>(new SetPrivacy(new("ann"), new() { Blocked = [new("eves")] })).Refusal;

        refusal.Code.ShouldBe(ErrorCodes.TooLarge);
        World.Journal.SequenceOf(new("ann")).ShouldBe(1);
    }

    [Fact]
    public void The_end_of_an_own_device_counts_as_a_change_also_within_the_grace()
    {
        Options = new() { Limits = new() { ChangesBurst = 2 } };
        var hub = FakeHub.In(World);
        hub.Attach("ann", "phone");
        World.Ask<Done>(new RemoveDevice(new("ann"), new("phone")));
        hub.Detach("ann", "laptop", hub.Attach("ann", "laptop"));
        World.Ask(new RemoveDevice(new("ann"), new("laptop")));
        var watch = hub.Attach("ann", "watch");
        hub.Detach("ann", "watch", watch);

        RateLimited(World.Ask(new RemoveDevice(new("ann"), new("watch"))));
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Online, "it was not ended, and may come back");
        hub.Attach("ann", "watch", connection: watch, again: true);
        hub.All<EndConnection>().ShouldAllBe(end => end.Connection != watch);
        World.Ask(new RemoveDevice(new("ann"), new("watch"), ByService: true));
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
    }

    [Fact]
    public void Who_becomes_idle_and_active_all_the_time_is_told_of_within_the_rate_and_in_the_end_as_it_is()
    {
        Options = new() { Limits = new() { ChangesBurst = 3 } };
        var hub = FakeHub.In(World);
        var (phone, laptop) = (hub.Attach("ann", "phone"), hub.Attach("ann", "laptop", active: false));
        hub.Watch("ann");
        for (var i = 0; i < 20; i++)
        {
            hub.Heard("ann", "phone", phone, active: false);
            hub.Heard("ann", "laptop", laptop, active: false);
            hub.Heard("ann", "phone", phone, active: true);
        }

        hub.Heard("ann", "phone", phone, active: false);
        hub.ToldOf("ann").ShouldBe(["online", "away", "online", "away"]);

        hub.Heard("ann", "phone", phone, active: true);
        World.Advance(0.9);
        hub.ToldOf("ann").Count.ShouldBe(4);
        World.Advance(0.2);
        hub.ToldOf("ann").Skip(4).ShouldBe(["online"]);
        World.Choose("ann", OnlineStatus.Busy).ShouldBeOfType<PresenceUpdated>("what the person chooses is counted by itself");
    }

    [Fact]
    public void Another_users_changes_are_its_own()
    {
        Options = new() { Limits = new() { ChangesBurst = 1 } };
        World.Choose("ann", OnlineStatus.Busy);

        World.Choose("bob", OnlineStatus.Busy).ShouldBeOfType<PresenceUpdated>();
    }

    [Fact]
    public void A_services_changes_are_neither_refused_nor_counted()
    {
        Options = new() { Limits = new() { ChangesBurst = 1 } };
        for (var i = 0; i < 5; i++)
        {
            World.Ask<PresenceUpdated>(new UpdatePresence(new("ann"), PresenceWorld.Update(null, $"{i}"), null, null, ByService: true));
        }

        World.Choose("ann", OnlineStatus.Busy).ShouldBeOfType<PresenceUpdated>();
        RateLimited(World.Choose("ann", OnlineStatus.Away));
    }

    [Fact]
    public void A_change_that_a_hub_repeats_since_it_heard_no_answer_counts_once()
    {
        Options = new() { Limits = new() { ChangesBurst = 1 } };
        var phone = FakeHub.In(World).Attach("ann", "phone");
        var update = new UpdatePresence(new("ann"), PresenceWorld.Update(OnlineStatus.Busy), null, phone);
        World.AskNumbered(1, update);
        World.AskNumbered(1, update);

        World.Asker.All<Answer>().Count(answer => answer.Content is PresenceUpdated).ShouldBe(2);
    }

    [Fact]
    public void Twenty_typings_at_once_and_then_five_a_second()
    {
        World.Participants.Set(new("room"), [new("ann"), new("bob")]);
        for (var i = 0; i < 20; i++)
        {
            Types("ann").ShouldBeOfType<TypingAccepted>();
        }

        RateLimited(Types("ann")).RetryAfter.ShouldBe(TimeSpan.FromSeconds(0.2));
        Types("bob").ShouldBeOfType<TypingAccepted>();

        World.Advance(0.2);
        Types("ann").ShouldBeOfType<TypingAccepted>();
        RateLimited(Types("ann"));
    }

    private object? Types(string user) => World.Ask(new TypeIn(new(user), new(new("room"), true), null, null));

    private static Refusal RateLimited(object? answer)
    {
        var refusal = answer.ShouldBeOfType<Refused>().Refusal;
        refusal.Code.ShouldBe(ErrorCodes.RateLimited);
        return refusal;
    }
}
