using System.Net;
using Presence.Actors.Loading;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Specs.Http;

/// <summary>Who is whose contact, and who takes part in which conversation.</summary>
public sealed class DirectoryApiSpecs(HttpFixture http) : IClassFixture<HttpFixture>
{
    private static readonly UserId Alice = new("alice");
    private static readonly ConversationId Standup = new("standup");

    [Fact]
    public async Task Contacts_are_replaced_as_a_whole_and_those_whom_it_changed_are_told_before_the_answer()
    {
        var app = http.Fresh();
        await app.Contacts.Add(Alice, new("old"), default);

        var answer = await app.Send("PUT /users/alice/contacts", "service", """{"contacts":["carol","bob","carol"]}""");

        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        answer.Text.ShouldBe("""{"contacts":["bob","carol"]}""");
        app.Contacts.Of(Alice).ShouldBe([new("bob"), new("carol")], ignoreOrder: true);
        app.Loader.Single<ContactsChanged>().Users.ShouldBe([Alice, new("bob"), new("carol"), new("old")], ignoreOrder: true);
    }

    [Theory]
    [InlineData("GET /users/alice/contacts", """{"contacts":["Zoe","bob"]}""")]
    [InlineData("GET /users/nobody/contacts", """{"contacts":[]}""")]
    [InlineData("GET /conversations/standup/participants", """{"participants":["alice","bob"]}""")]
    [InlineData("GET /conversations/none/participants", """{"participants":[]}""")]
    public async Task Lists_are_read_from_the_directory_sorted_byte_by_byte(string request, string expected)
    {
        var app = http.Fresh();
        await app.Contacts.Replace([new(Alice, [new("bob"), new("Zoe")])], default);
        await app.Participants.Replace([new(Standup, [new("bob"), Alice])], default);

        var answer = await app.Send(request, "service");

        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.Text.ShouldBe(expected);
    }

    [Fact]
    public async Task One_contact_is_added_and_removed_and_doing_it_again_changes_nothing()
    {
        var app = http.Fresh();

        (await app.Send("PUT /users/alice/contacts/bob", "service")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await app.Send("PUT /users/alice/contacts/bob", "service")).Status.ShouldBe(HttpStatusCode.NoContent);
        app.Contacts.Of(Alice).ShouldBe([new UserId("bob")]);
        (await app.Send("DELETE /users/bob/contacts/alice", "service")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await app.Send("DELETE /users/bob/contacts/alice", "service")).Status.ShouldBe(HttpStatusCode.NoContent);

        app.Contacts.Of(Alice).ShouldBeEmpty();
        app.Loader.Received.Count.ShouldBe(4);
        app.Loader.Received.ShouldAllBe(message => ((ContactsChanged)message).Users.Count == 2);
    }

    [Fact]
    public async Task Participants_are_replaced_added_and_removed_and_the_conversation_is_told_each_time()
    {
        var app = http.Fresh();

        var replaced = await app.Send("PUT /conversations/standup/participants", "service", """{"participants":["bob","alice"]}""");
        var added = await app.Send("PUT /conversations/standup/participants/carol", "service");
        var removed = await app.Send("DELETE /conversations/standup/participants/bob", "service");

        replaced.Text.ShouldBe("""{"participants":["alice","bob"]}""");
        added.Status.ShouldBe(HttpStatusCode.NoContent);
        removed.Status.ShouldBe(HttpStatusCode.NoContent);
        app.Participants.Of(Standup).ShouldBe([Alice, new("carol")], ignoreOrder: true);
        app.Loader.Received.Count.ShouldBe(3);
        app.Loader.Received.ShouldAllBe(message => ((ParticipantsChanged)message).Conversations.Single() == Standup);
    }

    [Theory]
    [InlineData("PUT /users/alice/contacts", """{"contacts":["bob","alice"]}""")]
    [InlineData("PUT /users/alice/contacts/alice", null)]
    public async Task Nobody_is_a_contact_of_itself(string request, string? body)
    {
        var app = http.Fresh();

        (await app.Send(request, "service", body)).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_payload");

        app.Contacts.Of(Alice).ShouldBeEmpty();
        app.Loader.Received.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/users/alice/contacts", "contacts")]
    [InlineData("/conversations/standup/participants", "participants")]
    public async Task A_list_takes_ten_thousand_ids_and_no_more(string path, string field)
    {
        var app = http.Fresh();

        (await app.Send("PUT " + path, "service", List(field, 10_000))).Status.ShouldBe(HttpStatusCode.OK);
        (await app.Send("PUT " + path, "service", List(field, 10_001))).ShouldBeProblem(HttpStatusCode.BadRequest, "too_many_ids");
    }

    [Theory]
    [InlineData("GET /users/alice/contacts", null)]
    [InlineData("PUT /users/alice/contacts", """{"contacts":["bob"]}""")]
    [InlineData("PUT /users/alice/contacts/bob", null)]
    [InlineData("DELETE /users/alice/contacts/bob", null)]
    [InlineData("GET /conversations/standup/participants", null)]
    [InlineData("PUT /conversations/standup/participants", """{"participants":["bob"]}""")]
    [InlineData("PUT /conversations/standup/participants/bob", null)]
    [InlineData("DELETE /conversations/standup/participants/bob", null)]
    public async Task A_store_out_of_reach_is_told_as_unavailable_and_when_to_come_back(string request, string? body)
    {
        var app = http.Fresh();
        app.Contacts.WritesLeft = app.Participants.WritesLeft = 0;

        var answer = await app.Send(request, "service", body);

        answer.ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2));
        ((int)answer.Json["retry_after"]!).ShouldBe(2);
        app.Loader.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_change_that_could_not_be_told_is_no_success_and_telling_is_tried_anew_with_the_next_try()
    {
        var app = http.Fresh();
        app.Loader.Answer = _ => new Refused(Refusal.Unavailable);
        (await app.Send("PUT /users/alice/contacts/bob", "service")).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");

        app.Loader.Answer = _ => Done.Instance;
        (await app.Send("PUT /users/alice/contacts/bob", "service")).Status.ShouldBe(HttpStatusCode.NoContent);

        app.Loader.Received.Count.ShouldBe(2);
    }

    private static string List(string field, int count) =>
        $$"""{"{{field}}":[{{string.Join(',', Enumerable.Range(0, count).Select(number => $"\"u{number}\""))}}]}""";
}
