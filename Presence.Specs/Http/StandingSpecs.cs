using System.Net;
using Akka.Actor;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Users;

namespace Presence.Specs.Http;

/// <summary>What a node answers that does not know whether it is to be believed.</summary>
public sealed class StandingSpecs : IAsyncLifetime
{
    private readonly ActorSystem _system = ActorSystem.Create("standing-specs", "akka.loglevel = OFF\nakka.stdout-loglevel = OFF");
    private HttpApp _app = null!;

    public async Task InitializeAsync()
    {
        _app = await HttpApp.Start(_system);
        _app.Users.Answer = message =>
            message is GetPresence get
                ? new PresenceIs(new PresenceRecord(get.UserId) { OnlineStatus = OnlineStatus.Online, Version = 7 })
                : Done.Instance;
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        await _system.Terminate();
    }

    [Fact]
    public async Task While_cut_off_a_presence_is_told_to_be_unknown_and_its_entity_is_not_asked()
    {
        _app.Standing.IsCutOff = true;

        var one = await _app.Send("GET /bob", "ana");
        var many = await _app.Send("POST /bulk", "ana", """{"user_ids":["bob"]}""");

        one.Json!["certainty"]!.GetValue<string>().ShouldBe("unknown");
        one.Json["online_status"]!.GetValue<string>().ShouldBe("offline");
        many.Json!["presences"]!["bob"]!["certainty"]!.GetValue<string>().ShouldBe("unknown");

        _app.Standing.IsCutOff = false;
        (await _app.Send("GET /bob", "ana")).Json!["certainty"]!.GetValue<string>().ShouldBe("confirmed");
    }

    [Fact]
    public async Task One_that_was_paused_is_unavailable_until_it_is_vouched_for()
    {
        _app.Pulse.Advance(NodeStanding.LongestBeat * 2);
        (await _app.Send("GET /bob", "ana")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);

        _app.Standing.TakePulse();
        _app.Standing.Vouched(_app.Standing.LastPause);
        (await _app.Send("GET /bob", "ana")).Status.ShouldBe(HttpStatusCode.OK);
    }
}
