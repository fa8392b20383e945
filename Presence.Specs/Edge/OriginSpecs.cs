using Microsoft.AspNetCore.Http;
using Presence.Host.Identity;

namespace Presence.Specs.Edge;

public sealed class OriginSpecs
{
    private static readonly AuthenticationOptions Listing = new() { AllowedOrigins = ["https://App.example:443"] };

    [Theory]
    [InlineData("https://app.example", "https", "app.example", 443)]
    [InlineData("HTTPS://APP.Example:443", "https", "app.example", 443)]
    [InlineData("http://localhost:8085", "http", "localhost", 8085)]
    [InlineData("http://[::1]:80", "http", "[::1]", 80)]
    public void An_origin_is_scheme_host_and_port(string text, string scheme, string host, int port)
    {
        Origin.TryParse(text, out var origin).ShouldBeTrue();
        origin.ShouldBe(new(scheme, host, port));
    }

    [Theory]
    [InlineData("https://app.example\n")]
    [InlineData(" https://app.example")]
    [InlineData("https://app.e\u212Aample")]
    [InlineData("https://app.example:65536")]
    [InlineData(null)]
    public void What_else_looks_like_one_is_none(string? text) => Origin.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("https://app.example/")]
    [InlineData("https://*.example")]
    [InlineData("null")]
    public void An_option_that_is_no_origin_is_told_with_what_to_write_instead(string origin) =>
        new AuthenticationOptions { AllowedOrigins = [origin] }
            .Problems([])
            .ShouldHaveSingleItem()
            .ShouldContain($"has '{origin}': write scheme, host and port alone");

    [Theory]
    [InlineData("127.0.0.1:8085", true)]
    [InlineData("localhost:8085", true)]
    [InlineData("presence.localhost:8085", true)]
    [InlineData("[::1]:8085", true)]
    [InlineData("evil.example:8085", false)]
    [InlineData("127.0.0.1.evil.example:8085", false)]
    [InlineData("localhost.evil.example:8085", false)]
    [InlineData("192.168.1.5:8085", false)]
    [InlineData("", false)]
    public void On_loopback_a_page_whose_name_was_bent_to_this_machine_is_not_the_services_own(string host, bool passes)
    {
        Passes(Listing, host, ("Origin", $"http://{host}")).ShouldBe(passes);
        // What a page reads of its own origin carries none.
        Passes(Listing, host, ("Accept-Language", "en")).ShouldBe(passes);
        Passes(Listing, host, ("Sec-Fetch-Site", "same-origin")).ShouldBe(passes);
        Passes(Listing, host, ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64)")).ShouldBe(passes);
        Passes(Listing, host, ("User-Agent", "curl/8.5.0")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData(";")]
    [InlineData("*")]
    [InlineData("0.0.0.0")]
    [InlineData("[::]")]
    public void Hosts_that_stand_for_any_are_no_list_of_names(string allowedHosts) =>
        Passes(Listing, "evil.example:8085", true, allowedHosts, ("Origin", "http://evil.example:8085")).ShouldBeFalse();

    [Fact]
    public void A_name_that_is_configured_is_the_services_own()
    {
        var secret = "a-secret-of-the-gateways";
        var behind = Listing with { ProxySecret = secret };
        (string, string) browser = ("Accept-Language", "en");

        Passes(Listing, "app.example", browser).ShouldBeTrue();
        Passes(Listing, "chat.example", browser).ShouldBeFalse();
        Passes(Listing, "chat.example", allowedHosts: "*", headers: [browser]).ShouldBeFalse();
        // HostFiltering has let it through.
        Passes(Listing, "chat.example", allowedHosts: "chat.example;localhost", headers: [browser]).ShouldBeTrue();
        Passes(Listing, "chat.example", onLoopback: false, headers: [browser]).ShouldBeTrue();
        Passes(behind, "chat.example", browser, ("X-Presence-Proxy-Secret", secret)).ShouldBeTrue();
        Passes(behind, "chat.example", browser, ("X-Presence-Proxy-Secret", "another-secret-of-someone")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("/events", "cross-site", "no-cors", "image", false)]
    [InlineData("/events", "cross-site", "navigate", "document", false)]
    [InlineData("/alice", "cross-site", "no-cors", "script", false)]
    [InlineData("/alice", "same-site", "no-cors", "image", false)]
    [InlineData("/alice", "cross-site", "navigate", "iframe", false)]
    [InlineData("/alice", "cross-site", "navigate", "document", true)]
    [InlineData("/alice", "same-origin", "cors", "empty", true)]
    [InlineData("/events", "none", "navigate", "document", true)]
    public void What_another_page_embeds_is_refused_and_a_link_may_be_followed(
        string path,
        string site,
        string mode,
        string destination,
        bool passes
    )
    {
        var request = Request("localhost", ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", destination));
        request.Path = path;

        (new OriginPolicy(Listing, onLoopback: true, null).Refuse(request) is null).ShouldBe(passes);
    }

    private static bool Passes(AuthenticationOptions options, string host, params (string, string)[] headers) =>
        Passes(options, host, true, "*", headers);

    private static bool Passes(
        AuthenticationOptions options,
        string host,
        bool onLoopback = true,
        string? allowedHosts = null,
        params (string, string)[] headers
    ) => new OriginPolicy(options, onLoopback, allowedHosts).Refuse(Request(host, headers)) is null;

    private static HttpRequest Request(string host, params (string Name, string Value)[] headers)
    {
        var request = new DefaultHttpContext().Request;
        request.Method = HttpMethods.Get;
        request.Scheme = "http";
        request.Host = new HostString(host);
        foreach (var (name, value) in headers)
        {
            request.Headers.Append(name, value);
        }

        return request;
    }
}
