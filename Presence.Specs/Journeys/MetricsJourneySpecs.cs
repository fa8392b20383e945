using System.Net;
using Presence.Specs.WebSocket;

namespace Presence.Specs.Journeys;

/// <summary>What a page tells to watch is counted when it happens, as Prometheus reads it.</summary>
public sealed class MetricsJourneySpecs
{
    [Fact]
    public async Task Each_is_there_after_what_it_counts_was_done()
    {
        await using var server = await JourneyServer.Start("Presence:Limits:Events=1", "Presence:Limits:SocketsPerUser=2");
        using var api = server.Api();
        await api.MakeContacts("alice", "bob");
        await api.Put("/conversations/room/participants", """{"participants":["alice","bob"]}""");
        await using (var bob = await server.Connect("bob"))
        await using (var alice = await server.Connect("alice"))
        {
            await bob.Choose("""{"online_status":"busy"}""");
            await alice.HearsOf("bob", "busy");
            await bob.Say("""{"type":"typing","payload":{"conversation_id":"room","is_typing":true}}""");
            await alice.Next("typing_indicator");
            await api.Post("/events", """{"event_type":"note","recipients":["alice"],"payload":{},"ttl":60}""");
            await alice.Next("event");
            await api.Post("/events", """{"event_type":"note","recipients":["alice"],"payload":{},"ttl":60}""");
            await using var second = await server.Connect("alice", "second");
            await RawSocket.ConnectAsync(server.Address, "/ws?user_id=alice&device_id=third").ShouldThrowAsync<InvalidOperationException>();
            await RawSocket
                .ConnectAsync(server.Address, "/ws?user_id=bob", ("Origin", "https://evil.example"))
                .ShouldThrowAsync<InvalidOperationException>();

            await Read(
                api,
                "presence_connections",
                "presence_users_online",
                "presence_devices",
                "presence_conversations",
                "presence_connects_total",
                "presence_pushes_total{kind=\"presence\"}",
                "presence_pushes_total{kind=\"typing\"}",
                "presence_pushes_total{kind=\"event\"}",
                "presence_push_duration_seconds_count",
                "presence_handshakes_refused_total{cause=\"origin\"}",
                "presence_handshakes_refused_total{cause=\"rate_limited\"}",
                "presence_limited_total{limit=\"SocketsPerUser\"}",
                "presence_events_dropped_total",
                "presence_build_info{version=\"0.1.0",
                "target_info{service_instance_id="
            );
            // Nothing waits, and no write fails: they are there all the same.
            var text = (await api.Get("/metrics")).Text;
            text.ShouldContain("\npresence_hub_queue_age_seconds");
            text.ShouldContain("\npresence_writes_failing");
            text.ShouldContain("service_name=\"presence\"");
            var stats = (await api.Get("/stats")).Json.GetProperty("refused");
            stats.GetProperty("origin").GetInt64().ShouldBe(1);
            stats.GetProperty("rate_limited").GetInt64().ShouldBe(1);
        }

        await Read(api, "presence_disconnects_total{reason=\"");
    }

    [Fact]
    public async Task A_counter_is_there_before_it_has_counted_so_that_its_first_is_a_growth()
    {
        await using var server = await JourneyServer.Start();
        using var api = server.Api();

        var text = (await api.Get("/metrics")).Text;

        foreach (
            var counter in new[]
            {
                "connects",
                "connection_faults",
                "resubscriptions",
                "epochs_refused",
                "dead_letters",
                "messages_oversized",
                "profile_recoveries",
                "writes_unavailable",
                "events_dropped",
                "pushes",
            }
        )
        {
            text.ShouldContain($"\npresence_{counter}_total{{");
        }
    }

    [Fact]
    public async Task Each_of_several_keys_is_good_and_no_other()
    {
        await using var server = await JourneyServer.Start(
            "Presence:Authentication:ApiKey=the-key-of-long-ago-1",
            "Presence:Authentication:ApiKeys:0=the-key-of-now-123456",
            "Presence:Authentication:ApiKeys:1=the-key-of-later-1234"
        );
        using var api = server.Api();

        foreach (var key in new[] { "the-key-of-long-ago-1", "the-key-of-now-123456", "the-key-of-later-1234" })
        {
            (await api.Send("GET", "/stats", null, headers: ("X-Api-Key", key))).Status.ShouldBe(HttpStatusCode.OK, key);
        }

        (await api.Send("GET", "/stats", null, headers: ("X-Api-Key", "the-key-of-nobody-123"))).Status.ShouldBe(
            HttpStatusCode.Unauthorized
        );
        (await api.Get("/stats")).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    /// <summary>Each has a line that begins so, and counts something; a scrape may be a moment old.</summary>
    private static async Task Read(Api api, params string[] metrics)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        List<string> missing;
        do
        {
            var lines = (await api.Get("/metrics")).Text.Split('\n');
            missing = [.. metrics.Where(metric => !lines.Any(line => Counts(line, metric)))];
            await Task.Delay(100);
        } while (missing.Count > 0 && !patience.IsCancellationRequested);

        missing.ShouldBeEmpty();
    }

    /// <summary>The labels that say from which meter it comes stand before its own.</summary>
    private static bool Counts(string line, string metric)
    {
        var (name, label) = metric.Split('{') is [var before, var after] ? (before, after.TrimEnd('}')) : (metric, "");
        return line.StartsWith(name, StringComparison.Ordinal)
            && line[name.Length..].StartsWith('{') | line[name.Length..].StartsWith(' ')
            && line.Contains(label, StringComparison.Ordinal)
            && !line.Contains("} 0 ", StringComparison.Ordinal)
            && !line.Contains($"{name} 0 ", StringComparison.Ordinal);
    }
}
