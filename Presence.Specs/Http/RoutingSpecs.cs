using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Presence.Actors.Users;
using Presence.Adapters.Http;
using Presence.Core.Users;

namespace Presence.Specs.Http;

/// <summary>Which route a request comes to, and who may call it.</summary>
public sealed class RoutingSpecs(HttpFixture http) : IClassFixture<HttpFixture>
{
    public static TheoryData<string> ForUsers =>
        new()
        {
            "POST /",
            "GET /",
            "POST /heartbeat",
            "POST /typing",
            "GET /devices",
            "DELETE /devices/phone",
            "DELETE /events/e1",
            "GET /privacy",
            "PUT /privacy",
            "POST /tickets",
        };

    public static TheoryData<string> ForUsersAndServices => new() { "GET /alice", "GET /users/alice", "POST /bulk", "GET /typing/standup" };

    public static TheoryData<string> ForServices =>
        new()
        {
            "DELETE /users/alice/devices/phone",
            "POST /users/alice/disconnect",
            "GET /users/alice/explain?viewer=bob",
            "GET /users/alice/export",
            "DELETE /users/alice",
            "GET /users/alice/contacts",
            "PUT /users/alice/contacts",
            "PUT /users/alice/contacts/bob",
            "DELETE /users/alice/contacts/bob",
            "GET /conversations/standup/participants",
            "PUT /conversations/standup/participants",
            "PUT /conversations/standup/participants/bob",
            "DELETE /conversations/standup/participants/bob",
            "POST /events",
            "POST /revocations",
            "POST /import",
            "GET /stats",
        };

    [Theory]
    [MemberData(nameof(ForUsers))]
    public async Task A_route_for_users_is_closed_to_nobody_and_to_a_service_that_names_no_user(string request)
    {
        var app = http.Fresh();

        (await app.Send(request, "")).ShouldBeProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        (await app.Send(request, "service")).ShouldBeProblem(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Theory]
    [MemberData(nameof(ForUsersAndServices))]
    public async Task A_read_is_closed_to_nobody(string request)
    {
        (await http.Fresh().Send(request, "")).ShouldBeProblem(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Theory]
    [MemberData(nameof(ForServices))]
    public async Task A_route_for_services_is_closed_to_nobody_and_to_users(string request)
    {
        var app = http.Fresh();

        (await app.Send(request, "")).ShouldBeProblem(HttpStatusCode.Unauthorized, "unauthenticated");
        (await app.Send(request, "alice")).ShouldBeProblem(HttpStatusCode.Forbidden, "forbidden");
        app.Loader.Received.ShouldBeEmpty();
    }

    [Fact]
    public void Every_route_but_health_and_the_document_is_named_above()
    {
        var app = http.Fresh();
        var mapped = app
            .Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => !endpoint.RoutePattern.RawText!.Contains("presence", StringComparison.Ordinal))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Select(_ => endpoint) ?? [])
            .Count(endpoint => !endpoint.RoutePattern.RawText!.Contains("health", StringComparison.Ordinal));

        mapped.ShouldBe(ForUsers.Count + ForUsersAndServices.Count + ForServices.Count + 1);
    }

    [Theory]
    [InlineData("GET /bulk", "POST")]
    [InlineData("GET /typing", "POST")]
    [InlineData("GET /heartbeat", "POST")]
    [InlineData("GET /import", "POST")]
    [InlineData("GET /tickets", "POST")]
    [InlineData("GET /revocations", "POST")]
    [InlineData("GET /presence/bulk", "POST")]
    [InlineData("GET /api/v1/presence/typing", "POST")]
    [InlineData("PATCH /privacy", "GET, PUT")]
    [InlineData("DELETE /events", "GET, POST")]
    [InlineData("POST /stats", "GET")]
    [InlineData("POST /health", "GET, HEAD")]
    [InlineData("POST /ws", "GET")]
    [InlineData("POST /openapi.json", "GET")]
    [InlineData("HEAD /bulk", "POST")]
    [InlineData("OPTIONS /bulk", "POST")]
    [InlineData("DELETE /", "GET,POST")]
    [InlineData("DELETE /alice", "GET")]
    [InlineData("POST /users/alice", "DELETE, GET")]
    [InlineData("PATCH /users/alice/contacts", "GET,PUT")]
    [InlineData("POST /devices/phone", "DELETE")]
    [InlineData("PUT /presence", "GET,POST")]
    public async Task A_route_with_another_method_is_not_allowed_and_names_those_it_takes(string request, string allowed)
    {
        var app = http.Fresh();

        var answer = await app.Send(request, "service:alice");

        answer.Status.ShouldBe(HttpStatusCode.MethodNotAllowed, answer.Text);
        if (!request.StartsWith("HEAD", StringComparison.Ordinal))
        {
            answer.ShouldBeProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        }

        answer.ContentHeaders.Allow.ShouldBe(allowed.Split(',', StringSplitOptions.TrimEntries), ignoreOrder: true);
        app.Users.Received.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("GET /nowhere/at/all")]
    [InlineData("POST /users")]
    [InlineData("GET /users/alice/nothing")]
    [InlineData("GET /conversations/standup")]
    [InlineData("GET /api/v1")]
    [InlineData("GET /docs")]
    [InlineData("GET /ws")]
    [InlineData("GET /metrics")]
    [InlineData("GET /events")]
    public async Task What_is_not_mapped_is_not_found_and_no_user_of_that_name(string request)
    {
        var app = http.Fresh();

        var answer = await app.Send(request, "service:alice");

        // "users" alone could be the name of a user: only the method is wrong.
        var status = request == "POST /users" ? HttpStatusCode.MethodNotAllowed : HttpStatusCode.NotFound;
        answer.ShouldBeProblem(status, status == HttpStatusCode.NotFound ? "not_found" : "method_not_allowed");
        app.Users.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_reserved_word_gives_way_to_whoever_maps_it_for_whatever_methods()
    {
        await using var app = await HttpApp.Start(
            http.System,
            map: routes =>
            {
                routes.Map("/metrics", () => "counted");
                routes.MapGet("/ws", () => "upgraded");
            }
        );

        (await app.Client.GetStringAsync("/metrics")).ShouldBe("counted");
        (await app.Client.GetStringAsync("/ws")).ShouldBe("upgraded");
    }

    [Fact]
    public void The_reserved_words_name_the_methods_that_are_mapped()
    {
        var mapped = http.Fresh()
            .Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern is { PathSegments.Count: 1, Parameters.Count: 0 })
            .SelectMany(endpoint =>
                endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Select(method => (Word: Word(endpoint), method)) ?? []
            )
            .Where(route => route.Word != "presence")
            // Served by the sockets' adapter.
            .Append((Word: "events", method: "GET"))
            .ToLookup(route => route.Word, route => route.method);

        foreach (var word in mapped)
        {
            ReservedRoutes.Words.ContainsKey(word.Key).ShouldBeTrue(word.Key);
            word.ShouldBe(ReservedRoutes.Words[word.Key], ignoreOrder: true, word.Key);
        }
    }

    [Theory]
    [InlineData("GET /users/bulk", "bulk")]
    [InlineData("GET /users/ws", "ws")]
    [InlineData("GET /presence/users/presence", "presence")]
    [InlineData("GET /users", "users")]
    [InlineData("GET /Bulk%2e", "Bulk.")]
    public async Task The_long_form_is_always_the_user(string request, string user)
    {
        var app = http.Fresh();
        app.Users.Answer = message => new PresenceIs(PresenceRecord.Unknown(((GetPresence)message).UserId));

        (await app.Send(request, "alice")).Status.ShouldBe(HttpStatusCode.OK);

        app.Users.Single<GetPresence>().UserId.Value.ShouldBe(user);
    }

    private static string Word(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!.Trim('/');
}
