using System.Net;
using Microsoft.AspNetCore.Routing;
using Presence.Adapters.Http;
using Presence.Host;
using Presence.Specs.Journeys;

namespace Presence.Specs.Edge;

/// <summary>Every route of the service, and who may call it. One that is added and not written here fails: nothing is open by accident.</summary>
public sealed class RouteAccessSpecs : IAsyncLifetime
{
    private const string Key = "a-key-that-is-long-enough";
    private const string Anyone = "anyone";
    private const string User = "user";
    private const string Reader = "user or service";
    private const string Service = "service";

    private static readonly Dictionary<string, string> Table = new(StringComparer.Ordinal)
    {
        ["GET /"] = User,
        ["POST /"] = User,
        ["GET /{user_id}"] = Reader,
        ["GET /users/{user_id}"] = Reader,
        ["POST /bulk"] = Reader,
        ["POST /heartbeat"] = User,
        ["POST /typing"] = User,
        ["GET /typing/{conversation_id}"] = Reader,
        ["GET /devices"] = User,
        ["DELETE /devices/{device_id}"] = User,
        ["DELETE /users/{user_id}/devices/{device_id}"] = Service,
        ["GET /privacy"] = User,
        ["PUT /privacy"] = User,
        ["POST /tickets"] = User,
        ["GET /ws"] = User,
        ["CONNECT /ws"] = User,
        ["GET /events"] = User,
        ["POST /events"] = Service,
        ["DELETE /events/{event_id}"] = User,
        ["GET /users/{user_id}/contacts"] = Service,
        ["PUT /users/{user_id}/contacts"] = Service,
        ["PUT /users/{user_id}/contacts/{contact_id}"] = Service,
        ["DELETE /users/{user_id}/contacts/{contact_id}"] = Service,
        ["GET /conversations/{conversation_id}/participants"] = Service,
        ["PUT /conversations/{conversation_id}/participants"] = Service,
        ["PUT /conversations/{conversation_id}/participants/{user_id}"] = Service,
        ["DELETE /conversations/{conversation_id}/participants/{user_id}"] = Service,
        ["POST /import"] = Service,
        ["GET /users/{user_id}/explain"] = Service,
        ["GET /users/{user_id}/export"] = Service,
        ["DELETE /users/{user_id}"] = Service,
        ["POST /users/{user_id}/disconnect"] = Service,
        ["POST /revocations"] = Service,
        ["GET /stats"] = Service,
        ["GET /health"] = Anyone,
        ["GET /health/live"] = Anyone,
        ["GET /health/ready"] = Anyone,
        ["HEAD /health"] = Anyone,
        ["HEAD /health/live"] = Anyone,
        ["HEAD /health/ready"] = Anyone,
        ["GET /metrics"] = Anyone,
        ["GET /openapi.json"] = Anyone,
    };

    private JourneyServer? _server;
    private Api? _api;

    public async Task InitializeAsync()
    {
        _server = await JourneyServer.Start($"Presence:Authentication:ApiKey={Key}");
        _api = _server.Api();
    }

    public async Task DisposeAsync()
    {
        _api!.Dispose();
        await _server!.DisposeAsync();
    }

    [Fact]
    public async Task Every_route_is_in_the_table_and_every_row_of_it_is_a_route()
    {
        using var folder = new TemporaryFolder();
        await using var app = await PresenceServer.Build([
            "--Urls=http://127.0.0.1:0",
            $"--Presence:Storage:ConnectionString=Data Source={folder.Database}",
        ]);
        var routes = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().ToList();

        foreach (var prefix in PresenceHttp.Prefixes)
        {
            var mapped = routes
                .Where(route => PrefixOf(route) == prefix && !IsReserved(route))
                .SelectMany(route => MethodsOf(route).Select(method => $"{method} {PathOf(route, prefix)}"))
                .Distinct(StringComparer.Ordinal);

            mapped.ShouldBe(Table.Keys, ignoreOrder: true, $"under '{prefix}'");
        }
    }

    [Fact]
    public async Task Every_route_is_closed_to_whom_the_table_does_not_name()
    {
        foreach (var prefix in PresenceHttp.Prefixes)
        {
            foreach (var (route, access) in Table.Where(row => !row.Key.StartsWith("CONNECT", StringComparison.Ordinal)))
            {
                var nobody = await Call(route, prefix);
                var user = await Call(route, prefix, ("X-User-ID", "alice"));
                var service = await Call(route, prefix, ("X-Api-Key", Key));
                var told = $"{route} under '{prefix}'";

                (nobody is "unauthenticated").ShouldBe(access != Anyone, told);
                (user is "forbidden").ShouldBe(access == Service, told);
                (user is "unauthenticated").ShouldBe(false, told);
                (service is "unauthenticated").ShouldBe(access == User, told);
                (service is "forbidden").ShouldBe(false, told);
            }
        }
    }

    [Fact]
    public async Task What_anyone_may_ask_can_be_left_to_services()
    {
        var closed = await JourneyServer.Start(
            $"Presence:Authentication:ApiKey={Key}",
            "Presence:Operations:HealthAccess=service",
            "Presence:Operations:MetricsAccess=service",
            "Presence:Operations:DocumentsAccess=service"
        );
        try
        {
            using var api = closed.Api();
            foreach (var path in new[] { "/health", "/health/live", "/health/ready", "/metrics", "/METRICS", "/metrics/", "/openapi.json" })
            {
                foreach (var prefix in PresenceHttp.Prefixes)
                {
                    (await api.Get(prefix + path)).Status.ShouldBe(HttpStatusCode.Unauthorized, prefix + path);
                    (await api.Get(prefix + path, "alice")).Status.ShouldBe(HttpStatusCode.Forbidden, prefix + path);
                    (await api.Send("GET", prefix + path, null, headers: ("X-Api-Key", Key))).Status.ShouldBe(
                        HttpStatusCode.OK,
                        prefix + path
                    );
                }
            }
        }
        finally
        {
            await closed.DisposeAsync();
        }
    }

    [Fact]
    public void Who_may_ask_is_one_of_two_words() =>
        new Presence.Host.Operations.OperationsOptions { MetricsAccess = "everybody" }
            .Problems()
            .ShouldHaveSingleItem()
            .ShouldBe("Presence:Operations:MetricsAccess is 'everybody': write anyone or service");

    /// <summary>The code of the refusal, if it is one: a 403 may have other reasons than who calls.</summary>
    private async Task<string?> Call(string route, string prefix, params (string, string)[] headers)
    {
        var words = route.Split(' ');
        var path = words[1]
            .Replace("{user_id}", "bob", StringComparison.Ordinal)
            .Replace("{conversation_id}", "standup", StringComparison.Ordinal)
            .Replace("{device_id}", "phone", StringComparison.Ordinal)
            .Replace("{contact_id}", "cleo", StringComparison.Ordinal)
            .Replace("{event_id}", "e1", StringComparison.Ordinal);
        // Not so far that anything is streamed or stored: the query and the media type are no good.
        return (
            await _api!.Send(
                words[0],
                $"{prefix}{path}?snapshot=no",
                words[0] is "GET" or "HEAD" or "DELETE" ? null : "x",
                headers: headers
            )
        ).Code;
    }

    private static bool IsReserved(RouteEndpoint route) => route.DisplayName?.StartsWith("reserved ", StringComparison.Ordinal) == true;

    private static IEnumerable<string> MethodsOf(RouteEndpoint route) =>
        // The scraper's answers whatever the method.
        route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods
        ?? ["GET"];

    private static string PrefixOf(RouteEndpoint route) =>
        PresenceHttp.Prefixes.Where(prefix => prefix.Length > 0).FirstOrDefault(prefix => IsUnder(Text(route), prefix)) ?? "";

    private static string PathOf(RouteEndpoint route, string prefix) => "/" + Text(route)[prefix.Length..].Trim('/');

    private static bool IsUnder(string path, string prefix) => path == prefix || path.StartsWith(prefix + "/", StringComparison.Ordinal);

    private static string Text(RouteEndpoint route) => "/" + route.RoutePattern.RawText?.Trim('/');
}
