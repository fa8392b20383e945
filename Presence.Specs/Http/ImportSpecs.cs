using System.Net;
using System.Text;
using Presence.Actors.Loading;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Specs.Http;

/// <summary>Filling the directories by a stream of lines.</summary>
public sealed class ImportSpecs(HttpFixture http) : IClassFixture<HttpFixture>
{
    private const string MediaType = "application/x-ndjson";
    private static readonly UserId Alice = new("alice");
    private static readonly ConversationId Standup = new("standup");

    [Theory]
    [InlineData("\n", "\n")]
    [InlineData("\n", "")]
    [InlineData("\r\n", "\r\n")]
    [InlineData("\n\n  \r\n\t\n", "\n\n")]
    public async Task Mixed_lines_fill_both_directories_however_they_end(string feed, string end)
    {
        var app = http.Fresh();
        string[] lines =
        [
            """{"user_id":"alice","contacts":["bob","carol"]}""",
            """{"conversation_id":"standup","participants":["alice","bob"]}""",
            """{"user_id":"dave","contacts":[]}""",
        ];

        var answer = await app.Send("POST /import", "service", string.Join(feed, lines) + end, MediaType);

        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        answer.Text.ShouldBe("""{"users":2,"conversations":1,"refused":[],"refused_total":0}""");
        app.Contacts.Of(Alice).ShouldBe([new("bob"), new("carol")], ignoreOrder: true);
        app.Participants.Of(Standup).ShouldBe([Alice, new("bob")], ignoreOrder: true);
        app.Loader.Received.OfType<ContactsChanged>().Single().Users.ShouldBe([Alice, new("bob"), new("carol")], ignoreOrder: true);
        app.Loader.Received.OfType<ParticipantsChanged>().Single().Conversations.ShouldBe([Standup]);
    }

    [Theory]
    [InlineData("application/x-ndjson")]
    [InlineData("application/jsonl")]
    [InlineData("application/json")]
    public async Task Lines_are_taken_under_each_of_their_names(string type)
    {
        (await http.Fresh().Send("POST /import", "service", "", type)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_list_by_which_somebody_would_have_too_many_contacts_is_refused_with_its_line_and_the_others_are_written()
    {
        var app = http.Fresh();
        app.Contacts.Most = 2;
        string[] lines =
        [
            """{"user_id":"a","contacts":["star"]}""",
            """{"user_id":"b","contacts":["star"]}""",
            """{"user_id":"c","contacts":["x","star"]}""",
            """{"user_id":"d","contacts":["x"]}""",
        ];

        var answer = await app.Send("POST /import", "service", string.Join('\n', lines), MediaType);

        answer.Text.ShouldBe(
            """{"users":3,"conversations":0,"refused":[{"line":3,"code":"too_many_ids","message":"star would have more than 2 contacts"}],"refused_total":1}"""
        );
        app.Contacts.Of(new("c")).ShouldBeEmpty();
        app.Contacts.Of(new("d")).ShouldBe([new("x")]);
    }

    [Fact]
    public async Task An_import_of_another_media_type_is_refused()
    {
        (await http.Fresh().Send("POST /import", "service", "{}", "text/csv")).ShouldBeProblem(
            HttpStatusCode.UnsupportedMediaType,
            "unsupported_media_type"
        );
    }

    [Fact]
    public async Task A_bad_line_is_refused_by_its_number_and_the_others_are_taken()
    {
        var app = http.Fresh();
        var tooMany = string.Join(',', Enumerable.Range(0, 10_001).Select(number => $"\"u{number}\""));
        var body = string.Join(
            '\n',
            """{"user_id":"alice","contacts":["bob"]}""",
            "",
            "no json",
            """{"user_id":"a b","contacts":[]}""",
            """{"user_id":"alice","contacts":["alice"]}""",
            """{"user_id":"alice"}""",
            """{"user_id":"alice","conversation_id":"standup","contacts":[]}""",
            """{"contacts":[]}""",
            """{"user_id":"alice","user_id":"alice","contacts":[]}""",
            """{"conversation_id":"standup","participants":[7]}""",
            $$"""{"conversation_id":"standup","participants":[{{tooMany}}]}""",
            """{"user_id":"a\u0000","contacts":[]}""",
            $$"""{"user_id":"carol","contacts":[],"padding":"{{new string('x', new Presence.Actors.LimitOptions().ImportLineBytes)}}"}""",
            """{"conversation_id":"standup","participants":["bob"]}"""
        );

        var answer = await app.Send("POST /import", "service", body, MediaType);

        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.Json["refused"]!
            .AsArray()
            .Select(refused => $"{refused!["line"]} {refused["code"]}")
            .ShouldBe([
                "3 malformed_json",
                "4 invalid_id",
                "5 invalid_payload",
                "6 invalid_payload",
                "7 invalid_payload",
                "8 invalid_payload",
                "9 malformed_json",
                "10 invalid_id",
                "11 too_many_ids",
                "12 invalid_id",
                "13 too_large",
            ]);
        ((int)answer.Json["refused_total"]!).ShouldBe(11);
        ((int)answer.Json["users"]!).ShouldBe(1);
        ((int)answer.Json["conversations"]!).ShouldBe(1);
        app.Participants.Of(Standup).ShouldBe([new UserId("bob")]);
    }

    [Fact]
    public async Task Of_two_lines_about_the_same_user_the_later_one_holds()
    {
        var app = http.Fresh();
        var body = """
            {"user_id":"alice","contacts":["bob"]}
            {"user_id":"alice","contacts":["carol"]}
            """;

        await app.Send("POST /import", "service", body, MediaType);

        app.Contacts.Of(Alice).ShouldBe([new UserId("carol")]);
    }

    [Fact]
    public async Task No_more_than_a_thousand_refusals_are_listed_and_all_are_counted()
    {
        var app = http.Fresh();

        var answer = await app.Send("POST /import", "service", string.Concat(Enumerable.Repeat("bad\n", 1_500)), MediaType);

        answer.Json["refused"]!.AsArray().Count.ShouldBe(1_000);
        ((int)answer.Json["refused_total"]!).ShouldBe(1_500);
    }

    [Fact]
    public async Task A_store_that_goes_away_in_the_middle_is_told_with_the_line_up_to_which_all_is_written()
    {
        var app = http.Fresh();
        app.Contacts.WritesLeft = 2;
        var lines = Enumerable.Range(0, 1_700).Select(number => $$"""{"user_id":"u{{number}}","contacts":["bob"]}""");

        var answer = await app.Send("POST /import", "service", string.Join('\n', lines), MediaType);

        answer.ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        ((string)answer.Json["detail"]!).ShouldContain("line 1000:");
        app.Contacts.Batches.ShouldBe([500, 500]);
        app.Loader.Received.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_loader_that_does_not_follow_stops_the_import()
    {
        var app = http.Fresh();
        app.Loader.Answer = _ => new Refused(Refusal.Unavailable);

        var answer = await app.Send("POST /import", "service", """{"user_id":"alice","contacts":["bob"]}""", MediaType);

        answer.ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
        ((string)answer.Json["detail"]!).ShouldContain("0 lines were taken");
    }

    [Fact]
    public async Task A_million_pairs_pass_and_are_never_all_held_at_once()
    {
        var app = http.Fresh();
        app.Contacts.OnlyCounts = true;
        var content = new PushedLines(
            10_000,
            number =>
                $$"""{"user_id":"u{{number}}","contacts":[{{string.Join(',', Enumerable.Range(0, 100).Select(i => $"\"c{number}-{i}\""))}}]}"""
        )
        {
            Watched = app.Contacts,
        };

        var answer = await app.Send("POST /import", "service", content);

        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        ((int)answer.Json["users"]!).ShouldBe(10_000);
        app.Contacts.Pairs.ShouldBe(1_000_000);
        app.Contacts.Batches.Max().ShouldBeLessThanOrEqualTo(100);
        content.FurthestAhead.ShouldBeLessThan(2_000, "lines sent before the batches caught up");
    }

    /// <summary>Lines made as they are sent; none of them is kept.</summary>
    private sealed class PushedLines : HttpContent
    {
        private readonly int _count;
        private readonly Func<int, string> _line;

        public PushedLines(int count, Func<int, string> line)
        {
            (_count, _line) = (count, line);
            Headers.ContentType = new(MediaType);
        }

        public ContactsInMemory? Watched { get; set; }

        /// <summary>How many lines were ever sent and not yet written to the directory.</summary>
        public int FurthestAhead { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var number = 0; number < _count; number++)
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(_line(number) + "\n"));
                if (Watched is { } contacts)
                {
                    FurthestAhead = Math.Max(FurthestAhead, number + 1 - contacts.Lists);
                }
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
