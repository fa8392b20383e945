using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;
using Presence.Adapters.Http.Documents;
using Presence.Host.Operations;
using Presence.Specs.World;

namespace Presence.Specs.Limits;

/// <summary>What anybody may ask as often as they like costs the node no more for that.</summary>
public sealed class AskedOnceSpecs : ActorSpec
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task The_store_is_asked_once_a_second_whether_it_answers_however_many_want_to_know()
    {
        var check = new StoreHealthCheck(World.Store, _time);
        for (var i = 0; i < 10; i++)
        {
            (await check.CheckHealthAsync(new())).Status.ShouldBe(HealthStatus.Healthy);
        }

        World.Store.Queries.Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        await check.CheckHealthAsync(new());
        World.Store.Queries.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_document_is_made_once()
    {
        var made = 0;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        await using var app = builder.Build();
        app.MapGet("/document", (string? _) => TypedResults.Text($"made {++made}", "text/plain")).EncodeOnce();
        await app.StartAsync();
        using var client = app.GetTestClient();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await client.GetAsync(new Uri("/document", UriKind.Relative));
            (await answer.Content.ReadAsStringAsync()).ShouldBe("made 1");
            answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
        }
    }
}
