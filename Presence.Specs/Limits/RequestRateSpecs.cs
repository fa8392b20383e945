using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Presence.Core.Identity;
using Presence.Core.Users;
using Presence.Host.Identity;
using Presence.Host.Limits;

namespace Presence.Specs.Limits;

/// <summary>As what a request is counted.</summary>
public sealed class RequestRateSpecs : IDisposable
{
    private static readonly Caller Ann = new(new("ann"), null, DeviceInfo.Empty, IsService: false);
    private static readonly Caller Service = new(null, null, DeviceInfo.Empty, IsService: true);

    private readonly ServiceProvider _services = new ServiceCollection()
        .AddLogging()
        .AddSingleton(new AuthenticationOptions { TrustedProxies = ["10.1.0.0/16"] })
        .AddRequestRate(new() { RequestsBurst = 3, RequestsPerSecond = 1 })
        .BuildServiceProvider();

    private PartitionedRateLimiter<HttpContext> Rate => _services.GetRequiredService<IOptions<RateLimiterOptions>>().Value.GlobalLimiter!;

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", 3)]
    [InlineData("192.0.2.1", "192.0.2.2", 6)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", 3)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", 3)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", 6)]
    [InlineData("127.0.0.1", "::1", 20)]
    [InlineData("10.1.2.3", "10.1.2.3", 20)]
    public void Who_is_nobody_counts_by_its_address_unless_it_stands_for_many(string one, string other, int taken) =>
        Enumerable.Range(0, 10).Sum(_ => Taken(null, one) + Taken(null, other)).ShouldBe(taken);

    [Fact]
    public void A_user_counts_as_one_from_whatever_address_and_takes_nothing_from_the_others_there()
    {
        Enumerable.Range(0, 10).Sum(i => Taken(Ann, $"192.0.2.{i}")).ShouldBe(3);

        Taken(null, "192.0.2.1").ShouldBe(1);
        Enumerable.Range(0, 10).Sum(_ => Taken(Service, "192.0.2.1")).ShouldBe(10);
    }

    private int Taken(Caller? caller, string address)
    {
        var http = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
        if (caller is not null)
        {
            http.Features.Set(caller);
        }

        using var lease = Rate.AttemptAcquire(http);
        return lease.IsAcquired ? 1 : 0;
    }
}
