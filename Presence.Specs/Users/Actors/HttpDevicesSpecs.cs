using Presence.Actors.Users;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Users.Actors;

/// <summary>Devices that call by HTTP beside their socket, or without one: when they are gone, and what a background task says.</summary>
public sealed class HttpDevicesSpecs : ActorSpec
{
    private readonly FakeHub _hub;

    public HttpDevicesSpecs()
    {
        _hub = FakeHub.In(World);
    }

    private static CallingDevice Phone => new(new("phone"), DeviceInfo.Empty);

    [Fact]
    public void A_goodbye_ends_the_device_whatever_it_called_by_http_before()
    {
        // How long before the goodbye, in seconds.
        foreach (var before in Enumerable.Range(0, 20).Select(step => step * 4.5))
        {
            foreach (var call in Calls())
            {
                var hub = FakeHub.In(NewWorld());
                var connection = hub.Attach("ann", "phone");
                World.Ask(call).ShouldNotBeNull();
                World.Advance(before);
                hub.Watch("ann");
                var leftAt = World.Now;
                hub.Detach("ann", "phone", connection, goodbye: true);
                World.Seen("ann").Certainty.ShouldBe(Certainty.Grace, $"{call} {before} s before");
                World.Advance(Options.OfflineGrace);

                hub.LastOf("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
                hub.LastOf("ann").LastSeenAt.ShouldBe(leftAt);
            }
        }
    }

    [Fact]
    public void A_connection_that_breaks_without_a_goodbye_leaves_the_device_to_its_calls_by_http()
    {
        var connection = _hub.Attach("ann", "phone");
        World.Ask<Done>(new HeartbeatByHttp(new("ann"), Phone));
        var calledAt = World.Now;
        _hub.Detach("ann", "phone", connection);
        World.Seen("ann").Certainty.ShouldBe(Certainty.Confirmed);

        World.Advance(Options.HeartbeatTimeout + Options.OfflineGrace);

        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
        World.Seen("ann").LastSeenAt.ShouldBe(calledAt);
    }

    [Fact]
    public void A_call_after_the_goodbye_connects_the_device_again()
    {
        var connection = _hub.Attach("ann", "phone");
        _hub.Detach("ann", "phone", connection, goodbye: true);
        World.Advance(1);
        World.Ask<Done>(new HeartbeatByHttp(new("ann"), Phone));

        World.Advance(Options.HeartbeatTimeout - TimeSpan.FromSeconds(1));
        World.Seen("ann").Certainty.ShouldBe(Certainty.Confirmed);
    }

    [Fact]
    public void A_background_heartbeat_of_a_device_that_is_not_connected_wakes_nobody()
    {
        _hub.Watch("ann");
        World.Ask<Done>(new HeartbeatByHttp(new("ann"), Phone, Active: false));
        World.Advance(1);
        _hub.ToldOf("ann").ShouldBe(["offline"]);
        World.Ask<DevicesAre>(new GetDevices(new("ann"), All: true)).Devices.ShouldBeEmpty();

        var connection = _hub.Attach("ann", "phone");
        _hub.Detach("ann", "phone", connection);
        World.Advance(60);
        var gone = World.Seen("ann");
        gone.OnlineStatus.ShouldBe(OnlineStatus.Offline);
        _hub.Forget();
        World.Ask<Done>(new HeartbeatByHttp(new("ann"), Phone, Active: false));
        World.Advance(200);

        World.Seen("ann").ShouldBe(gone);
        _hub.ToldOf("ann").ShouldBeEmpty();
    }

    [Fact]
    public void A_background_heartbeat_in_the_grace_does_not_put_its_end_off()
    {
        foreach (var seconds in Enumerable.Range(0, 20).Select(step => step * 0.5))
        {
            var hub = FakeHub.In(NewWorld());
            var connection = hub.Attach("ann", "phone");
            hub.Heard("ann", "phone", connection, active: false);
            hub.Watch("ann");
            hub.Detach("ann", "phone", connection);
            var leftAt = World.Now;
            World.Advance(seconds);
            World.Ask<Done>(new HeartbeatByHttp(new("ann"), Phone, Active: false));
            World.Advance(Options.OfflineGrace - TimeSpan.FromSeconds(seconds));

            hub.ToldOf("ann").Distinct().ShouldBe(["away", "offline"], $"{seconds} s");
            World.Seen("ann").LastSeenAt.ShouldBe(leftAt);
        }
    }

    [Fact]
    public void A_background_heartbeat_of_a_connected_device_makes_it_idle_and_keeps_it()
    {
        World.Ask<Done>(new HeartbeatByHttp(new("ann"), Phone));
        _hub.Watch("ann");
        World.Advance(60);
        World.Ask<Done>(new HeartbeatByHttp(new("ann"), Phone, Active: false));
        World.Advance(60);
        World.Ask<Done>(new HeartbeatByHttp(new("ann"), Phone));
        World.Advance(60);

        _hub.ToldOf("ann").ShouldBe(["online", "away"]);
        World.Ask<Done>(new HeartbeatByHttp(new("ann"), Phone, Active: true));
        _hub.ToldOf("ann").ShouldBe(["online", "away", "online"]);
    }

    [Fact]
    public void A_heartbeat_by_http_of_an_idle_device_in_its_grace_leaves_it_idle()
    {
        foreach (var seconds in Enumerable.Range(0, 20).Select(step => step * 0.5))
        {
            var hub = FakeHub.In(NewWorld());
            var connection = hub.Attach("ann", "phone");
            hub.Heard("ann", "phone", connection, active: false);
            hub.Watch("ann");
            hub.Detach("ann", "phone", connection);
            World.Advance(seconds);
            World.Ask<Done>(new HeartbeatByHttp(new("ann"), Phone));
            World.Advance(30);

            hub.ToldOf("ann").Distinct().ShouldBe(["away"], $"{seconds} s");
            World.Seen("ann").Certainty.ShouldBe(Certainty.Confirmed);
        }
    }

    [Fact]
    public void One_that_says_now_this_and_now_that_by_http_is_told_at_the_rate_of_changes_and_the_last_word_counts()
    {
        Options = new()
        {
            Limits = new() { ChangesBurst = 2, ChangesPerSecond = 1 },
        };
        var hub = FakeHub.In(NewWorld());
        World.Ask<Done>(new HeartbeatByHttp(new("ann"), Phone));
        hub.Watch("ann");
        for (var call = 0; call < 21; call++)
        {
            World.Ask<Done>(new HeartbeatByHttp(new("ann"), Phone, Active: call % 2 == 1));
        }

        hub.ToldOf("ann").Count.ShouldBeLessThanOrEqualTo(3);
        World.Advance(3);
        hub.LastOf("ann").OnlineStatus.ShouldBe(OnlineStatus.Away);
    }

    private static IUserMessage[] Calls() =>
        [new HeartbeatByHttp(new("ann"), Phone), new UpdatePresence(new("ann"), PresenceWorld.Update(null, "hi"), Phone, null)];
}
