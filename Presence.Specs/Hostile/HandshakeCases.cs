using System.Text;

namespace Presence.Specs.Hostile;

/// <summary>Handshakes by RFC 6455, section 4.2, and others: the second table of docs/websocket.md.</summary>
internal static class HandshakeCases
{
    private const string Key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    private const string Version = "Sec-WebSocket-Version: 13";
    private const string Upgrade = "Upgrade: websocket";

    /// <summary>After a refusal the connection ends, so that it can be seen that nothing follows.</summary>
    private const string Connection = "Connection: Upgrade, close";
    private const string User = "X-User-ID: mallory";
    private const string Quiet = "/ws?snapshot=none";
    private const string TheVersion = "Sec-WebSocket-Version: 13";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<HttpCase> All { get; } = [.. Taken(), .. Refused(), .. Identities(), .. Queries()];

    private static IEnumerable<HttpCase> Taken()
    {
        yield return Taking("a handshake as it should be", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", []);
        yield return new(
            "words in other letters, and Connection with a second word",
            101,
            null,
            Get(Quiet, User, "uPGRADE: WebSocket", "Connection: keep-alive, uPGRADE", Version, Key)
        );
        yield return Taking(
            "permessage-deflate offered: not agreed to",
            "connection_ack",
            ["Sec-WebSocket-Extensions: permessage-deflate"]
        );
        yield return Taking(
            "extensions of no known form offered: not agreed to",
            "connection_ack",
            ["Sec-WebSocket-Extensions: ;;,=permessage-deflate; server_max_window_bits=99"]
        );
        yield return Taking(
            "presence.v1 among other subprotocols: agreed to",
            "Sec-WebSocket-Protocol: presence.v1",
            ["Sec-WebSocket-Protocol: chat, presence.v1, bearer.abc"]
        );
        yield return Taking("only subprotocols that are not ours: none agreed to", "connection_ack", ["Sec-WebSocket-Protocol: chat"]);
    }

    private static IEnumerable<HttpCase> Refused()
    {
        yield return Refusing("no key", Get(Quiet, User, Upgrade, Connection, Version));
        foreach (
            var (name, key) in new[]
            {
                ("an empty key", ""),
                ("a key that is no base64", "!!!!"),
                ("a key of 15 bytes", "AAAAAAAAAAAAAAAAAAAA"),
                ("a key of 17 bytes", "AAAAAAAAAAAAAAAAAAAAAAA="),
            }
        )
        {
            yield return Refusing(name, Get(Quiet, User, Upgrade, Connection, Version, $"Sec-WebSocket-Key: {key}"));
        }

        yield return Refusing("two keys", Get(Quiet, User, Upgrade, Connection, Version, Key, Key));
        yield return Refusing("no version", Get(Quiet, User, Upgrade, Connection, Key));
        foreach (var version in (string[])["0", "8", "12", "14", "13, 8", "thirteen"])
        {
            yield return Refusing($"version {version}", Get(Quiet, User, Upgrade, Connection, Key, $"Sec-WebSocket-Version: {version}"));
        }

        yield return Refusing("no Upgrade", Get(Quiet, User, "Connection: close", Version, Key));
        yield return Refusing("an Upgrade to something else", Get(Quiet, User, "Upgrade: h2c", Connection, Version, Key));
        yield return Refusing("no Connection: Upgrade", Get(Quiet, User, Upgrade, "Connection: close", Version, Key));
        yield return Refusing("HTTP/1.0", Bytes($"GET {Quiet} HTTP/1.0\r\n{Lines(User, Upgrade, Connection, Version, Key)}"));
        yield return new(
            "a method that is not GET",
            405,
            "method_not_allowed",
            Bytes($"POST {Quiet} HTTP/1.1\r\n{Lines("Host: presence", User, Upgrade, Connection, Version, Key, "Content-Length: 0")}")
        );
        yield return Refusing(
            "a GET with a body",
            [.. Get(Quiet, User, Upgrade, Connection, Version, Key, "Content-Length: 5"), .. "hello"u8]
        );
        yield return Refusing(
            "a GET with a chunked body",
            [.. Get(Quiet, User, Upgrade, Connection, Version, Key, "Transfer-Encoding: chunked"), .. "0\r\n\r\n"u8]
        );
    }

    private static IEnumerable<HttpCase> Identities()
    {
        yield return new("no user", 401, "unauthenticated", Closing(Quiet));
        yield return new("a user of the wrong form", 400, "invalid_id", Closing(Quiet, "X-User-ID: a b"));
        yield return new("a user of 129 letters", 400, "invalid_id", Closing(Quiet, $"X-User-ID: {new string('a', 129)}"));
        yield return new("two users", 400, "invalid_id", Closing(Quiet, User, "X-User-ID: bob"));
        yield return new("an empty user", 400, "invalid_id", Closing(Quiet, "X-User-ID:"));
        yield return new("a device of the wrong form", 400, "invalid_id", Closing(Quiet, User, "X-Device-ID: a/b"));
        yield return new(
            "a device name that is too long",
            400,
            "invalid_payload",
            Closing(Quiet, User, $"X-Device-Name: {new string('a', 2_000)}")
        );
        yield return new("the origin of another site", 403, "forbidden", Closing(Quiet, User, "Origin: http://evil.example"));
        yield return new("the origin null", 403, "forbidden", Closing(Quiet, User, "Origin: null"));
        yield return new("two origins", 403, "forbidden", Closing(Quiet, User, "Origin: http://presence", "Origin: http://evil.example"));
    }

    private static IEnumerable<HttpCase> Queries()
    {
        yield return new("a snapshot of no known kind", 400, "invalid_payload", Closing("/ws?snapshot=some", User));
        yield return new("two kinds of snapshot", 400, "invalid_payload", Closing("/ws?snapshot=none&snapshot=full", User));
        yield return new("an active that is neither true nor false", 400, "invalid_payload", Closing("/ws?active=0", User));
        yield return new("a user in the query with a NUL", 400, "invalid_id", Closing("/ws?user_id=a%00b"));
        yield return new("a user in the query that is no UTF-8", 400, "invalid_id", Closing("/ws?user_id=%FF%FE"));
        yield return new("a user in the query with half an escape", 400, "invalid_id", Closing("/ws?user_id=%4"));
        yield return new("a user in the query with an overlong slash", 400, "invalid_id", Closing("/ws?user_id=%C0%AF"));
        yield return new("two users in the query", 400, "invalid_id", Closing("/ws?user_id=a&user_id=b"));
        foreach (
            var (name, query) in new[]
            {
                ("of no known form", "resume=abc&cursor=def"),
                ("of the right length", $"resume={new string('A', 43)}&cursor=1.2.3"),
                ("with a NUL and bad UTF-8", "resume=%00%FF&cursor=%00%FF"),
                ("given twice", "resume=a&resume=b&cursor=1.2.3&cursor=4.5.6"),
                ("of 4,000 letters", $"resume={new string('A', 4_000)}&cursor={new string('1', 3_000)}"),
                ("with numbers over any limit", $"resume={new string('A', 43)}&cursor=ffffffffffffffffffff.-1.+1"),
                ("of a thousand dots", $"resume={new string('_', 43)}&cursor={new string('.', 1_000)}"),
            }
        )
        {
            yield return Taking($"a token and a cursor {name}: the client is new", "\"resumed\":false", [], $"{Quiet}&{query}");
        }
    }

    private static HttpCase Taking(string name, string contains, string[] headers, string path = Quiet) =>
        new(name, 101, null, Get(path, [User, Upgrade, Connection, Version, Key, .. headers]), Contains: contains);

    private static HttpCase Refusing(string name, byte[] request) => new(name, 400, "upgrade_required", request, Contains: TheVersion);

    /// <summary>A good handshake but for what is given; a refusal ends the connection.</summary>
    private static byte[] Closing(string path, params string[] headers) => Get(path, [Upgrade, Connection, Version, Key, .. headers]);

    private static byte[] Get(string path, params string[] headers) =>
        Bytes($"GET {path} HTTP/1.1\r\n{Lines(["Host: presence", .. headers])}");

    private static string Lines(params string[] headers) => string.Concat(headers.Select(header => header + "\r\n")) + "\r\n";

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
