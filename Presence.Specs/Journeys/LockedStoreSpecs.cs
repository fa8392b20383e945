using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using static Presence.Specs.Journeys.JourneyServer;

namespace Presence.Specs.Journeys;

/// <summary>Another process locks the database file while the service runs.</summary>
public sealed class LockedStoreSpecs : IAsyncLifetime
{
    /// <summary>The 2 s that are promised, and a moment for the way there and back on a busy machine.</summary>
    private static readonly TimeSpan Told = TimeSpan.FromSeconds(2.5);

    private readonly string _alice = NewName("alice");
    private readonly string _bob = NewName("bob");
    private JourneyServer _server = null!;
    private Api _api = null!;

    public async Task InitializeAsync()
    {
        _server = await Start("Presence:OfflineGrace=00:00:00.3");
        _api = _server.Api();
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Durable_commands_are_refused_in_time_all_else_goes_on_and_afterwards_all_is_well()
    {
        var chat = NewName("chat");
        await _api.MakeContacts(_alice, _bob);
        await _api.MakeConversation(chat, _alice, _bob);
        await using var alice = await _server.Connect(_alice);
        await using var bob = await _server.Connect(_bob);
        await alice.Choose("""{"custom_status":"before"}""");
        await alice.Say(Typing(chat, isTyping: false));

        using (var other = Locked(_server.Database))
        {
            var clock = Stopwatch.StartNew();
            (await alice.Choose("""{"custom_status":"not promised"}""")).GetProperty("code").GetString().ShouldBe("unavailable");
            clock.Elapsed.ShouldBeLessThan(Told);
            clock.Restart();
            var put = await _api.Put("/privacy", """{"blocked":["x"]}""", _alice);
            put.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
            put.Code.ShouldBe("unavailable");
            clock.Elapsed.ShouldBeLessThan(Told);
            clock.Restart();
            (await _api.Put($"/users/{_alice}/contacts/{NewName("carol")}")).Code.ShouldBe("unavailable");
            clock.Elapsed.ShouldBeLessThan(Told);

            clock.Restart();
            var post = await _api.Post("/events", $$"""{"event_type":"note","recipients":["{{_alice}}"],"payload":{},"ttl":60}""");
            post.Code.ShouldBe("unavailable");
            clock.Elapsed.ShouldBeLessThan(Told);

            var health = await _api.Get("/health/ready");
            health.Status.ShouldBe(HttpStatusCode.OK, "it is no better anywhere else, and all else goes on");
            health.Json.GetProperty("status").GetString().ShouldBe("degraded");
            health.Json.GetProperty("checks").GetProperty("writes").GetString().ShouldBe("degraded");
            health.Json.GetProperty("reasons").GetProperty("writes").GetString().ShouldStartWith("the store takes no writes");
            (await _api.Get("/metrics")).Text.ShouldMatch(@"presence_writes_failing\S* 1\b");

            (await _api.Get($"/{_alice}", _bob)).Json.GetProperty("custom_status").GetString().ShouldBe("before");
            await alice.Say(Typing(chat, isTyping: true));
            (await bob.Next("typing_indicator")).GetProperty("user_id").GetString().ShouldBe(_alice);
            await alice.Say("""{"type":"heartbeat","payload":{"active":false}}""");
            await bob.HearsOf(_alice, "away");
            await using (await _server.Connect(_alice, "laptop"))
            {
                await bob.HearsOf(_alice, "online");
            }

            await bob.HearsOf(_alice, "away");
        }

        var own = await ChooseUntilStored(alice, """{"custom_status":"after"}""");
        own.GetProperty("custom_status").GetString().ShouldBe("after");
        await bob.Hears(_alice, seen => seen.GetProperty("custom_status").GetString() == "after");
        (await _api.Put("/privacy", """{"blocked":["y"]}""", _alice)).Status.ShouldBe(HttpStatusCode.OK);
        await HealthySoon();
    }

    /// <summary>What a probe has found is told for a second.</summary>
    private async Task HealthySoon()
    {
        var clock = Stopwatch.StartNew();
        string? status;
        do
        {
            status = (await _api.Get("/health/ready")).Json.GetProperty("status").GetString();
        } while (status != "healthy" && clock.Elapsed < TimeSpan.FromSeconds(15));

        status.ShouldBe("healthy");
    }

    private static async Task<JsonElement> ChooseUntilStored(JourneyClient client, string payload)
    {
        var clock = Stopwatch.StartNew();
        JsonElement answer;
        do
        {
            answer = await client.Choose(payload);
        } while (answer.TryGetProperty("code", out _) && clock.Elapsed < TimeSpan.FromSeconds(15));

        return answer;
    }

    private static string Typing(string chat, bool isTyping) =>
        $$"""{"type":"typing","payload":{"conversation_id":"{{chat}}","is_typing":{{(isTyping ? "true" : "false")}}} }""";

    private static SqliteConnection Locked(string database)
    {
        var connection = new SqliteConnection($"Data Source={database};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "begin exclusive";
        command.ExecuteNonQuery();
        return connection;
    }
}
