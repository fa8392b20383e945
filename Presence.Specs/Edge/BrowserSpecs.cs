using System.Net;
using Presence.Specs.Journeys;

namespace Presence.Specs.Edge;

/// <summary>What a browser is told it may do.</summary>
public sealed class BrowserSpecs : IAsyncLifetime
{
    private const string App = "https://app.example";

    private JourneyServer? _server;
    private HttpClient? _http;

    public async Task InitializeAsync()
    {
        _server = await JourneyServer.Start($"Presence:Authentication:AllowedOrigins:0={App}");
        _http = new HttpClient { BaseAddress = _server.Address };
    }

    public async Task DisposeAsync()
    {
        _http!.Dispose();
        await _server!.DisposeAsync();
    }

    [Theory]
    [InlineData("/privacy", "PUT", "content-type,x-user-id")]
    [InlineData("/events", "GET", "authorization,last-event-id")]
    [InlineData("/api/v1/presence/devices/phone", "DELETE", "authorization")]
    public async Task A_page_of_a_listed_origin_is_told_beforehand_that_it_may(string path, string method, string headers)
    {
        using var answer = await Ask(
            "OPTIONS",
            path,
            App,
            ("Access-Control-Request-Method", method),
            ("Access-Control-Request-Headers", headers)
        );

        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        Header(answer, "Access-Control-Allow-Origin").ShouldBe(App);
        Header(answer, "Access-Control-Allow-Methods").ShouldContain(method);
        Header(answer, "Access-Control-Allow-Credentials").ShouldBe("true");
        Header(answer, "Vary").ShouldContain("Origin");
        foreach (var header in headers.Split(','))
        {
            Header(answer, "Access-Control-Allow-Headers").ShouldContain(header, Case.Insensitive);
        }
    }

    [Fact]
    public async Task No_page_may_send_a_backends_key_or_a_gateways_secret()
    {
        using var answer = await Ask(
            "OPTIONS",
            "/import",
            App,
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "x-api-key")
        );

        Header(answer, "Access-Control-Allow-Headers").ShouldNotContain("x-api-key", Case.Insensitive);
        Header(answer, "Access-Control-Allow-Headers").ShouldNotContain("secret", Case.Insensitive);
    }

    [Theory]
    [InlineData("/", HttpStatusCode.OK)]
    [InlineData("/events?snapshot=none", HttpStatusCode.OK)]
    [InlineData("/devices/unknown", HttpStatusCode.MethodNotAllowed)]
    [InlineData("/bulk", HttpStatusCode.MethodNotAllowed)]
    [InlineData("/nowhere/at/all", HttpStatusCode.NotFound)]
    public async Task A_page_of_a_listed_origin_may_read_the_answer_refusals_too(string path, HttpStatusCode status)
    {
        using var answer = await Ask("GET", path, App, ("X-User-ID", "alice"));

        answer.StatusCode.ShouldBe(status);
        Header(answer, "Access-Control-Allow-Origin").ShouldBe(App);
    }

    [Theory]
    [InlineData("OPTIONS")]
    [InlineData("GET")]
    [InlineData("PUT")]
    public async Task A_page_of_another_origin_is_told_nothing(string method)
    {
        using var answer = await Ask(
            method,
            "/privacy",
            "https://evil.example",
            ("Access-Control-Request-Method", "PUT"),
            ("X-User-ID", "alice")
        );

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        answer.Headers.ShouldNotContain(header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/privacy")]
    [InlineData("/health")]
    [InlineData("/metrics")]
    [InlineData("/openapi.json")]
    [InlineData("/nowhere/at/all")]
    [InlineData("/events?snapshot=full&snapshot=none")]
    public async Task Every_answer_says_what_it_is_not_for(string path)
    {
        using var answer = await Ask("GET", path, null, ("X-User-ID", "alice"));

        Header(answer, "X-Content-Type-Options").ShouldBe("nosniff");
        Header(answer, "Referrer-Policy").ShouldBe("no-referrer");
        Header(answer, "X-Frame-Options").ShouldBe("DENY");
        Header(answer, "Cross-Origin-Resource-Policy").ShouldBe("same-origin");
        Header(answer, "Content-Security-Policy").ShouldContain("frame-ancestors 'none'");
        Header(answer, "Cache-Control").ShouldContain("no-store");
        answer.Headers.Contains("Server").ShouldBeFalse();
        // This came in clear text: a browser would not believe it, and behind a gateway it is the gateway's to say.
        answer.Headers.Contains("Strict-Transport-Security").ShouldBeFalse();
    }

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";

    private async Task<HttpResponseMessage> Ask(string method, string path, string? origin, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await _http!.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
