using System.Net;
using Microsoft.Extensions.Time.Testing;
using Presence.Actors;
using Presence.Adapters.WebSocket.Limits;
using Presence.Core.Limits;
using Presence.Core.Users;
using Presence.Specs.WebSocket;

namespace Presence.Specs.Limits;

/// <summary>How often one user may open a socket.</summary>
public sealed class UserConnectsSpecs : SocketSpec
{
    protected override PresenceOptions Options { get; } =
        new()
        {
            Limits = new() { UserConnectsBurst = 3, UserConnectsPerMinute = 1 },
        };

    [Fact]
    public async Task Two_tabs_that_replace_each_other_are_told_to_come_later()
    {
        using var one = (await ConnectAsync("user_id=ana&device_id=1")).Client;
        using var other = (await ConnectAsync("user_id=ana&device_id=1")).Client;
        using var again = (await ConnectAsync("user_id=ana&device_id=1")).Client;

        var refused = (
            await RawSocket.ConnectAsync(Server, "/ws?user_id=ana&device_id=1").ShouldThrowAsync<InvalidOperationException>()
        ).Message;

        refused.ShouldStartWith("HTTP/1.1 429 ");
        refused.ShouldContain("Retry-After: 60", Case.Insensitive);
        using var http = new HttpClient { BaseAddress = Server };
        using var stream = await http.GetAsync(new Uri("/events?user_id=ana", UriKind.Relative));
        stream.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await stream.Content.ReadAsStringAsync()).ShouldContain("\"code\":\"rate_limited\"");
        using var another = (await ConnectAsync("user_id=bea")).Client;
    }

    [Fact]
    public void After_a_while_a_user_may_open_one_more()
    {
        var time = new FakeTimeProvider();
        var connects = new UserConnects(new Rate(2, 60, TimeSpan.FromMinutes(1)), time);
        var ana = new UserId("ana");
        connects.Take(ana).ShouldBeNull();
        connects.Take(ana).ShouldBeNull();
        connects.Take(ana).ShouldBe(TimeSpan.FromSeconds(1));

        time.Advance(TimeSpan.FromSeconds(0.9));
        connects.Take(ana).ShouldBe(TimeSpan.FromSeconds(0.1));
        time.Advance(TimeSpan.FromSeconds(0.1));
        connects.Take(ana).ShouldBeNull();
        connects.Take(ana).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Who_has_opened_none_for_a_while_is_forgotten_and_nobody_else_is()
    {
        var time = new FakeTimeProvider();
        var connects = new UserConnects(new Rate(2, 60, TimeSpan.FromMinutes(1)), time);
        Enumerable.Range(0, 1_500).ToList().ForEach(number => connects.Take(new($"early-{number}")));
        time.Advance(TimeSpan.FromSeconds(1));
        Enumerable.Range(0, 1_500).ToList().ForEach(number => connects.Take(new($"late-{number}")));
        connects.Take(new("late-7"));

        connects.Count.ShouldBeInRange(1_500, 2_048);
        connects.Take(new("late-7")).ShouldNotBeNull();
    }

    [Fact]
    public void So_many_are_remembered_and_then_all_begin_anew()
    {
        var connects = new UserConnects(new Rate(1, 1, TimeSpan.FromMinutes(1)), new FakeTimeProvider());
        Enumerable.Range(0, UserConnects.MostUsers).ToList().ForEach(number => connects.Take(new($"user-{number}")));
        connects.Take(new("user-0")).ShouldBeNull("one too many");
        connects.Count.ShouldBe(1);
    }
}
