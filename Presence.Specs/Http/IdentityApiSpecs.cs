using System.Net;
using Presence.Actors.Identity;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Identity;

namespace Presence.Specs.Http;

/// <summary>Tickets and revocations, as they are asked for over HTTP.</summary>
public sealed class IdentityApiSpecs(HttpFixture http) : IClassFixture<HttpFixture>
{
    [Fact]
    public async Task A_ticket_is_kept_as_a_hash_for_its_user_and_the_device_that_asked()
    {
        var app = http.Fresh();

        var answer = await app.Send("POST /tickets", "alice/phone");

        answer.Status.ShouldBe(HttpStatusCode.Created, answer.Text);
        ((int)answer.Json["expires_in"]!).ShouldBe(30);
        var text = (string)answer.Json["ticket"]!;
        var kept = app.Tickets.All.ShouldHaveSingleItem();
        kept.Hash.ShouldBe(Tickets.HashOf(text));
        kept.Hash.ShouldNotContain(text);
        (kept.User, kept.Device).ShouldBe((new("alice"), new("phone")));
        (kept.ExpiresAt - kept.MadeAt).ShouldBe(TimeSpan.FromSeconds(30));
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task Each_ticket_is_another_and_none_names_its_user()
    {
        var app = http.Fresh();

        var texts = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(async _ => (string)(await app.Send("POST /tickets", "alice")).Json["ticket"]!)
        );

        texts.ShouldBeUnique();
        texts.ShouldAllBe(text => text.Length == 43);
        app.Tickets.All.ShouldAllBe(ticket => ticket.Device == null);
    }

    [Fact]
    public async Task A_ticket_that_can_not_be_kept_is_not_given()
    {
        var app = http.Fresh();
        app.Tickets.IsDown = true;
        (await app.Send("POST /tickets", "alice")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, ErrorCodes.Unavailable);

        app.Tickets.IsDown = false;
        app.Tickets.IsFull = true;
        var full = await app.Send("POST /tickets", "alice");
        full.ShouldBeProblem(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited);
        full.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("""{"user_id":"alice"}""", "alice", null, null)]
    [InlineData("""{"user_id":"alice","device_id":"phone"}""", "alice", "phone", null)]
    [InlineData("""{"jti":"an id of / any form"}""", null, null, "an id of / any form")]
    public async Task A_revocation_is_stored_and_told_to_all_nodes(string body, string? user, string? device, string? token)
    {
        var app = http.Fresh();

        var answer = await app.Send("POST /revocations", "service", body);

        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        var stored = app.Revocations.All.ShouldHaveSingleItem();
        (stored.User?.Value, stored.Device?.Value, stored.TokenId).ShouldBe((user, device, token));
        (stored.Until - stored.At).ShouldBe(TimeSpan.FromDays(30));
        app.Loader.Single<TokensRevoked>().Revocations.ShouldBe([stored]);
        DateTimeOffset
            .Parse((string)answer.Json["revoked_at"]!, System.Globalization.CultureInfo.InvariantCulture)
            .ShouldBe(stored.At, TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task A_revocation_holds_until_the_time_that_it_names()
    {
        var app = http.Fresh();

        await app.Send("POST /revocations", "service", """{"jti":"t","until":"2199-01-02T03:04:05Z"}""");

        app.Revocations.All.ShouldHaveSingleItem().Until.ShouldBe(new DateTimeOffset(2199, 1, 2, 3, 4, 5, TimeSpan.Zero));
    }

    [Theory]
    [InlineData("{}", "invalid_payload")]
    [InlineData("""{"device_id":"phone"}""", "invalid_payload")]
    [InlineData("""{"user_id":"alice","jti":"t"}""", "invalid_payload")]
    [InlineData("""{"jti":"t","device_id":"phone"}""", "invalid_payload")]
    [InlineData("""{"jti":""}""", "invalid_payload")]
    [InlineData("""{"jti":7}""", "invalid_payload")]
    [InlineData("""{"user_id":"no id"}""", "invalid_id")]
    [InlineData("""{"user_id":"alice","device_id":7}""", "invalid_id")]
    [InlineData("""{"user_id":"alice","until":"2020-01-01T00:00:00Z"}""", "invalid_payload")]
    [InlineData("""{"user_id":"alice","until":"tomorrow"}""", "invalid_payload")]
    public async Task What_names_no_tokens_revokes_none(string body, string code)
    {
        var app = http.Fresh();

        (await app.Send("POST /revocations", "service", body)).ShouldBeProblem(HttpStatusCode.BadRequest, code);

        app.Revocations.All.ShouldBeEmpty();
        app.Loader.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_revocation_that_can_not_be_kept_or_has_not_reached_all_is_not_told_to_hold()
    {
        var app = http.Fresh();
        app.Revocations.IsDown = true;
        (await Revoke()).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, ErrorCodes.Unavailable);

        app.Revocations.IsDown = false;
        app.Revocations.IsFull = true;
        (await Revoke()).ShouldBeProblem(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited);
        app.Loader.Received.ShouldBeEmpty();

        app.Revocations.IsFull = false;
        app.Loader.Answer = _ => new Refused(Refusal.Unavailable);
        (await Revoke()).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, ErrorCodes.Unavailable);

        Task<Answer> Revoke() => app.Send("POST /revocations", "service", """{"user_id":"alice"}""");
    }
}
