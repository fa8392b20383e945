using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Presence.Adapters.Http;

namespace Presence.Specs.Http;

/// <summary>The published document says what the code does. That every response fits it is checked by <see cref="HttpApp"/>, in every spec.</summary>
public sealed class OpenApiSpecs(HttpFixture http) : IClassFixture<HttpFixture>
{
    [Theory]
    [InlineData("/openapi.json")]
    [InlineData("/presence/openapi.json")]
    [InlineData("/api/v1/presence/openapi.json")]
    public async Task The_document_is_served_under_every_prefix(string path)
    {
        var app = http.Fresh();

        var answer = await app.Send("GET " + path, "");

        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        answer.MediaType.ShouldBe("application/json");
        ((string)answer.Json["openapi"]!).ShouldStartWith("3.1");
        answer.Json["servers"]!.AsArray().Select(server => (string)server!["url"]!).ShouldBe(["/", "/presence", "/api/v1/presence"]);
    }

    [Fact]
    public async Task Every_mapped_route_is_in_the_document_once_and_nothing_else_is()
    {
        var app = http.Fresh();
        var document = await ApiDocument.Of(app);

        var mapped = app
            .Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint =>
                endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Select(method => $"{method} {Path(endpoint)}") ?? []
            )
            .Where(route =>
                !route.Contains("/presence", StringComparison.Ordinal)
                && !route.EndsWith("openapi.json", StringComparison.Ordinal)
                // The same without a body.
                && !route.StartsWith("HEAD ", StringComparison.Ordinal)
            );

        document.Operations.ShouldBe(mapped, ignoreOrder: true);
    }

    [Fact]
    public async Task Every_route_is_mapped_alike_under_every_prefix()
    {
        var app = http.Fresh();
        var paths = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(Path).ToList();
        var atRoot = paths.Where(path => !path.Contains("/presence", StringComparison.Ordinal)).ToList();

        foreach (var prefix in PresenceHttp.Prefixes.Skip(1))
        {
            var under = paths.Where(path => path == prefix || path.StartsWith(prefix + "/", StringComparison.Ordinal));

            under.ShouldBe(atRoot.Select(path => prefix + path.TrimEnd('/')), ignoreOrder: true);
        }
    }

    [Fact]
    public async Task Every_operation_has_a_summary_and_its_refusals_and_an_example_wherever_there_is_a_body()
    {
        var app = http.Fresh();
        var document = await ApiDocument.Of(app);

        document.Operations.Select(name => (string?)document.Operation(name)["operationId"]).ShouldBeUnique();
        foreach (var name in document.Operations)
        {
            var operation = document.Operation(name);
            ((string?)operation["summary"]).ShouldNotBeNullOrEmpty(name);
            ((string?)operation["operationId"]).ShouldNotBeNullOrEmpty(name);
            var isHealth = name.Contains("/health", StringComparison.Ordinal);
            operation["responses"]!.AsObject().ContainsKey("401").ShouldBe(!isHealth, name);
            foreach (var content in document.GoodContents(name))
            {
                content["example"].ShouldNotBeNull(name);
            }
        }
    }

    [Fact]
    public async Task Every_example_fits_its_schema()
    {
        var app = http.Fresh();
        var document = await ApiDocument.Of(app);
        var checkedExamples = 0;

        foreach (var content in document.Operations.SelectMany(document.AllContents).Where(content => content["example"] is not null))
        {
            document.Faults(content["schema"]!, content["example"]).ShouldBeEmpty(content["example"]?.ToJsonString());
            checkedExamples++;
        }

        checkedExamples.ShouldBeGreaterThan(100);
    }

    [Fact]
    public async Task The_presence_is_described_field_by_field()
    {
        var app = http.Fresh();
        var document = await ApiDocument.Of(app);

        var presence = document.Schema("Presence");

        presence["properties"]!
            .AsObject()
            .Select(property => property.Key)
            .ShouldBe([
                "user_id",
                "online_status",
                "custom_status",
                "activity",
                "expires_at",
                "platforms",
                "last_seen_at",
                "updated_at",
                "version",
                "certainty",
                "set_status",
                "ends",
                "devices",
                "active_devices",
            ]);
        presence["required"]!.AsArray().Count.ShouldBe(10);
        document.Faults(presence, JsonNode.Parse("""{"user_id":"a"}""")).ShouldNotBeEmpty();
        document.Faults(document.Schema("StatusWord"), JsonValue.Create("sleeping")).ShouldNotBeEmpty();
    }

    private static string Path(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.Trim('/');
}
