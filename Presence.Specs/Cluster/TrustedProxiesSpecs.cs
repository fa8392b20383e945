using System.Net;
using Microsoft.AspNetCore.Http;
using Presence.Host.Identity;

namespace Presence.Specs.Cluster;

public sealed class TrustedProxiesSpecs
{
    private const string Key = "a-key-that-is-long-enough";
    private const string Secret = "a-secret-of-the-gateways";
    private static readonly string[] Everywhere = ["http://0.0.0.0:8085"];
    private static readonly string[] Networks = ["10.1.0.0/16", "fd00::/8"];

    [Fact]
    public void Beyond_loopback_trusted_headers_need_the_gateways_networks_a_key_and_a_secret()
    {
        new AuthenticationOptions().Problems(Everywhere).ShouldHaveSingleItem().ShouldContain("Presence:Authentication:TrustedProxies");
        new AuthenticationOptions { TrustedProxies = Networks }
            .Problems(Everywhere)
            .ShouldHaveSingleItem()
            .ShouldContain("no Presence:Authentication:ApiKey");
        new AuthenticationOptions { TrustedProxies = Networks, ApiKey = Key }
            .Problems(Everywhere)
            .ShouldHaveSingleItem()
            .ShouldContain("no Presence:Authentication:ProxySecret");
        new AuthenticationOptions
        {
            TrustedProxies = Networks,
            ApiKey = Key,
            ProxySecret = Secret,
        }
            .Problems(Everywhere)
            .ShouldBeEmpty();
    }

    [Fact]
    public void A_network_that_is_none_is_told_with_what_to_write_instead() =>
        new AuthenticationOptions
        {
            TrustedProxies = ["gateway.example"],
            ApiKey = Key,
            ProxySecret = Secret,
        }
            .Problems(Everywhere)
            .ShouldHaveSingleItem()
            .ShouldContain("has 'gateway.example': write a network in CIDR notation");

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("fd00::5", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("10.2.0.1", false)]
    [InlineData("2001:db8::1", false)]
    public async Task Who_is_in_no_trusted_network_is_refused(string address, bool passes) => (await Passes(address, "/")).ShouldBe(passes);

    [Theory]
    [InlineData("/health", true)]
    [InlineData("/health/live", true)]
    [InlineData("/health/ready", true)]
    [InlineData("/api/v1/presence/health/ready", true)]
    [InlineData("/metrics", true)]
    [InlineData("/stats", false)]
    [InlineData("/users/health", false)]
    [InlineData("/users/x/../../health", false)]
    public async Task What_nobody_has_to_be_believed_for_is_told_to_anybody(string path, bool passes) =>
        (await Passes("192.0.2.1", path)).ShouldBe(passes);

    private static async Task<bool> Passes(string address, string path)
    {
        var passed = false;
        var middleware = new TrustedProxiesMiddleware(
            _ =>
            {
                passed = true;
                return Task.CompletedTask;
            },
            new AuthenticationOptions { TrustedProxies = Networks, ApiKey = Key }
        );
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Parse(address);
        http.Request.Method = HttpMethods.Get;
        http.Request.Path = path;
        http.Request.Headers["X-Api-Key"] = Key;

        await middleware.InvokeAsync(http);

        http.Response.StatusCode.ShouldBe(passed ? StatusCodes.Status200OK : StatusCodes.Status403Forbidden);
        return passed;
    }
}
