using System.Text;

namespace Presence.Specs.Edge;

/// <summary>A request by which somebody tries to be bob, or a page to be let in, as lines of bytes.</summary>
/// <param name="Name">What is tried.</param>
/// <param name="Lines">Header lines, each with what ends it but the line end.</param>
/// <param name="Path">Where.</param>
/// <param name="Method">How.</param>
/// <param name="Body">What follows the head.</param>
/// <param name="Upgrades">Whether a WebSocket is asked for.</param>
/// <param name="Connection">The <c>Connection</c> header; null: <c>close</c>, or that of an upgrade.</param>
internal sealed record Attempt(
    string Name,
    string[] Lines,
    string Path = "/",
    string Method = "GET",
    string Body = "",
    bool Upgrades = false,
    string? Connection = null
)
{
    private const string Upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    /// <summary>The bytes, with those lines of whoever sends or hands it on beside its own.</summary>
    public string Bytes(string host, string[] before, string[]? after = null)
    {
        var text = new StringBuilder($"{Method} {Path} HTTP/1.1\r\nHost: {host}\r\n");
        text.AppendJoin("", before.Concat(Lines).Concat(after ?? []).Select(line => line + "\r\n"));
        text.Append(Upgrades ? Upgrade : "");
        text.Append("Connection: ").Append(Connection ?? (Upgrades ? "Upgrade" : "close")).Append("\r\n");
        return text.Append("\r\n").Append(Body).ToString();
    }
}

/// <summary>What was tried elsewhere, and what could be.</summary>
internal static class Attempts
{
    /// <summary>Origins whose pages have no business here; each entry is one header or several.</summary>
    public static IReadOnlyList<string[]> ForeignOrigins { get; } =
    [
        ["null"],
        [""],
        ["*"],
        ["https://*"],
        ["https://evil.example"],
        ["http://app.example"],
        ["https://app.example:444"],
        ["https://app.example:8443"],
        ["https://app.example:80"],
        ["https://app.example:0"],
        ["https://app.example:0443"],
        ["https://app.example:99999"],
        ["https://app.example:"],
        ["https://app.example:443:443"],
        ["https://app.example."],
        ["https://.app.example"],
        ["https://app.example/"],
        ["https://app.example/login"],
        ["https://app.example?x=1"],
        ["https://app.example#x"],
        ["https://app.example.evil.example"],
        ["https://evilapp.example"],
        ["https://evil.example/https://app.example"],
        ["https://app.example@evil.example"],
        ["https://evil@app.example"],
        ["https://www.app.example"],
        ["https://app.exampl"],
        ["https://app.examplee"],
        ["https://app-example"],
        ["https://app_example"],
        ["https://appxexample"],
        ["https://example"],
        ["https://app.example%00.evil.example"],
        ["https://app.example%2eevil.example"],
        ["https://app.example\\.evil.example"],
        ["https://app.example`.evil.example"],
        ["https://app.example,.evil.example"],
        ["https://app.example, https://evil.example"],
        ["https://evil.example, https://app.example"],
        ["https://evil.example https://app.example"],
        ["https://app.example;https://evil.example"],
        ["https://xn--pp-8cd.example"],
        ["https://app.ex\u00E4mple"],
        ["https://app.example\u00A0"],
        ["https:app.example"],
        ["https:/app.example"],
        ["https:///app.example"],
        ["//app.example"],
        ["app.example"],
        ["wss://app.example"],
        ["ws://app.example"],
        ["ftp://app.example"],
        ["file://"],
        ["chrome-extension://app.example"],
        ["data:text/html,app.example"],
        ["http://localhost"],
        ["http://127.0.0.1"],
        ["http://[::1]"],
        ["https://app.example", "https://evil.example"],
        ["https://evil.example", "https://app.example"],
        ["https://app.example", "https://app.example"],
        ["https://app.example", "null"],
    ];

    /// <summary>What the same origin may be written as.</summary>
    public static IReadOnlyList<string[]> ListedOrigins { get; } =
    [
        [],
        ["https://app.example"],
        ["https://APP.example"],
        ["HTTPS://app.Example"],
        ["https://app.example:443"],
    ];

    /// <summary>Every way to be bob without being him.</summary>
    public static IReadOnlyList<Attempt> ToBeBob { get; } =
    [.. Names(), .. Values(), .. Doubles(), .. Hops(), .. Secrets(), .. Queries(), .. Others(), .. Framing()];

    private static IEnumerable<Attempt> Names() =>
        from name in new[]
        {
            "X-User-ID",
            "x-user-id",
            "X-USER-ID",
            "X-UsEr-iD",
            "X_User_ID",
            "x_user_id",
            "X-User_ID",
            "X_User-ID",
            "X.User.ID",
            "X-User.ID",
            "X~User~ID",
            "X!User!ID",
            "X'User'ID",
            "X|User|ID",
            "X+User+ID",
            "X*User*ID",
            "X^User^ID",
            "X#User#ID",
            "X`User`ID",
            "HTTP_X_USER_ID",
            "X-User-ID ",
            "X-User-ID\t",
            " X-User-ID",
            "X-User-ID\0",
            "\0X-User-ID",
            "X-User-ID\u000B",
            "X User ID",
            "X-User-ID\u00AD",
            "X\u2010User\u2010ID".Replace('\u2010', '\u00AD'),
        }
        select new Attempt($"the name {name}", [$"{name}: bob"]);

    private static IEnumerable<Attempt> Values() =>
        from value in new[]
        {
            "bob, alice",
            "alice, bob",
            "bob,alice",
            "alice,bob",
            "bob;alice",
            "alice;bob",
            "bob alice",
            "alice bob",
            "\"bob\"",
            "'bob'",
            "",
            "  ",
            ",bob",
            "bob,",
            "b\to\tb",
            "bob\0",
            "bob\0alice",
            "bob\u0001",
            "bob\u007F",
            "b\u00F6b",
            "bob\u00A0",
            "b%6Fb",
            "bob%00",
            "bob%0d%0aX-Device-ID: x",
            "../bob",
            "bob/../alice",
            "=bob",
            "bob\r\n alice",
            "alice\r\n\tbob",
            "\r\n bob",
        }
        select new Attempt($"the value {value}", [$"X-User-ID: {value}"]);

    private static IEnumerable<Attempt> Doubles() =>
        [
            new("twice, bob first", ["X-User-ID: bob", "X-User-ID: alice"]),
            new("twice, bob last", ["X-User-ID: alice", "X-User-ID: bob"]),
            new("twice bob", ["X-User-ID: bob", "X-User-ID: bob"]),
            new("twice in other case", ["X-User-ID: alice", "x-user-id: bob"]),
            new("beside an underscore", ["X_User_ID: bob", "X-User-ID: alice"]),
            new("before an underscore", ["X-User-ID: alice", "X_User_ID: bob"]),
            new("three times", ["X-User-ID: alice", "X-User-ID: bob", "X-User-ID: alice"]),
            new("an empty one first", ["X-User-ID:", "X-User-ID: bob"]),
            new("an empty one last", ["X-User-ID: bob", "X-User-ID:"]),
            new("with two devices", ["X-User-ID: bob", "X-Device-ID: a", "X-Device-ID: b"]),
            new("two devices", ["X-Device-ID: bob", "X-Device-ID: alice"]),
        ];

    private static IEnumerable<Attempt> Hops() =>
        from hop in new[]
        {
            "X-User-ID",
            "close, X-User-ID",
            "X-User-ID, close",
            "keep-alive, x-user-id",
            "close,X_User_ID",
            "close, X-Presence-Proxy-Secret",
            "close, X-Presence-Proxy-Secret, X-User-ID",
            "close, X-Api-Key",
            "close, X-Device-ID",
        }
        select new Attempt($"Connection: {hop}", ["X-User-ID: bob"], Connection: hop);

    private static IEnumerable<Attempt> Secrets() =>
        [
            new("a wrong secret", ["X-User-ID: bob", "X-Presence-Proxy-Secret: wrong-but-long-enough"]),
            new("an empty secret", ["X-User-ID: bob", "X-Presence-Proxy-Secret:"]),
            new("the example's secret", ["X-User-ID: bob", "X-Presence-Proxy-Secret: write-your-own-secret-here"]),
            new("a secret's beginning", ["X-User-ID: bob", "X-Presence-Proxy-Secret: secret"]),
            new("an underscored secret", ["X-User-ID: bob", "X_Presence_Proxy_Secret: wrong-but-long-enough"]),
            new("two secrets", ["X-User-ID: bob", "X-Presence-Proxy-Secret: a", "X-Presence-Proxy-Secret: b"]),
            new("a wrong key", ["X-User-ID: bob", "X-Api-Key: wrong-but-long-enough"]),
            new("an empty key", ["X-User-ID: bob", "X-Api-Key:"]),
            new("an underscored key", ["X-User-ID: bob", "X_Api_Key: wrong-but-long-enough"]),
            new("two keys", ["X-User-ID: bob", "X-Api-Key: a", "X-Api-Key: b"]),
        ];

    private static IEnumerable<Attempt> Queries() =>
        [
            new("the query of a read", [], "/?user_id=bob"),
            new("the header's name in the query", [], "/?X-User-ID=bob&x_user_id=bob"),
            new("the query of a socket", [], "/ws?user_id=bob&device_id=b", Upgrades: true),
            new("the query of a socket, twice", [], "/ws?user_id=bob&user_id=alice&device_id=b", Upgrades: true),
            new("the query of a socket, in capitals", [], "/ws?USER_ID=bob&device_id=b", Upgrades: true),
            new("the query of a socket under a prefix", [], "/presence/ws?user_id=bob&device_id=b", Upgrades: true),
            new("the query of a socket under the other prefix", [], "/api/v1/presence/ws?user_id=bob&device_id=b", Upgrades: true),
            new("the header of a socket", ["X-User-ID: bob"], "/ws?device_id=b", Upgrades: true),
            new("the underscored header of a socket", ["X_User_ID: bob"], "/ws?device_id=b", Upgrades: true),
            new("header and query of a socket", ["X-User-ID: bob"], "/ws?user_id=bob&device_id=b", Upgrades: true),
            new("the query of a stream", [], "/events?user_id=bob&device_id=b"),
            new("the query of a stream under a prefix", [], "/api/v1/presence/events?user_id=bob"),
            new("the header of a stream", ["X-User-ID: bob"], "/events?user_id=bob"),
            new("an encoded path", [], "/%65vents?user_id=bob"),
        ];

    private static IEnumerable<Attempt> Others() =>
        from line in new[]
        {
            "Cookie: user_id=bob",
            "Cookie: session=bob",
            "Cookie: session=s-bob",
            "Authorization: Bearer bob",
            "Authorization: Basic Ym9iOmJvYg==",
            "X-Forwarded-User: bob",
            "X-Remote-User: bob",
            "Remote-User: bob",
            "X-Original-User-ID: bob",
            "X-Forwarded-For: 127.0.0.1",
            "Forwarded: for=127.0.0.1;user=bob",
            "X-Original-URL: /?user_id=bob",
            "X-Rewrite-URL: /events?user_id=bob",
            "X-HTTP-Method-Override: PUT",
            "From: bob",
        }
        select new Attempt(line, [line, "X-User-Id: bob"]);

    private static IEnumerable<Attempt> Framing() =>
        [
            new("a bare line feed", ["X-Other: x\nX-User-ID: bob"]),
            new("a bare carriage return", ["X-Other: x\rX-User-ID: bob"]),
            new("two carriage returns", ["X-Other: x\r\r\nX-User-ID: bob"]),
            new("a header before the first", ["X-User-ID: bob"], "/ HTTP/1.1\r\nX-User-ID: bob\r\nX-Other: x"),
            new("a line feed in the target", [], "/?x=1%0d%0aX-User-ID:%20bob"),
            new("a target with a name", ["X-User-ID: bob"], "http://bob@chat.example/"),
            new("an old version", ["X-User-ID: bob"], "/ HTTP/1.0\r\nX-Other: x"),
            Hidden("a request after the body", ["Content-Length: 0"]),
            Hidden("a length and chunks", ["Content-Length: 4", "Transfer-Encoding: chunked"]),
            Hidden("chunks and a length", ["Transfer-Encoding: chunked", "Content-Length: 4"]),
            Hidden("chunks in disguise", ["Transfer-Encoding: xchunked", "Content-Length: 0"]),
            Hidden("chunks after a space", ["Transfer-Encoding : chunked", "Content-Length: 0"]),
            Hidden("two lengths", ["Content-Length: 0", "Content-Length: 5"]),
            Hidden("a length with a sign", ["Content-Length: +0"]),
            new(
                "a trailer",
                ["Transfer-Encoding: chunked", "Trailer: X-User-ID", "Content-Type: application/json"],
                Method: "POST",
                Body: "1a\r\n{\"online_status\":\"online\"}\r\n0\r\nX-User-ID: bob\r\n\r\n"
            ),
        ];

    /// <summary>A second request in what may or may not be the body of the first.</summary>
    private static Attempt Hidden(string name, string[] lines) =>
        new(
            name,
            lines,
            Method: "POST",
            Body: "0\r\n\r\nGET / HTTP/1.1\r\nHost: chat.example\r\nX-User-ID: bob\r\nConnection: close\r\n\r\n",
            Connection: "keep-alive"
        );
}
