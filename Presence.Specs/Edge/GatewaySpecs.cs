using System.Collections.Concurrent;
using Presence.Specs.Journeys;
using Xunit.Abstractions;

namespace Presence.Specs.Edge;

/// <summary>One server that believes gateways alone, and each gateway before it, for all attempts.</summary>
public sealed class GatewayFixture : IAsyncLifetime
{
    internal const string Secret = "a-secret-of-the-gateways";
    internal const string Key = "a-key-that-is-long-enough";

    private readonly Dictionary<string, Gateway> _gateways = new(StringComparer.Ordinal);
    private JourneyServer? _server;

    internal Uri Server => _server!.Address;

    public async Task InitializeAsync() =>
        _server = await JourneyServer.Start(
            $"Presence:Authentication:ProxySecret={Secret}",
            $"Presence:Authentication:ApiKey={Key}",
            "Presence:Authentication:AllowedOrigins:0=https://app.example",
            "Presence:Authentication:AllowedOrigins:1=https://chat.example"
        );

    /// <summary>Where requests go in, by <c>direct</c>, <c>nginx</c> or <c>haproxy</c>; skips where that is not to be had.</summary>
    internal async Task<Uri> Entrance(string by)
    {
        if (by == "direct")
        {
            return Server;
        }

        var missing = Gateway.Missing(by);
        Skip.If(missing is not null, missing);
        if (!_gateways.TryGetValue(by, out var gateway))
        {
            _gateways[by] = gateway = await Gateway.Start(by, Server, Secret);
        }

        return gateway.Address;
    }

    public async Task DisposeAsync()
    {
        foreach (var gateway in _gateways.Values)
        {
            await gateway.DisposeAsync();
        }

        await _server!.DisposeAsync();
    }
}

/// <summary>Nobody becomes somebody else, and no other page is let in: neither directly nor through nginx and HAProxy with what is in <c>deploy/</c>.</summary>
public sealed class GatewaySpecs(GatewayFixture fixture, ITestOutputHelper output) : IClassFixture<GatewayFixture>
{
    private const string Bob = "\"user_id\":\"bob\"";
    private const string Alice = "\"user_id\":\"alice\"";

    private static readonly ParallelOptions AFewAtATime = new() { MaxDegreeOfParallelism = 8 };

    public static TheoryData<string> Ways => ["direct", "nginx", "haproxy"];

    /// <summary>What a client has that is Alice's; directly it is what a gateway adds that removes nothing.</summary>
    private static string[] Alices(string by) =>
        by == "direct" ? ["X-User-ID: alice", $"X-Presence-Proxy-Secret: {GatewayFixture.Secret}"] : [$"Cookie: {Gateway.Session}"];

    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public async Task Who_is_known_is_served_as_whom_the_gateway_says(string by)
    {
        var entrance = await fixture.Entrance(by);
        var read = new Attempt("a read", []);
        var socket = new Attempt("a socket", [], "/ws?device_id=a", Upgrades: true);
        var stream = new Attempt("a stream", [], "/events");

        foreach (var honest in new[] { read, socket, stream })
        {
            (await RawHttp.Send(entrance, honest.Bytes("chat.example", Alices(by)))).ShouldContain(Alice, Case.Sensitive, honest.Name);
            RawHttp.StatusOf(await RawHttp.Send(entrance, honest.Bytes("chat.example", []))).ShouldBe(401, honest.Name);
        }
    }

    [Fact]
    public async Task The_gateways_secret_lets_anybody_be_bob()
    {
        var honest = new Attempt("bob himself", ["X-User-ID: bob", $"X-Presence-Proxy-Secret: {GatewayFixture.Secret}"]);

        // So that what follows could fail.
        (await RawHttp.Send(fixture.Server, honest.Bytes("chat.example", []))).ShouldContain(Bob);
    }

    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public async Task Nobody_is_taken_for_another_user(string by)
    {
        var entrance = await fixture.Entrance(by);
        var alice = Alices(by);
        var answers = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var taken = new ConcurrentBag<string>();
        var all =
            from attempt in Attempts.ToBeBob
            from way in new[]
            {
                (Who: "nobody", Bytes: attempt.Bytes("chat.example", [])),
                (Who: "alice before", Bytes: attempt.Bytes("chat.example", alice)),
                (Who: "alice after", Bytes: attempt.Bytes("chat.example", [], alice)),
            }
            select (attempt, way.Who, way.Bytes);

        await Parallel.ForEachAsync(
            all,
            AFewAtATime,
            async (one, _) =>
            {
                var answer = await RawHttp.Send(entrance, one.Bytes, isOne: one.attempt.Body.Length == 0);
                answers.AddOrUpdate($"{one.Who}: {RawHttp.StatusOf(answer)}", 1, (_, count) => count + 1);
                var named = one.Who == "nobody" ? "\"user_id\"" : Bob;
                if (answer.Contains(named, StringComparison.Ordinal))
                {
                    taken.Add($"{one.attempt.Name} ({one.Who}): {answer}");
                }
            }
        );

        Tell($"{by}: {Attempts.ToBeBob.Count} ways to be another, each three times, {taken.Count} accepted", answers);
        Attempts.ToBeBob.Count.ShouldBeGreaterThanOrEqualTo(100);
        taken.ShouldBeEmpty();
    }

    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public async Task A_page_of_no_listed_origin_is_let_in_nowhere(string by)
    {
        var entrance = await fixture.Entrance(by);
        var answers = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var letIn = new ConcurrentBag<string>();
        var all = from origins in Attempts.ForeignOrigins from attempt in OfPage(origins) select (origins, attempt);

        await Parallel.ForEachAsync(
            all,
            AFewAtATime,
            async (one, _) =>
            {
                var answer = await RawHttp.Send(entrance, one.attempt.Bytes("chat.example", Alices(by)));
                var status = RawHttp.StatusOf(answer);
                answers.AddOrUpdate($"{one.attempt.Name}: {status}", 1, (_, count) => count + 1);
                if (status is not (400 or 403) || answer.Contains("Access-Control-Allow-Origin", StringComparison.OrdinalIgnoreCase))
                {
                    letIn.Add($"{one.attempt.Name} of {string.Join(" and ", one.origins)}: {answer}");
                }
            }
        );

        Tell($"{by}: {Attempts.ForeignOrigins.Count} origins on five routes, {letIn.Count} let in", answers);
        Attempts.ForeignOrigins.Count.ShouldBeGreaterThanOrEqualTo(40);
        letIn.ShouldBeEmpty();
    }

    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public async Task A_page_of_a_listed_origin_is_let_in_however_it_is_written(string by)
    {
        var entrance = await fixture.Entrance(by);

        foreach (var origins in Attempts.ListedOrigins)
        {
            foreach (var attempt in OfPage(origins))
            {
                var answer = await RawHttp.Send(entrance, attempt.Bytes("chat.example", Alices(by)));
                RawHttp.StatusOf(answer).ShouldBeOneOf(101, 200, 204, 405);
                answer.ShouldNotContain(Bob);
            }
        }
    }

    [SkippableTheory]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    public async Task A_gateway_asks_nothing_of_operators_and_backends_and_knows_its_own_name(string by)
    {
        var entrance = await fixture.Entrance(by);

        foreach (
            var path in new[]
            {
                "/metrics",
                "/METRICS",
                "/metrics/",
                "/%6detrics",
                "/x/../metrics",
                "/x/%2e%2e/metrics",
                "/presence/./metrics",
                "/presence/metrics",
                "/stats",
                "/health/ready",
                "/api/v1/presence/import",
            }
        )
        {
            var attempt = new Attempt(path, [$"X-Api-Key: {GatewayFixture.Key}"], path);
            RawHttp.StatusOf(await RawHttp.Send(entrance, attempt.Bytes("chat.example", Alices(by)))).ShouldBeOneOf(400, 404);
        }

        // The right key, from outside: the gateway takes it away.
        var contacts = new Attempt("a backend", [$"X-Api-Key: {GatewayFixture.Key}"], "/users/alice/contacts");
        RawHttp.StatusOf(await RawHttp.Send(entrance, contacts.Bytes("chat.example", Alices(by)))).ShouldBe(403);
        RawHttp
            .StatusOf(await RawHttp.Send(entrance, new Attempt("another name", []).Bytes("evil.example", Alices(by))))
            .ShouldBeOneOf(0, 421);
    }

    private static IEnumerable<Attempt> OfPage(string[] origins)
    {
        var lines = origins.Select(origin => $"Origin: {origin}").ToArray();
        yield return new("a socket", lines, "/ws?device_id=page", Upgrades: true);
        yield return new("a stream", lines, "/events");
        yield return new("a read", lines);
        yield return new(
            "a write",
            [.. lines, "Content-Type: application/json", "Content-Length: 26"],
            "/",
            "POST",
            "{\"online_status\":\"online\"}"
        );
        yield return new("a question before", [.. lines, "Access-Control-Request-Method: PUT"], "/privacy", "OPTIONS");
    }

    private void Tell(string headline, ConcurrentDictionary<string, int> answers)
    {
        output.WriteLine(headline);
        foreach (var (answer, count) in answers.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"  {answer} {count} times");
        }
    }
}
