using System.Net;
using Presence.Specs.WebSocket;
using static Presence.Specs.Journeys.JourneyServer;

namespace Presence.Specs.Journeys;

[Collection(JourneyCollection.Name)]
public sealed class OperationsSpecs(JourneyServer server) : IDisposable
{
    private const string Key = "a-key-that-is-long-enough";

    private readonly Api _api = server.Api();

    public void Dispose() => _api.Dispose();

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task It_tells_that_it_is_well(string path)
    {
        var answer = await _api.Get(path);

        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.Json.GetProperty("status").GetString().ShouldBe("healthy");
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/presence/health/ready")]
    public async Task It_tells_so_by_head_too(string path)
    {
        var answer = await _api.Send("HEAD", path, null);

        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.Text.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_start_has_warmed_the_journal_up_and_left_no_fact_in_it()
    {
        await using var fresh = await Start();
        await using var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={fresh.Database}");
        await database.OpenAsync();
        await using var command = database.CreateCommand();
        command.CommandText = "select persistence_id, sequence_number, deleted from journal";
        await using var rows = await command.ExecuteReaderAsync();

        // The last one, marked as deleted, from which the plug-in tells how far it had been.
        rows.Read().ShouldBeTrue();
        rows.GetString(0).ShouldStartWith("warm-up-");
        rows.GetInt64(1).ShouldBe(3);
        rows.GetBoolean(2).ShouldBeTrue();
        rows.Read().ShouldBeFalse();
    }

    [Fact]
    public async Task Its_metrics_can_be_scraped()
    {
        await using var alice = await server.Connect(NewName("alice"));

        var answer = await _api.Get("/metrics");

        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.MediaType.ShouldBe("text/plain");
        answer.Text.ShouldContain("# TYPE presence_connections");
        answer.Text.ShouldContain("presence_connects_total");
        answer.Text.ShouldContain("presence_users_online");
    }

    [Fact]
    public async Task Its_document_names_the_routes()
    {
        var paths = (await _api.Get("/openapi.json")).Json.GetProperty("paths");

        foreach (var path in new[] { "/", "/{user_id}", "/bulk", "/privacy", "/import", "/users/{user_id}/contacts" })
        {
            paths.TryGetProperty(path, out _).ShouldBeTrue(path);
        }
    }

    [Fact]
    public async Task Its_stats_count_connections()
    {
        await using var alice = await server.Connect(NewName("alice"));

        var stats = (await _api.Get("/stats")).Json;

        stats.GetProperty("connections").GetInt64().ShouldBeGreaterThan(0);
        stats.GetProperty("users_online").GetInt64().ShouldBeGreaterThan(0);
        stats.GetProperty("nodes").GetArrayLength().ShouldBe(1);
        stats.GetProperty("connects").GetInt64().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_page_of_another_origin_is_let_in_nowhere_and_the_services_own_is()
    {
        var user = NewName("alice");
        (string, string) own = ("Origin", $"http://{server.Address.Authority}");
        (string, string) other = ("Origin", "https://evil.example");

        (await _api.Send("GET", "/", null, user, headers: own)).Status.ShouldBe(HttpStatusCode.OK);
        var refused = await _api.Send("GET", "/", null, user, headers: other);
        refused.Status.ShouldBe(HttpStatusCode.Forbidden);
        refused.Code.ShouldBe("forbidden");
        using (await RawSocket.ConnectAsync(server.Address, $"/ws?user_id={user}", own)) { }

        var upgrade = await RawSocket
            .ConnectAsync(server.Address, $"/ws?user_id={user}", other)
            .ShouldThrowAsync<InvalidOperationException>();
        upgrade.Message.ShouldStartWith("HTTP/1.1 403");
    }

    [Fact]
    public async Task With_a_key_configured_only_who_has_it_is_a_service_and_a_listed_origin_is_let_in()
    {
        var keyed = await Start($"Presence:Authentication:ApiKey={Key}", "Presence:Authentication:AllowedOrigins:0=https://app.example");
        try
        {
            using var api = keyed.Api();
            (await api.Get("/stats")).Status.ShouldBe(HttpStatusCode.Unauthorized);
            (await api.Get("/stats", "alice")).Status.ShouldBe(HttpStatusCode.Forbidden);
            (await api.Send("GET", "/stats", null, headers: ("X-Api-Key", "a-key-that-is-wrong-enough"))).Status.ShouldBe(
                HttpStatusCode.Unauthorized
            );
            (await api.Send("GET", "/stats", null, headers: ("X-Api-Key", Key))).Status.ShouldBe(HttpStatusCode.OK);
            (await api.Send("GET", "/", null, "alice", headers: ("Origin", "https://app.example"))).Status.ShouldBe(HttpStatusCode.OK);
            (await api.Get("/health")).Status.ShouldBe(HttpStatusCode.OK);
        }
        finally
        {
            await keyed.DisposeAsync();
        }
    }
}
