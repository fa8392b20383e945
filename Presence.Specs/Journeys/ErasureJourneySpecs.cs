using System.Net;
using System.Text;
using System.Text.Json;
using Presence.Specs.Sql;

namespace Presence.Specs.Journeys;

/// <summary>A user is erased from the real service, and looked for in everything that it stores.</summary>
[Collection("postgres")]
public sealed class ErasureJourneySpecs(PostgresServer postgres)
{
    /// <summary>Of the form that every field takes, an activity too.</summary>
    private const string Canary = "canary-7f3a9c";

    private const string Ann = $"ann-{Canary}";

    [Fact]
    public async Task Nothing_of_an_erased_user_is_in_any_file_of_the_store()
    {
        await using var server = await JourneyServer.Start("Presence:OfflineGrace=00:00:01");
        await LiveALife(server);
        // It is there to be found, or the search proves nothing.
        await Eventually(() => FilesWith(Canary, server.Database).Count > 0);

        await EraseAndLook(server);

        FilesWith(Canary, server.Database).ShouldBeEmpty();
        await server.Stop();
        FilesWith(Canary, server.Database).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Nothing_of_an_erased_user_is_in_any_table_of_the_database()
    {
        await using var store = await FreshStore.Make(postgres, prepared: false);
        await using (
            var server = await JourneyServer.Start(
                "Presence:OfflineGrace=00:00:01",
                "Presence:Storage:Provider=postgresql",
                $"Presence:Storage:ConnectionString={store.Options.ConnectionString}"
            )
        )
        {
            await LiveALife(server);
            (await TablesWith(store)).ShouldNotBeEmpty();

            await EraseAndLook(server);

            (await TablesWith(store)).ShouldBeEmpty();
        }

        (await TablesWith(store)).ShouldBeEmpty();
    }

    /// <summary>The canary in every field, some of them more than once: what was replaced is to be gone too.</summary>
    private static async Task LiveALife(JourneyServer server)
    {
        using var api = server.Api();
        await api.MakeContacts(Ann, $"ben-{Canary}");
        await api.MakeContacts(Ann, "cleo");
        await api.MakeConversation($"room-{Canary}", Ann);
        foreach (var text in new[] { "first", "second" })
        {
            var device = $"{text}-{Canary}";
            await api.Send(
                "POST",
                "/",
                $$"""{"online_status":"busy","custom_status":"{{text}} {{Canary}}","activity":"{{Canary}}"}""",
                Ann,
                device,
                headers:
                [
                    ("X-Device-Name", $"{text} {Canary}"),
                    ("X-Device-Type", Canary),
                    ("X-Device-Platform", "web"),
                    ("X-App-Version", Canary),
                ]
            );
            await api.Put(
                "/privacy",
                $$$"""{"blocked":["eve-{{{text}}}-{{{Canary}}}"],"overrides":{"dan-{{{Canary}}}":{"last_seen_visible":false} } }""",
                Ann
            );
        }

        await api.Post(
            "/events",
            $$$"""{"event_type":"{{{Canary}}}","recipients":["{{{Ann}}}"],"payload":{"note":"{{{Canary}}}" },"sender":"zoe-{{{Canary}}}","ttl":86400}"""
        );
        await api.Post(
            "/events",
            $$$"""{"event_type":"note","recipients":["cleo"],"payload":{"note":"{{{Canary}}}" },"sender":"{{{Ann}}}","ttl":86400}"""
        );
        await using var socket = await server.Connect(Ann, $"socket-{Canary}");
        await socket.Say($$$"""{"type":"subscribe","payload":{"user_ids":["fay-{{{Canary}}}"]} }""");
        await socket.Say($$$"""{"type":"watch_conversation","payload":{"conversation_id":"room-{{{Canary}}}" } }""");
        await socket.Next("typing_snapshot");
        var export = (await api.Get($"/users/{Ann}/export")).Json;
        // The last of each kind: those before are gone, or go with the export.
        export.GetProperty("journal").GetArrayLength().ShouldBe(2);
        export.GetProperty("devices").GetArrayLength().ShouldBe(3);
        export.GetProperty("events").GetArrayLength().ShouldBe(1);
        export.GetProperty("sent_events").GetArrayLength().ShouldBe(1);
        export.GetProperty("contacts").GetArrayLength().ShouldBe(2);
        export.GetProperty("conversations").GetArrayLength().ShouldBe(1);
    }

    private static async Task EraseAndLook(JourneyServer server)
    {
        using var api = server.Api();
        await using var socket = await server.Connect(Ann, $"socket-{Canary}");
        // A contact, and not one who subscribed: subscriptions are kept, and are the subscriber's own.
        await using var cleo = await server.Connect("cleo");
        var told = cleo.Snapshot.GetProperty("presences")[0].GetProperty("version").GetInt64();

        (await api.Delete($"/users/{Ann}")).Status.ShouldBe(HttpStatusCode.NoContent);

        (await socket.Closed).ShouldBe(4403);
        (await cleo.HearsOf(Ann, "offline")).GetProperty("version").GetInt64().ShouldBeGreaterThan(told);
        await ReadsLikeNobody(api);
        (await api.Delete($"/users/{Ann}")).Status.ShouldBe(HttpStatusCode.NoContent);
        await ReadsLikeNobody(api);
    }

    private static async Task ReadsLikeNobody(Api api)
    {
        foreach (var viewer in new[] { "cleo", null })
        {
            var text = (await api.Get($"/users/{Ann}", viewer)).Text;
            text.ShouldBe((await api.Get("/users/never-seen", viewer)).Text.Replace("never-seen", Ann, StringComparison.Ordinal));
        }

        Bare((await api.Get($"/users/{Ann}/export")).Json, Ann)
            .ShouldBe(Bare((await api.Get("/users/never-seen/export")).Json, "never-seen"));
    }

    private static string Bare(JsonElement export, string user) =>
        export
            .GetRawText()
            .Replace(user, "X", StringComparison.Ordinal)
            .Replace(export.GetProperty("exported_at").GetString()!, "T", StringComparison.Ordinal);

    private static List<string> FilesWith(string text, string database) =>
        [
            .. Directory
                .EnumerateFiles(Path.GetDirectoryName(database)!)
                // Held by the service, and empty.
                .Where(file => new FileInfo(file).Length > 0)
                .Where(file => Read(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0),
        ];

    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Each row as text; the bytes of a column are written there in hexadecimal.</summary>
    private static async Task<List<string>> TablesWith(FreshStore store)
    {
        var bytes = Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Canary));
        var found = new List<string>();
        foreach (var table in await store.Query("select table_name from information_schema.tables where table_schema = 'public'"))
        {
            var rows = await store.Query($"select t::text from {table} t");
            found.AddRange(
                rows.Where(row => row.Contains(Canary, StringComparison.Ordinal) || row.Contains(bytes, StringComparison.Ordinal))
                    .Select(_ => table)
            );
        }

        return found;
    }

    private static async Task Eventually(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }
}
