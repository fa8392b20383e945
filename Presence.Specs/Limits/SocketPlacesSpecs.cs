using System.Net;
using System.Threading.RateLimiting;
using Presence.Actors;
using Presence.Adapters.WebSocket.Limits;
using Presence.Specs.WebSocket;

namespace Presence.Specs.Limits;

/// <summary>Who gets no socket, and is told so before the upgrade.</summary>
public sealed class SocketPlacesSpecs : SocketSpec
{
    protected override PresenceOptions Options { get; } =
        new()
        {
            Limits = new() { SocketsPerUser = 2, SocketsPerNode = 3 },
        };

    [Fact]
    public async Task A_user_may_have_so_many_sockets_and_no_more_until_one_is_gone()
    {
        var (first, _) = await ConnectAsync("user_id=ana&device_id=1");
        using var second = (await ConnectAsync("user_id=ana&device_id=2")).Client;

        var refused = await Refused("/ws?user_id=ana&device_id=3");
        refused.ShouldStartWith("HTTP/1.1 429 ");
        refused.ShouldContain("Retry-After: ", Case.Insensitive);
        using var another = (await ConnectAsync("user_id=bea")).Client;

        await GoneAsync(first);
        using var third = (await ConnectAsync("user_id=ana&device_id=3")).Client;
    }

    [Fact]
    public async Task A_stream_of_events_is_a_socket_too()
    {
        using var first = (await ConnectAsync("user_id=ana&device_id=1")).Client;
        using var second = (await ConnectAsync("user_id=ana&device_id=2")).Client;
        using var http = new HttpClient { BaseAddress = Server };

        using var refused = await http.GetAsync(new Uri("/events?user_id=ana", UriKind.Relative));

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        var problem = await refused.Content.ReadAsStringAsync();
        problem.ShouldContain("\"code\":\"rate_limited\"");
        problem.ShouldContain("\"retry_after\":");
    }

    [Fact]
    public async Task A_node_has_so_many_sockets_and_no_more_until_one_is_gone()
    {
        var (first, _) = await ConnectAsync("user_id=ana");
        using var second = (await ConnectAsync("user_id=bea")).Client;
        using var third = (await ConnectAsync("user_id=cyd")).Client;

        var refused = await Refused("/ws?user_id=dan");
        refused.ShouldStartWith("HTTP/1.1 503 ");
        refused.ShouldContain("Retry-After: ", Case.Insensitive);

        await GoneAsync(first);
        using var fourth = (await ConnectAsync("user_id=dan")).Client;
    }

    [Fact]
    public async Task A_refused_upgrade_takes_no_place()
    {
        for (var i = 0; i < 5; i++)
        {
            (await Refused("/ws?user_id=ana&snapshot=none-such")).ShouldStartWith("HTTP/1.1 400 ");
        }

        using var first = (await ConnectAsync("user_id=ana&device_id=1")).Client;
        using var second = (await ConnectAsync("user_id=ana&device_id=2")).Client;
    }

    [Fact]
    public async Task Those_over_the_rate_wait_their_turn_and_when_too_many_wait_the_next_is_told_to_come_later()
    {
        using var counters = new NodeCounters();
        using var rate = OneAtOnceAndOneThatWaits();
        using var places = new SocketPlaces(Options, counters, rate, TimeProvider.System);
        (await places.WaitTurnAsync(CancellationToken.None)).ShouldBeNull();
        var waits = places.WaitTurnAsync(CancellationToken.None).AsTask();

        var refusal = (await places.WaitTurnAsync(CancellationToken.None)).ShouldNotBeNull();
        refusal.Code.ShouldBe(Core.Errors.ErrorCodes.Unavailable);
        refusal.RetryAfter!.Value.ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromSeconds(5));
        waits.IsCompleted.ShouldBeFalse();

        await LetOneIn(rate);
        (await waits.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeNull("its turn came");
    }

    [Theory]
    [InlineData(1, 2_000)]
    [InlineData(7, 2_000)]
    [InlineData(10, 2_000)]
    [InlineData(15, 2_000)]
    [InlineData(19, 2_000)]
    [InlineData(99, 2_000)]
    [InlineData(500, 2_000)]
    [InlineData(500, 5)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void As_many_are_let_in_a_second_as_the_option_says_whatever_it_says(int perSecond, int burst)
    {
        var (count, period) = SocketPlaces.Share(perSecond, burst);

        (count / period.TotalSeconds).ShouldBe(perSecond, perSecond * 0.01);
        count.ShouldBeLessThanOrEqualTo(burst);
    }

    [Fact]
    public async Task Who_leaves_while_it_waits_makes_room_for_another()
    {
        using var counters = new NodeCounters();
        using var rate = OneAtOnceAndOneThatWaits();
        using var places = new SocketPlaces(Options, counters, rate, TimeProvider.System);
        await places.WaitTurnAsync(CancellationToken.None);
        using var leaving = new CancellationTokenSource();
        var left = places.WaitTurnAsync(leaving.Token).AsTask();
        await leaving.CancelAsync();
        await left.ShouldThrowAsync<OperationCanceledException>();

        var next = places.WaitTurnAsync(CancellationToken.None).AsTask();

        await LetOneIn(rate);
        (await next.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeNull();
    }

    [Fact]
    public void So_many_may_be_accepted_only_to_be_told_4401_and_no_more_until_one_is_gone()
    {
        using var counters = new NodeCounters();
        using var unauthenticated = new UnauthenticatedSockets(new() { Limits = new() { UnauthenticatedSockets = 1 } }, counters);
        var first = unauthenticated.TryTake().ShouldNotBeNull();
        unauthenticated.TryTake().ShouldBeNull();

        first.Dispose();

        unauthenticated.TryTake().ShouldNotBeNull();
    }

    private static TokenBucketRateLimiter OneAtOnceAndOneThatWaits() =>
        new(
            new()
            {
                TokenLimit = 1,
                TokensPerPeriod = 1,
                ReplenishmentPeriod = TimeSpan.FromMilliseconds(1),
                QueueLimit = 1,
                AutoReplenishment = false,
            }
        );

    /// <summary>The limiter goes by the machine's clock, but lets nobody in before it is asked to.</summary>
    private static async Task LetOneIn(TokenBucketRateLimiter rate)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(20));
        rate.TryReplenish().ShouldBeTrue();
    }

    /// <summary>The client leaves. When the server closes the connection, the place is free.</summary>
    private async Task GoneAsync(RawSocket client)
    {
        await client.LeaveAsync();
        await Hub.ExpectMsgAsync<Presence.Actors.Hub.ConnectionEnded>();
    }

    private async Task<string> Refused(string target) =>
        (await RawSocket.ConnectAsync(Server, target).ShouldThrowAsync<InvalidOperationException>()).Message;
}
