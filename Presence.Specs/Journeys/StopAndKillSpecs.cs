using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Presence.Benchmarks;

namespace Presence.Specs.Journeys;

/// <summary>What is left of the promises when the process ends, with or without a word.</summary>
public sealed class StopAndKillSpecs : IDisposable
{
    private const int Users = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task After_a_kill_every_acknowledged_choice_is_there_and_last_seen_is_young()
    {
        var acknowledged = new int[Users];
        DateTimeOffset killedAt;
        await using (
            var host = await HostProcess.Start(
                _folder.Database,
                "Presence__LastSeenInterval=00:00:03",
                "Presence__Limits__ChangesBurst=1000000",
                "Presence__Limits__FramesBurst=1000000",
                "Presence__Limits__FramesPerMinute=1000000"
            )
        )
        {
            using var api = new Api(host.Address);
            (await api.Put("/privacy", """{"last_seen_visibility":"nobody","blocked":["mallory"]}""", "user-0")).Json.ValueKind.ShouldBe(
                JsonValueKind.Object
            );
            var bursts = Enumerable.Range(0, Users).Select(user => Burst(host.Address, user, acknowledged)).ToList();
            // Longer than the interval, so that it is not the connect alone that was written.
            var clock = Stopwatch.StartNew();
            await Until(() => acknowledged.All(count => count >= 3) && clock.Elapsed > TimeSpan.FromSeconds(5));
            killedAt = DateTimeOffset.UtcNow;
            host.Kill();
            await host.Exit(Patience);
            await Task.WhenAll(bursts);
        }

        await using var again = await HostProcess.Start(_folder.Database);
        using var after = new Api(again.Address);
        for (var user = 0; user < Users; user++)
        {
            var kept = (await after.Get($"/user-{user}")).Json;
            var text = int.Parse(kept.GetProperty("custom_status").GetString()!, CultureInfo.InvariantCulture);
            // What was under way may have been stored too.
            text.ShouldBeInRange(acknowledged[user], acknowledged[user] + 1);
            kept.GetProperty("set_status").GetString().ShouldBe("busy");
            (killedAt - kept.GetProperty("last_seen_at").GetDateTimeOffset()).ShouldBeLessThan(TimeSpan.FromSeconds(4));
        }

        var privacy = (await after.Get("/privacy", "user-0")).Json;
        privacy.GetProperty("last_seen_visibility").GetString().ShouldBe("nobody");
        privacy.GetProperty("blocked")[0].GetString().ShouldBe("mallory");
    }

    [Fact]
    public async Task A_terminated_service_says_restart_to_its_sockets_and_keeps_what_it_acknowledged()
    {
        await using var host = await HostProcess.Start(_folder.Database);
        await using var alice = await JourneyClient.Connect(host.Address, "alice", "phone", "", "/ws");
        await using var bob = await JourneyClient.Connect(host.Address, "bob", "phone", "", "/ws");
        await alice.Choose("""{"online_status":"away","custom_status":"kept"}""");

        host.Terminate();

        (await alice.Closed).ShouldBe(1012);
        (await bob.Closed).ShouldBe(1012);
        (await host.Exit(TimeSpan.FromSeconds(9))).ShouldBe(0, string.Join('\n', host.Errors));
        await using var again = await HostProcess.Start(_folder.Database);
        using var api = new Api(again.Address);
        var kept = (await api.Get("/alice")).Json;
        kept.GetProperty("custom_status").GetString().ShouldBe("kept");
        kept.GetProperty("set_status").GetString().ShouldBe("away");
        kept.GetProperty("last_seen_at").ValueKind.ShouldBe(JsonValueKind.String);
    }

    [Fact]
    public async Task Those_who_wait_for_their_turn_to_be_sent_away_are_served_on()
    {
        await using var host = await HostProcess.Start(_folder.Database);
        var clients = await Task.WhenAll(
            Enumerable.Range(0, 500).Select(user => JourneyClient.Connect(host.Address, $"user-{user}", "phone", "", "/ws"))
        );
        try
        {
            host.Terminate();
            await await Task.WhenAny(clients.Select(client => client.Closed)).WaitAsync(Patience);

            // One after the other: all at once would keep a busy machine occupied until everybody is gone.
            var (served, asked) = (false, 0);
            while (!served && clients.FirstOrDefault(client => !client.IsClosed) is { } client)
            {
                asked++;
                served = await IsServed(client);
            }

            served.ShouldBeTrue($"none of {asked} who were still connected was answered");
            (await host.Exit(Patience)).ShouldBe(0, string.Join('\n', host.Errors));
        }
        finally
        {
            await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        }
    }

    private static async Task<bool> IsServed(JourneyClient client)
    {
        var choice = client.Choose("""{"online_status":"busy"}""");
        return await Task.WhenAny(choice, client.Closed, Task.Delay(Patience)) == choice && choice.IsCompletedSuccessfully;
    }

    private static async Task Burst(Uri server, int user, int[] acknowledged)
    {
        await using var client = await JourneyClient.Connect(server, $"user-{user}", "phone", "", "/ws");
        try
        {
            for (var i = 1; ; i++)
            {
                var own = await client.Choose($$"""{"online_status":"busy","custom_status":"{{i}}"}""");
                own.GetProperty("custom_status").GetString().ShouldBe(i.ToString(CultureInfo.InvariantCulture));
                Volatile.Write(ref acknowledged[user], i);
            }
        }
        catch (Exception killed) when (killed is IOException or ShouldAssertException && client.IsClosed)
        {
            // As it was to be.
        }
    }

    private static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), patience.Token);
        }
    }
}
