using System.Text;

namespace Presence.Specs.Hostile;

/// <summary>Requests that are broken, or mean harm.</summary>
internal static class HttpCases
{
    private const string Json = "Content-Type: application/json";
    private const string Chunked = "Transfer-Encoding: chunked";

    /// <summary>A request that somebody hides in the body of another one.</summary>
    private const string Hidden = "GET /stats HTTP/1.1\r\nHost: presence\r\n\r\n";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<HttpCase> All { get; } =
    [.. Lengths(), .. Chunks(), .. Heads(), .. Methods(), .. Paths(), .. MediaTypes(), .. Bodies(), .. Imports()];

    private static IEnumerable<HttpCase> Lengths()
    {
        yield return new("a body that breaks off", 0, null, Raw("POST /typing", [Json, "Content-Length: 100"], "{"), BreaksOff: true);
        yield return new("a body longer than it says", 400, "malformed_json", Raw("POST /typing", [Json, "Content-Length: 1"], "{}"));
        foreach (var length in (string[])["-1", "abc", "0x2", "2 2", "99999999999999999999", "1.5", ""])
        {
            yield return new($"Content-Length '{length}'", 400, null, Raw("POST /typing", [Json, $"Content-Length: {length}"], "{}"));
        }

        yield return new(
            "a length of +1, which the web server takes for 1",
            400,
            "malformed_json",
            Raw("POST /typing", [Json, "Content-Length: +1"], "{")
        );
        yield return new("two lengths that differ", 400, null, Raw("POST /typing", [Json, "Content-Length: 2", "Content-Length: 3"], "{}"));
        yield return new("two lengths that agree", 400, null, Raw("POST /typing", [Json, "Content-Length: 2", "Content-Length: 2"], "{}"));
        yield return new("no length", 400, "malformed_json", Raw("POST /typing", [Json], ""));
        yield return new("a length of 2 GiB", 413, "too_large", Raw("POST /typing", [Json, "Content-Length: 2147483648"], "{"));
        yield return new("a length of 0", 400, "malformed_json", Raw("POST /typing", [Json, "Content-Length: 0"], ""));
        yield return new(
            "an unknown expectation",
            400,
            "malformed_json",
            Raw("POST /typing", [Json, "Content-Length: 2", "Expect: magic"], "{{")
        );
    }

    /// <summary>In each of them the server sees one request, or none: https://www.rfc-editor.org/rfc/rfc9112#section-11.2</summary>
    private static IEnumerable<HttpCase> Chunks()
    {
        var endAndHidden = $"0\r\n\r\n{Hidden}";
        yield return new(
            "CL.TE: a length that covers a hidden request, and chunks that don't",
            400,
            "malformed_json",
            Raw("POST /typing", [Json, $"Content-Length: {endAndHidden.Length}", Chunked], endAndHidden)
        );
        yield return new(
            "TE.CL: chunks that cover a hidden request, and a length that doesn't",
            400,
            "malformed_json",
            Raw("POST /typing", [Json, Chunked, "Content-Length: 4"], $"{Hidden.Length:x}\r\n{Hidden}\r\n0\r\n\r\n")
        );
        foreach (var coding in (string[])["xchunked", "chunked, identity", "identity"])
        {
            yield return new(
                $"TE.TE: Transfer-Encoding '{coding}'",
                400,
                null,
                Raw("POST /typing", [Json, $"Transfer-Encoding: {coding}"], endAndHidden)
            );
        }

        foreach (var coding in (string[])["gzip, chunked", "chunked, chunked"])
        {
            yield return new(
                $"TE.TE: Transfer-Encoding '{coding}', of which the last one counts",
                400,
                "malformed_json",
                Raw("POST /typing", [Json, $"Transfer-Encoding: {coding}"], endAndHidden)
            );
        }

        foreach (
            var (name, body) in new[]
            {
                ("a size that is no number", "zz\r\n{}\r\n0\r\n\r\n"),
                ("a size below 0", "-2\r\n{}\r\n0\r\n\r\n"),
                ("a size with 0x before it", "0x2\r\n{}\r\n0\r\n\r\n"),
                ("a size over 2^63", "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
                ("a chunk shorter than it says", "5\r\n{}\r\n0\r\n\r\n"),
                ("a chunk longer than it says", "1\r\n{}\r\n0\r\n\r\n"),
                ("a line feed without a carriage return", "2\n{}\n0\n\n"),
            }
        )
        {
            yield return new($"chunks with {name}", 400, "invalid_payload", Raw("POST /typing", [Json, Chunked], body));
        }

        yield return new("chunks that break off", 0, null, Raw("POST /typing", [Json, Chunked], "2\r\n{"), BreaksOff: true);
        yield return new(
            "chunks over the limit",
            413,
            "too_large",
            Raw("POST /typing", [Json, Chunked], $"200000\r\n{new string(' ', 0x200000)}\r\n0\r\n\r\n")
        );
    }

    private static IEnumerable<HttpCase> Heads()
    {
        yield return new("a header of 40,000 letters", 431, null, Raw("GET /devices", [$"X-Long: {new string('a', 40_000)}"], ""));
        yield return new("200 headers", 431, null, Raw("GET /devices", [.. Enumerable.Range(0, 200).Select(i => $"X-{i}: a")], ""));
        yield return new("a path of 10,000 letters", 414, null, Raw($"GET /{new string('a', 10_000)}", [], ""));
        yield return new("a header without a name", 400, null, Raw("GET /devices", [": a"], ""));
        yield return new("a header with a space before the colon", 400, null, Raw("GET /devices", ["X-User-ID : bob"], ""));
        yield return new("a header with a NUL", 400, null, Raw("GET /devices", ["X-A: a\0b"], ""));
        yield return new("a header that is folded", 400, null, Raw("GET /devices", ["X-A: a\r\n b"], ""));
        yield return new(
            "a header of bytes that are no ASCII",
            400,
            "invalid_id",
            Bytes("GET /devices HTTP/1.1\r\nHost: presence\r\nConnection: close\r\nX-User-ID: m\u00c3\u00a9\r\n\r\n")
        );
        yield return new(
            "a header of bytes that are no UTF-8",
            400,
            null,
            Bytes("GET /devices HTTP/1.1\r\nHost: presence\r\nConnection: close\r\nX-User-ID: \u00ff\u00fe\r\n\r\n")
        );
        yield return new("no host", 400, null, Bytes("GET /devices HTTP/1.1\r\nX-User-ID: mallory\r\nConnection: close\r\n\r\n"));
        yield return new("two hosts", 400, null, Raw("GET /devices", ["Host: other"], ""));
        yield return new("a host of no form", 400, null, Bytes("GET /devices HTTP/1.1\r\nHost: a b/c\r\nConnection: close\r\n\r\n"));
        yield return new("a user that is two headers", 400, "invalid_id", Raw("GET /devices", ["X-User-ID: bob"], ""));
        yield return new("no user", 401, "unauthenticated", Bytes("GET /devices HTTP/1.1\r\nHost: presence\r\nConnection: close\r\n\r\n"));
        yield return new("a query that is no bool", 400, "invalid_payload", Raw("GET /devices?all=yes", [], ""));
        yield return new("a query that says two things", 400, "invalid_payload", Raw("GET /devices?all=1&all=0", [], ""));
        yield return new(
            "a cursor of 4,000 letters",
            400,
            "invalid_payload",
            Raw($"GET /events?last_event_id={new string('1', 4_000)}", [], "")
        );
    }

    private static IEnumerable<HttpCase> Methods()
    {
        foreach (var method in (string[])["PATCH", "TRACE", "OPTIONS", "DELETE", "NONSENSE"])
        {
            yield return new($"{method} where there is GET and PUT", 405, "method_not_allowed", Raw($"{method} /privacy", [], ""));
        }

        foreach (var method in (string[])["G\u0000T", "G(T", ""])
        {
            yield return new($"the method '{method.Replace('\0', '0')}'", 400, null, Raw($"{method} /privacy", [], ""));
        }

        yield return new("CONNECT, as if this were a proxy", 400, null, Raw("CONNECT example.org:443", [], ""));
        yield return new("HTTP/1.9", 505, null, Bytes("GET /devices HTTP/1.9\r\nHost: presence\r\nConnection: close\r\n\r\n"));
        yield return new("HTTP/0.9", 505, null, Bytes("GET /devices HTTP/0.9\r\n\r\n"));
        yield return new("a request line of no form", 400, null, Bytes("hello\r\n\r\n"));
        yield return new(
            "the first bytes of TLS",
            400,
            null,
            [0x16, 0x03, 0x01, 0x00, 0xA5, 0x01, 0x00, 0x00, 0xA1, 0x0D, 0x0A, 0x0D, 0x0A]
        );
    }

    private static IEnumerable<HttpCase> Paths()
    {
        foreach (
            var path in (string[])
                [
                    "/users/a%20b",
                    "/users/%C3%A9",
                    "/users/a%2Fb",
                    "/users/a%5Cb",
                    "/users/%2e%2e%2fetc",
                    "/users/..%2f..%2fetc%2fpasswd",
                    "/users/a;b",
                    "/users/a'--",
                    "/users/%3Cscript%3E",
                    "/users/a%0d%0aSet-Cookie:b",
                    "/users/a+b",
                    "/users/a%252Fb",
                    "/typing/a%20b",
                    "/%F0%9F%91%81",
                    "/users/{user_id}",
                    "/users/a%7F",
                ]
        )
        {
            yield return new($"an id in the path, {path}", 400, "invalid_id", Raw($"GET {path}", [], ""));
        }

        yield return new("an id of 129 letters in the path", 400, "invalid_id", Raw($"GET /users/{new string('a', 129)}", [], ""));
        foreach (var path in (string[])["/users/a%00b", "/users/%FF%FE", "/users/%C0%AF", "/users/%ED%A0%80"])
        {
            yield return new(
                $"bytes of no text in the path, {path}",
                400,
                path.Contains("%00", StringComparison.Ordinal) ? null : "invalid_id",
                Raw($"GET {path}", [], "")
            );
        }

        foreach (
            var path in (string[])
                [
                    "/../../etc/passwd",
                    "/users/../../etc/passwd",
                    "/static/..%2f..%2fetc/passwd",
                    "/no/such/route",
                    "/.git/config",
                    "//users//a",
                ]
        )
        {
            yield return new($"a path that leads nowhere, {path}", 404, "not_found", Raw($"GET {path}", [], ""));
        }

        yield return new("a path without a slash", 400, null, Raw("GET users/a", [], ""));
        yield return new("a fragment in the path", 400, "invalid_id", Raw("GET /users/a#b", [], ""));
        yield return new("a conversation of no participant", 403, "not_a_participant", Raw("GET /typing/no-such", [], ""));
        yield return new("a device that is none", 404, "not_found", Raw("DELETE /devices/none", [], ""));
        yield return new("a viewer of no form", 400, "invalid_id", Raw("GET /users/a/explain?viewer=a%20b", [], ""));
        yield return new("two viewers", 400, "invalid_id", Raw("GET /users/a/explain?viewer=a&viewer=b", [], ""));
    }

    private static IEnumerable<HttpCase> MediaTypes()
    {
        foreach (
            var type in (string[])
                [
                    "text/plain",
                    "application/xml",
                    "application/x-www-form-urlencoded",
                    "multipart/form-data; boundary=a",
                    "application/json; charset=utf-16",
                    "application/json; charset=utf-7",
                    "application/x-ndjson",
                    "application/",
                    "json",
                    "*/*",
                    "application/json, text/plain",
                ]
        )
        {
            yield return new(
                $"a body of the type {type}",
                415,
                "unsupported_media_type",
                Body("POST /typing", "{}", $"Content-Type: {type}")
            );
        }

        yield return new("a body of no type", 415, "unsupported_media_type", Body("POST /typing", "{}", "X-None: 1"));
        yield return new("a compressed body", 415, "unsupported_media_type", Body("POST /typing", "{}", Json, "Content-Encoding: gzip"));
        yield return new("an import as text", 415, "unsupported_media_type", Body("POST /import", "{}", "Content-Type: text/plain"));
    }

    private static IEnumerable<HttpCase> Bodies()
    {
        foreach (var route in Routes)
        {
            foreach (var text in BrokenJson.Texts)
            {
                yield return new($"{route} with {BrokenJson.Shown(text)}", 400, "malformed_json", Body(route, text, Json));
            }

            yield return new(
                $"{route} with a body over the limit",
                413,
                "too_large",
                Body(route, $$"""{"a":"{{new string('a', 1024 * 1024)}}"}""", Json)
            );
        }

        foreach (var (route, template, field) in FieldCases.Of(HttpFields))
        {
            yield return new($"{route} with {field.Name} {BrokenJson.Shown(field.Value)}", 400, field.Code, Body(route, template, Json));
        }

        yield return new("POST /bulk with 1,001 ids", 400, "too_many_ids", Body("POST /bulk", $$"""{"user_ids":[{{Ids(1_001)}}]}""", Json));
        yield return new(
            "POST /events with 1,001 recipients",
            400,
            "too_many_ids",
            Body("POST /events", $$"""{"event_type":"a","payload":{},"recipients":[{{Ids(1_001)}}]}""", Json)
        );
        yield return new(
            "PUT contacts with 10,001 ids",
            400,
            "too_many_ids",
            Body("PUT /users/a/contacts", $$"""{"contacts":[{{Ids(10_001)}}]}""", Json)
        );
        yield return new(
            "PUT contacts with oneself",
            400,
            "invalid_payload",
            Body("PUT /users/a/contacts", """{"contacts":["a"]}""", Json)
        );
        yield return new("POST /heartbeat without a device", 400, "invalid_payload", Body("POST /heartbeat", "{}", Json));
        yield return new(
            "POST /events with a payload over the limit",
            413,
            "too_large",
            Body("POST /events", $$$"""{"event_type":"a","recipients":["a"],"payload":{"a":"{{{new string('a', 40_000)}}}"}}""", Json)
        );
        yield return new(
            "POST /events with a NUL deep in the payload",
            400,
            "invalid_payload",
            Body("POST /events", """{"event_type":"a","recipients":["a"],"payload":{"a":[{"b":"\u0000"}]}}""", Json)
        );
        yield return new(
            "POST /events with a lone surrogate for a name in the payload",
            400,
            "malformed_json",
            Body("POST /events", """{"event_type":"a","recipients":["a"],"payload":{"\ud800":1}}""", Json)
        );
    }

    private static IEnumerable<HttpCase> Imports()
    {
        foreach (var (name, body) in new[] { ("no lines", ""), ("only ends of lines", "\n\r\n\n") })
        {
            var empty = Body("POST /import", body, "Content-Type: application/x-ndjson");
            yield return new($"an import with {name}", 200, null, empty, Contains: "{\"users\":0,\"conversations\":0,\"refused\":[]");
        }

        (string Line, string Code)[] lines =
        [
            .. BrokenJson
                .Texts.Where(text => !text.Contains('\n', StringComparison.Ordinal) && text.Trim().Length > 0)
                .Select(text => (text, "malformed_json")),
            ("{}", "invalid_payload"),
            ("""{"user_id":"a","conversation_id":"c"}""", "invalid_payload"),
            ("""{"user_id":7,"contacts":[]}""", "invalid_id"),
            ("""{"user_id":"a b","contacts":[]}""", "invalid_id"),
            ("""{"user_id":"a"}""", "invalid_payload"),
            ("""{"user_id":"a","contacts":{}}""", "invalid_payload"),
            ("""{"user_id":"a","contacts":[7]}""", "invalid_id"),
            ("""{"user_id":"a","contacts":["a"]}""", "invalid_payload"),
            ("""{"conversation_id":"\ud800","participants":[]}""", "invalid_id"),
            ("""{"conversation_id":"c","participants":["\u0000"]}""", "invalid_id"),
            ($$"""{"user_id":"a","contacts":[{{Ids(10_001)}}]}""", "too_many_ids"),
            ($$"""{"user_id":"a","contacts":[],"x":"{{new string('x', 1024 * 1024)}}"}""", "too_large"),
        ];
        foreach (var (line, code) in lines)
        {
            var request = Body(
                "POST /import",
                $"\n{line}\n{{\"user_id\":\"imported\",\"contacts\":[]}}",
                "Content-Type: application/x-ndjson"
            );
            yield return new(
                $"an import with the line {BrokenJson.Shown(line)}",
                200,
                null,
                request,
                Contains: $"{{\"users\":1,\"conversations\":0,\"refused\":[{{\"line\":2,\"code\":\"{code}\""
            );
        }
    }

    private static string[] Routes =>
        [
            "POST /",
            "POST /bulk",
            "POST /typing",
            "PUT /privacy",
            "POST /events",
            "PUT /users/a/contacts",
            "PUT /conversations/c/participants",
        ];

    private static FieldCases.Field[] HttpFields =>
        [
            .. FieldCases.Presence("POST /"),
            .. FieldCases.Typing("POST /typing"),
            new("POST /bulk", "user_ids", """{"user_ids":VALUE}""", Kind.Ids),
            new("PUT /privacy", "online_status_visibility", """{"online_status_visibility":VALUE}""", Kind.Word),
            new("PUT /privacy", "last_seen_visibility", """{"last_seen_visibility":VALUE}""", Kind.Word),
            new("PUT /privacy", "typing_indicators_enabled", """{"typing_indicators_enabled":VALUE}""", Kind.Bool),
            new("PUT /privacy", "blocked", """{"blocked":VALUE}""", Kind.IdsOrNone),
            new("PUT /privacy", "overrides", """{"overrides":VALUE}""", Kind.Object),
            new("POST /events", "event_type", """{"event_type":VALUE,"recipients":["a"],"payload":{}}""", Kind.Word),
            new("POST /events", "recipients", """{"event_type":"a","recipients":VALUE,"payload":{}}""", Kind.Ids),
            new("POST /events", "payload", """{"event_type":"a","recipients":["a"],"payload":VALUE}""", Kind.Object),
            new("POST /events", "sender", """{"event_type":"a","recipients":["a"],"payload":{},"sender":VALUE}""", Kind.IdOrNull),
            new("POST /events", "ttl", """{"event_type":"a","recipients":["a"],"payload":{},"ttl":VALUE}""", Kind.NumberOrNull),
            new("PUT /users/a/contacts", "contacts", """{"contacts":VALUE}""", Kind.IdsOrNone),
            new("PUT /conversations/c/participants", "participants", """{"participants":VALUE}""", Kind.IdsOrNone),
        ];

    private static string Ids(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"\"u{i}\""));

    private static byte[] Body(string route, string body, params string[] headers) =>
        Raw(route, [.. headers, $"Content-Length: {body.Length}"], body);

    private static byte[] Raw(string route, string[] headers, string body) =>
        Bytes(
            $"{route} HTTP/1.1\r\nHost: presence\r\nConnection: close\r\nX-User-ID: mallory\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n{body}"
        );

    /// <summary>One letter, one byte.</summary>
    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
