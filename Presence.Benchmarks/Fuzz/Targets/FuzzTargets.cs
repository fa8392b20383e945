using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Presence.Actors;
using Presence.Adapters.Http.Events;
using Presence.Adapters.Http.Import;
using Presence.Adapters.Http.Users;
using Presence.Adapters.Http.Wire;
using Presence.Adapters.WebSocket.Frames;
using Presence.Adapters.WebSocket.Transport;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Json;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Benchmarks.Fuzz.Targets;

/// <summary>All that reads what strangers send.</summary>
internal static class FuzzTargets
{
    private static readonly ResumeTokens Tokens = new(new byte[32]);
    private static readonly UserId Ann = new("ann");
    private static readonly DeviceId Phone = new("phone");

    private static readonly string[] JsonWords =
    [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "null",
        "true",
        "false",
        "0",
        "1e400",
        "-1",
        "\\u0000",
        "\\ud800",
        "\\udc00",
        "\u00c3(",
        "\u00ef\u00bb\u00bf",
        "\"user_ids\":",
        "\"contacts\":[",
        "\"participants\":[",
        "\"conversation_id\":",
        "\"user_id\":",
        "\"is_typing\":",
        "\"online_status\":",
        "\"custom_status\":",
        "\"activity\":",
        "\"expires_at\":",
        "\"expires_in\":",
        "\"blocked\":[",
        "\"overrides\":{",
        "\"typing_visible\":",
        "\"payload\":{",
        "\"event_type\":",
        "\"recipients\":[",
        "\"ttl\":",
        "\"sender\":",
        "\"active\":",
        "\"id\":",
        "\"type\":",
        "\"token\":",
        "2030-01-01T00:00:00Z",
        "2016-12-31T23:59:60.999999999+23:59",
        "\"busy\"",
        "\"everyone\"",
        "\"a\"",
    ];

    /// <summary>Each of them.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new(
            "frame",
            [
                """{"type":"ping","id":"1"}""",
                """{"type":"presence_update","payload":{"online_status":"busy","custom_status":"x","activity":"a","expires_in":5}}""",
                """{"type":"subscribe","payload":{"user_ids":["a","b"]}}""",
                """{"type":"typing","payload":{"conversation_id":"c","is_typing":true}}""",
                """{"type":"heartbeat","payload":{"active":false}}""",
                """{"type":"authenticate","payload":{"token":"t"}}""",
            ],
            [
                .. JsonWords,
                "heartbeat",
                "presence_update",
                "subscribe",
                "unsubscribe",
                "watch_conversation",
                "unwatch_conversation",
                "event_ack",
                "authenticate",
            ],
            Frame
        ),
        new(
            "wire",
            [
                "\u0001\u0081\u0082\0\0\0\0{}",
                "\u0002\u0088\u0082\u0001\u0002\u0003\u0004\u0002\u00ea",
                "\u0003\u0081\u00fe\0\u0080\0\0\0\0",
            ],
            ["\u0081", "\u0088\u0082", "\u00fe\0~", "\u00ff\0\0\0\0\0\u0001\0\0", "\u0089\u0080"],
            Wire
        ),
        new(
            "query",
            ["abc\n1.2.3\nann", $"{Tokens.Issue(Guid.Empty, Ann, Phone)}\n5f5e100.ab.1.2.3\na:b@c"],
            ["\n", ".", "ffffffffffffffff", "-", "+", "\0", "\u00ff", "7fffffffffffffff"],
            Query
        ),
        new(
            "body",
            [
                """{"online_status":"busy","expires_at":"2030-01-01T00:00:00Z"}""",
                """{"user_ids":["a"],"contacts":["b"],"participants":["c"]}""",
                """{"blocked":["a"],"overrides":{"b":{"typing_visible":false}},"last_seen_visibility":"nobody"}""",
                """{"event_type":"a","recipients":["a"],"payload":{"a":[1,"b"]},"ttl":5,"sender":"s"}""",
            ],
            JsonWords,
            Body
        ),
        new(
            "import",
            ["""{"user_id":"a","contacts":["b"]}""" + "\n" + """{"conversation_id":"c","participants":[]}""" + "\n\r\n", "\n\nx"],
            [.. JsonWords, "\n", "\r"],
            Import
        ),
        new("serializer", [.. SerializerTarget.Seeds], [.. JsonWords, "q:", "a:", "c:", "d:", "mail\n"], SerializerTarget.Run),
    ];

    private static void Frame(byte[] input)
    {
        var frame = FrameReader.Read(input);
        FuzzFindException.Unless((frame.Command is null) != (frame.Refusal is null), "neither a command nor a refusal, or both");
        Documented(frame.Refusal);
    }

    /// <summary>The first byte says in pieces of what length the others come: it must make no difference.</summary>
    private static void Wire(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        // How many there are is a question of time, which the two don't share.
        var limits = new LimitOptions { FragmentsPerMinute = int.MaxValue };
        var (whole, cut) = (new FrameCheck(limits, TimeProvider.System), new FrameCheck(limits, TimeProvider.System));
        var seen = whole.See(input.AsMemory(1)).ToArray();
        var pieces = new List<byte>();
        foreach (var piece in input.Skip(1).Chunk(Math.Max(1, (int)input[0])))
        {
            if (cut.Verdict == 0)
            {
                pieces.AddRange(cut.See(piece).Span);
            }
        }

        FuzzFindException.Unless(whole.Verdict is 0 or 1002 or 1007 or 1009, $"{whole.Verdict} is no verdict");
        FuzzFindException.Unless(
            whole.Verdict == cut.Verdict && seen.AsSpan().SequenceEqual(pieces.ToArray()),
            "it depends on how the bytes are cut"
        );
    }

    private static void Query(byte[] input)
    {
        var parts = Encoding.UTF8.GetString(input).Split('\n');
        var connection = Tokens.Read(parts[0], Ann, Phone);
        FuzzFindException.Unless(connection is null || connection == Guid.Empty, "a token that was never issued");
        foreach (var part in parts)
        {
            if (Cursor.TryParse(part, out var cursor))
            {
                FuzzFindException.Unless(
                    Cursor.TryParse(cursor.ToString(), out var again) && again.ToString() == cursor.ToString(),
                    "a cursor that does not come back"
                );
                FuzzFindException.Unless(cursor.At >= DateTimeOffset.UnixEpoch, "a cursor before all time");
            }

            FuzzFindException.Unless(!UserId.TryParse(part, out var user) || user.Value == part, "an id that changes");
            FuzzFindException.Unless(DeviceId.TryParse(part, out _) == UserId.TryParse(part, out _), "two forms of id");
            FuzzFindException.Unless(ConversationId.TryParse(part, out _) == UserId.TryParse(part, out _), "two forms of id");
            FuzzFindException.Unless(!Rfc3339.TryParse(part, out var time) || time.Offset == TimeSpan.Zero, "a time that is not in UTC");
        }
    }

    private static void Body(byte[] input)
    {
        Read(input, Payloads.PresenceUpdate);
        Read(input, Payloads.Typing);
        Read(input, Payloads.PrivacyRule);
        Read(input, HeartbeatBody.Read);
        Read(input, body => EventBody.Read(body, 32 * 1024));
        Read(input, body => Payloads.UserIds(body, "user_ids", 1, Payloads.MaxIds));
        Read(input, body => IdList.Contacts(body, Ann));
        Read(input, IdList.Participants);
    }

    private static void Import(byte[] input)
    {
        if (input.Length == 0)
        {
            // A reader of a sequence, which the web server's is not, can't be advanced to the end of an empty one.
            return;
        }

        // In two segments, as it may come over the wire.
        var half = input.Length / 2;
        var first = new Segment(input.AsMemory(0, half));
        var pipe = PipeReader.Create(new ReadOnlySequence<byte>(first, 0, first.Followed(input.AsMemory(half)), input.Length - half));
        var count = 0;
        var lines = new LineReader(pipe, maxBytes: 200).ReadAll(CancellationToken.None).ToBlockingEnumerable();
        foreach (var line in lines)
        {
            FuzzFindException.Unless(line.Number == ++count, "lines that are not numbered from 1");
            if (line.Utf8 is { } utf8)
            {
                FuzzFindException.Unless(utf8.Length <= 200, "a line over the limit");
                var list = ImportedList.Read(utf8);
                FuzzFindException.Unless((list.Value is null) != (list.Refusal is null), "neither a list nor a refusal, or both");
                Documented(list.Refusal);
            }
        }

        var feeds = input.Count(value => value == (byte)'\n');
        FuzzFindException.Unless(count == feeds + (input.Length > 0 && input[^1] != (byte)'\n' ? 1 : 0), "lines were lost, or made");
    }

    private static void Read<T>(byte[] input, Func<JsonElement, Parsed<T>> meaning)
        where T : class
    {
        var parsed = Bodies.ReadObject(input, meaning);
        FuzzFindException.Unless((parsed.Value is null) != (parsed.Refusal is null), "neither a value nor a refusal, or both");
        Documented(parsed.Refusal);
    }

    private static void Documented(Refusal? refusal) =>
        FuzzFindException.Unless(
            refusal
                is null
                    or {
                        Code: ErrorCodes.MalformedJson
                            or ErrorCodes.UnknownType
                            or ErrorCodes.InvalidPayload
                            or ErrorCodes.InvalidStatus
                            or ErrorCodes.InvalidId
                            or ErrorCodes.TooManyIds
                            or ErrorCodes.TooLarge
                    },
            $"refused with {refusal?.Code}"
        );

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Followed(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
