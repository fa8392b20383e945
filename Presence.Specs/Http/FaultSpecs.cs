using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Presence.Actors.Users;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;

namespace Presence.Specs.Http;

/// <summary>What a client is told when something behind the routes fails.</summary>
public sealed class FaultSpecs(HttpFixture http) : IClassFixture<HttpFixture>
{
    [Theory]
    [InlineData("GET /", "alice", null)]
    [InlineData("POST /", "alice", """{"online_status":"away"}""")]
    [InlineData("GET /typing/standup", "service", null)]
    [InlineData("GET /stats", "service", null)]
    public async Task No_answer_in_time_is_told_as_a_timeout(string request, string identity, string? body)
    {
        await using var app = await Impatient();

        (await app.Send(request, identity, body)).ShouldBeProblem(HttpStatusCode.GatewayTimeout, "timeout");
    }

    [Fact]
    public async Task A_change_in_a_directory_of_which_not_all_nodes_have_heard_in_time_is_told_to_be_unavailable()
    {
        await using var app = await Impatient();

        (await app.Send("PUT /users/alice/contacts/bob", "service")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
    }

    [Fact]
    public async Task A_bulk_read_waits_no_longer_than_a_single_one_for_those_who_do_not_answer()
    {
        await using var app = await Impatient();

        var answer = await app.Send("POST /bulk", "alice", """{"user_ids":["bob","carol"]}""");

        answer.Status.ShouldBe(HttpStatusCode.OK);
        ((string)answer.Json["presences"]!["bob"]!["certainty"]!).ShouldBe("unknown");
    }

    [Fact]
    public async Task What_an_entity_refuses_is_told_with_its_code_and_when_to_come_back()
    {
        var app = http.Fresh();
        app.Users.Answer = _ => new Refused(new(ErrorCodes.Unavailable, "the journal is out of reach", TimeSpan.FromSeconds(4.2)));

        var answer = await app.Send("POST /", "alice", """{"online_status":"away"}""");

        answer.ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
        ((int)answer.Json["retry_after"]!).ShouldBe(5);
    }

    [Theory]
    [InlineData(ErrorCodes.RateLimited, HttpStatusCode.TooManyRequests)]
    [InlineData(ErrorCodes.TooManyDevices, HttpStatusCode.TooManyRequests)]
    [InlineData(ErrorCodes.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData(ErrorCodes.NotAParticipant, HttpStatusCode.Forbidden)]
    [InlineData(ErrorCodes.NotFound, HttpStatusCode.NotFound)]
    [InlineData(ErrorCodes.Internal, HttpStatusCode.InternalServerError)]
    [InlineData(ErrorCodes.InvalidPayload, HttpStatusCode.BadRequest)]
    public void Every_code_has_its_status(string code, HttpStatusCode status) => Problems.StatusOf(code).ShouldBe((int)status);

    [Fact]
    public async Task A_fault_of_the_servers_own_tells_nothing_of_its_inside()
    {
        var app = http.Fresh();
        app.Users.Answer = _ => Done.Instance; // no answer to a read

        var answer = await app.Send("GET /", "alice");

        answer.ShouldBeProblem(HttpStatusCode.InternalServerError, "internal");
        answer.Text.ShouldNotContain("Exception");
        answer.Text.ShouldNotContain("Done");
    }

    [Fact]
    public async Task A_client_that_leaves_is_no_fault()
    {
        using var leaving = new CancellationTokenSource();
        var middleware = new ProblemMiddleware(
            async context =>
            {
                await leaving.CancelAsync();
                context.RequestAborted.ThrowIfCancellationRequested();
            },
            Microsoft.Extensions.Logging.Abstractions.NullLogger<ProblemMiddleware>.Instance
        );
        var context = new DefaultHttpContext { RequestAborted = leaving.Token };

        await middleware.InvokeAsync(context);

        context.Response.StatusCode.ShouldBe(200, "nothing was written");
        context.Response.ContentType.ShouldBeNull();
    }

    [Theory]
    [InlineData("/health", HealthStatus.Healthy, 200, "healthy")]
    [InlineData("/health/ready", HealthStatus.Healthy, 200, "healthy")]
    [InlineData("/health/live", HealthStatus.Healthy, 200, "healthy")]
    [InlineData("/health/ready", HealthStatus.Degraded, 200, "degraded")]
    [InlineData("/health", HealthStatus.Unhealthy, 503, "unhealthy")]
    [InlineData("/presence/health/ready", HealthStatus.Unhealthy, 503, "unhealthy")]
    [InlineData("/health/live", HealthStatus.Unhealthy, 200, "healthy")]
    public async Task Readiness_follows_the_store_and_liveness_does_not(string path, HealthStatus store, int status, string word)
    {
        await using var app = await HttpApp.Start(
            http.System,
            services => services.AddHealthChecks().AddCheck("store", () => new HealthCheckResult(store, "secret of the inside"))
        );

        var answer = await app.Send("GET " + path, "");

        ((int)answer.Status).ShouldBe(status);
        ((string)answer.Json["status"]!).ShouldBe(word);
        answer.Text.ShouldNotContain("secret");
        if (!path.EndsWith("live", StringComparison.Ordinal))
        {
            ((string)answer.Json["checks"]!["store"]!).ShouldBe(word);
        }
    }

    private async Task<HttpApp> Impatient()
    {
        var soon = TimeSpan.FromMilliseconds(100);
        var app = await HttpApp.Start(http.System, services => services.AddSingleton(new Patience(soon, soon, soon)));
        app.Users.Answer = app.Conversations.Answer = app.Hub.Answer = app.Loader.Answer = _ => null;
        return app;
    }
}
