using System.Net;
using System.Net.Sockets;
using System.Text;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Users;

namespace Presence.Specs.Http;

/// <summary>What depends on the server itself: its own limits, and requests that no client library would send.</summary>
public sealed class OnPortSpecs(HttpFixture http) : IClassFixture<HttpFixture>
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public async Task An_import_is_longer_than_the_server_lets_any_other_body_be()
    {
        await using var app = await HttpApp.StartOnPort(http.System);
        app.Contacts.OnlyCounts = true;
        var padding = new string('x', Megabyte - 100);
        var lines = Enumerable.Range(0, 32).Select(number => $$"""{"user_id":"u{{number}}","contacts":["bob"],"padding":"{{padding}}"}""");

        var answer = await app.Send("POST /import", "service", string.Join('\n', lines), "application/x-ndjson");

        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        ((int)answer.Json["users"]!).ShouldBe(32);
    }

    [Theory]
    [InlineData("zz")]
    // The web server tells of it with another exception.
    [InlineData("ffffffffffffffffff")]
    public async Task A_chunk_whose_size_is_no_number_that_can_be_is_told_as_a_bad_request(string size)
    {
        await using var app = await HttpApp.StartOnPort(http.System);

        var answer = await Raw(
            app,
            $"POST /typing HTTP/1.1\r\nHost: localhost\r\nX-Identity: alice\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n"
        );

        answer.ShouldStartWith("HTTP/1.1 400 ");
        answer.ShouldContain("application/problem+json");
        answer.ShouldContain("\"code\":\"invalid_payload\"");
    }

    [Theory]
    [InlineData("/users/a%00b")]
    [InlineData("/users/a%2Fb")]
    [InlineData("/users/%FF")]
    public async Task A_path_that_is_no_id_in_whatever_disguise_is_a_bad_request(string path)
    {
        await using var app = await HttpApp.StartOnPort(http.System);

        var answer = await Raw(app, $"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Identity: alice\r\nConnection: close\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 400 ");
        app.Users.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_connection_serves_on_after_a_refusal()
    {
        await using var app = await HttpApp.StartOnPort(http.System);
        app.Users.Answer = _ => TypingAccepted.Instance;
        var refused =
            "POST /typing HTTP/1.1\r\nHost: localhost\r\nX-Identity: alice\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";
        var body = """{"conversation_id":"standup","is_typing":false}""";
        var taken =
            $"POST /typing HTTP/1.1\r\nHost: localhost\r\nX-Identity: alice\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";

        var answer = await Raw(app, refused + taken);

        answer.ShouldStartWith("HTTP/1.1 415 ");
        answer.ShouldContain("HTTP/1.1 204 ");
        app.Users.Single<Actors.Users.Type>().Request.ShouldBe(new(new ConversationId("standup"), false));
    }

    [Fact]
    public async Task A_client_that_leaves_before_the_answer_harms_nobody_else()
    {
        await using var app = await HttpApp.StartOnPort(http.System);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Users.Answer = _ =>
        {
            asked.TrySetResult();
            return null;
        };
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "X-Identity", "alice" } } };
        var pending = app.Client.SendAsync(request, leaving.Token);
        await asked.Task;

        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(pending);

        app.Users.Answer = message => new PresenceIs(new PresenceRecord(((GetPresence)message).UserId));
        (await app.Send("GET /", "alice")).Status.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>Sends the bytes as they stand and reads until the server closes.</summary>
    private static async Task<string> Raw(HttpApp app, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, app.Client.BaseAddress!.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}
