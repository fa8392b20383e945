using System.Text;
using Presence.Specs.WebSocket;
using static Presence.Specs.Hostile.Reaction;
using static Presence.Specs.WebSocket.RawFrame;

namespace Presence.Specs.Hostile;

/// <summary>RFC 6455 held against the service, and the limits that are its own: the table of docs/websocket.md.</summary>
internal static class SocketCases
{
    private static readonly byte[] Ping = Encoding.UTF8.GetBytes(SocketCase.Message);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SocketCase> All { get; } =
    [.. Framing(), .. Lengths(), .. Fragments(), .. Control(), .. Closing(), .. Texts(), .. Limits()];

    private static IEnumerable<SocketCase> Framing()
    {
        yield return new(
            "5.1",
            "a frame that is not masked",
            Close(1002),
            [
                [0x81, (byte)Ping.Length, .. Ping],
            ]
        );
        yield return new(
            "5.1",
            "a ping that is not masked",
            Close(1002),
            [
                [0x89, 0],
            ]
        );
        yield return new(
            "5.1",
            "a close frame that is not masked",
            Close(1002),
            [
                [0x88, 2, 0x03, 0xE8],
            ]
        );
        yield return new(
            "5.3",
            "a mask of zeros",
            Read,
            [
                [0x81, (byte)(0x80 | Ping.Length), 0, 0, 0, 0, .. Ping],
            ]
        );
        foreach (var (bit, name) in new[] { (0x40, "RSV1"), (0x20, "RSV2"), (0x10, "RSV3"), (0x70, "all RSV bits") })
        {
            yield return new("5.2", $"{name} set in a text frame", Close(1002), [WithBits(bit, Frame(Text, Ping))]);
            yield return new("5.2", $"{name} set in a ping", Close(1002), [WithBits(bit, Frame(RawFrame.Ping, []))]);
            yield return new("5.2", $"{name} set in a continuation", Close(1002), [Start(Ping[..9]), WithBits(bit, Last(Ping[9..]))]);
        }

        foreach (var opcode in (byte[])[3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
        {
            yield return new("5.2", $"opcode {opcode}, which is reserved", Close(1002), [Frame(opcode, [1])]);
        }

        yield return new("5.2", "opcode 3 without a payload, and a good message after it", Close(1002), [Frame(3, []), Frame(Text, Ping)]);
        yield return new("5.6", "a binary message", Close(1003), [Frame(Binary, Ping)]);
        yield return new("5.6", "a binary message of 0 bytes", Close(1003), [Frame(Binary, [])]);
        yield return new("5.6", "a binary message in fragments", Close(1003), [RawSocket.Encode(Binary, [1], final: false), Last([2])]);
    }

    private static IEnumerable<SocketCase> Lengths()
    {
        foreach (var length in (int[])[125, 126, 127, 65_535, 65_536])
        {
            yield return new("5.2", $"a message of {length} bytes", Read, [Frame(Text, Padded(length))]);
        }

        yield return new("5.2", "a length below 126 in 16 bits", Close(1002), [Lengthy(Text, 126, 2, Ping)]);
        yield return new("5.2", "a length of 0 in 16 bits", Close(1002), [Lengthy(Text, 126, 2, [])]);
        yield return new("5.2", "a length below 126 in 64 bits", Close(1002), [Lengthy(Text, 127, 8, Ping)]);
        yield return new("5.2", "a length below 65,536 in 64 bits", Close(1002), [Lengthy(Text, 127, 8, Padded(65_535))]);
        yield return new(
            "5.2",
            "a length of a continuation in more bits than it needs",
            Close(1002),
            [Start(Ping[..9]), Lengthy(Continuation, 126, 2, Ping[9..])]
        );
        yield return new("5.2", "a length of 2^63, whose highest bit is set", Close(1002), [Claiming(1UL << 63, Ping)]);
        yield return new("5.2", "a length of 2^64 - 1", Close(1002), [Claiming(ulong.MaxValue, Ping)]);
        yield return new(
            "limit",
            "a length of 2^63 - 1, and as many bytes as are over the limit",
            Close(1009),
            [Claiming(long.MaxValue, Padded(65_537))]
        );
    }

    private static IEnumerable<SocketCase> Fragments()
    {
        yield return new("5.4", "a message in two fragments", Read, [Start(Ping[..9]), Last(Ping[9..])]);
        yield return new("5.4", "a message in fragments of a byte each", Read, [.. Split(Ping)]);
        yield return new("5.4", "a first fragment of 0 bytes", Read, [Start([]), Last(Ping)]);
        yield return new("5.4", "a last fragment of 0 bytes", Read, [Start(Ping), Last([])]);
        yield return new(
            "5.4",
            "1,000 fragments of 0 bytes between two others",
            Read,
            [Start(Ping[..9]), .. Enumerable.Repeat(Middle([]), 1_000), Last(Ping[9..])]
        );
        yield return new(
            "5.4",
            "a ping between two fragments",
            PongAndRead,
            [Start(Ping[..9]), Frame(RawFrame.Ping, [1, 2]), Last(Ping[9..])]
        );
        yield return new(
            "5.4",
            "three pings and a pong between fragments",
            PongAndRead,
            [
                Start(Ping[..9]),
                Frame(RawFrame.Ping, [1]),
                Frame(RawFrame.Ping, []),
                Middle(Ping[9..12]),
                Frame(RawFrame.Pong, [7]),
                Frame(RawFrame.Ping, [3]),
                Last(Ping[12..]),
            ]
        );
        yield return new("5.4", "a close frame between two fragments", Close(1000), [Start(Ping[..9]), Goodbye(1000), Last(Ping[9..])]);
        yield return new("5.4", "a continuation of nothing", Close(1002), [Last(Ping)]);
        yield return new("5.4", "a continuation of nothing that is to go on", Close(1002), [Middle(Ping)]);
        yield return new("5.4", "a continuation of 0 bytes of nothing", Close(1002), [Last([])]);
        yield return new("5.4", "a continuation of a message that has ended", Close(1002), [Start(Ping[..9]), Last(Ping[9..]), Last(Ping)]);
        yield return new("5.4", "a text frame inside a message in fragments", Close(1002), [Start(Ping[..9]), Frame(Text, Ping)]);
        yield return new("5.4", "a second first fragment", Close(1002), [Start(Ping[..9]), Start(Ping[..9])]);
        yield return new("5.4", "a binary frame inside a text message in fragments", Close(1002), [Start(Ping[..9]), Frame(Binary, Ping)]);
        yield return new("5.4", "a text frame inside a message whose fragments had 0 bytes", Close(1002), [Start([]), Frame(Text, Ping)]);
    }

    private static IEnumerable<SocketCase> Control()
    {
        yield return new("5.5.2", "a ping of 0 bytes", Reaction.Pong, [Frame(RawFrame.Ping, [])]);
        yield return new(
            "5.5.2",
            "a ping of 125 bytes",
            Reaction.Pong,
            [Frame(RawFrame.Ping, [.. Enumerable.Range(0, 125).Select(i => (byte)i)])]
        );
        yield return new("5.5.2", "a ping that is no UTF-8", Reaction.Pong, [Frame(RawFrame.Ping, [0xFF, 0xC0, 0x00])]);
        yield return new(
            "5.5.2",
            "a hundred pings at once",
            Reaction.Pong,
            [.. Enumerable.Range(0, 100).Select(i => Frame(RawFrame.Ping, [(byte)i]))]
        );
        yield return new("5.5", "a ping of 126 bytes", Close(1002), [Frame(RawFrame.Ping, new byte[126])]);
        yield return new("5.5", "a ping of 65,536 bytes", Close(1002), [Frame(RawFrame.Ping, new byte[65_536])]);
        yield return new("5.5", "a pong of 126 bytes", Close(1002), [Frame(RawFrame.Pong, new byte[126])]);
        yield return new("5.5", "a close frame of 126 bytes", Close(1002), [Frame(RawFrame.Close, [0x03, 0xE8, .. new byte[124]])]);
        yield return new(
            "5.5",
            "a ping of 125 bytes whose length has 16 bits",
            Close(1002),
            [Lengthy(RawFrame.Ping, 126, 2, new byte[125])]
        );
        foreach (var (opcode, name) in new[] { (RawFrame.Ping, "ping"), (RawFrame.Pong, "pong"), (RawFrame.Close, "close frame") })
        {
            yield return new(
                "5.5",
                $"a {name} in fragments",
                Close(1002),
                [RawSocket.Encode(opcode, [0x03, 0xE8], final: false), Last([])]
            );
        }

        yield return new("5.5.3", "a pong that nobody asked for", Nothing, [Frame(RawFrame.Pong, [])]);
        yield return new(
            "5.5.3",
            "a hundred pongs that nobody asked for",
            Nothing,
            [.. Enumerable.Repeat(Frame(RawFrame.Pong, new byte[125]), 100)]
        );
    }

    private static IEnumerable<SocketCase> Closing()
    {
        yield return new("5.5.1", "a close frame without a code", Close(1000), [Frame(RawFrame.Close, [])]);
        foreach (var code in (int[])[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4400, 4999])
        {
            yield return new("7.4", $"a close frame with {code}", Close(code), [Goodbye(code)]);
        }

        foreach (var code in (int[])[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])
        {
            yield return new("7.4", $"a close frame with {code}, which nobody may send", Close(1002), [Goodbye(code)]);
        }

        yield return new("5.5.1", "a close frame of 1 byte", Close(1002), [Frame(RawFrame.Close, [0x03])]);
        yield return new("5.5.1", "a close frame with a reason", Close(1000), [Goodbye(1000, "so long"u8)]);
        yield return new("5.5.1", "a close frame with a reason of 123 bytes", Close(1000), [Goodbye(1000, new byte[123])]);
        yield return new("8.1", "a close frame whose reason is no UTF-8", Close(1007), [Goodbye(1000, [0xC3, 0x28])]);
        yield return new("8.1", "a close frame whose reason is cut off in a character", Close(1007), [Goodbye(1000, [0xE2, 0x82])]);
        yield return new("5.5.1", "a message after a close frame", Close(1000), [Goodbye(1000), Frame(Text, Ping)]);
        yield return new("5.5.1", "a ping after a close frame", Close(1001), [Goodbye(1001), Frame(RawFrame.Ping, [1])]);
        yield return new("5.5.1", "two close frames", Close(4000), [Goodbye(4000), Goodbye(4001)]);
        yield return new("5.5.1", "a frame that breaks the protocol after a close frame", Close(1000), [Goodbye(1000), Frame(3, [1])]);
    }

    private static IEnumerable<SocketCase> Texts()
    {
        byte[] eye = [0xF0, 0x9F, 0x91, 0x81];
        byte[] open = [.. """{"type":"ping","id":"case","more":" """u8];
        byte[] end = [.. "\"}"u8];
        foreach (var at in (int[])[1, 2, 3])
        {
            yield return new(
                "8.1",
                $"a character of 4 bytes, cut into fragments after {at}",
                Read,
                [Start([.. open, .. eye[..at]]), Middle([]), Last([.. eye[at..], .. end])]
            );
        }

        yield return new(
            "8.1",
            "U+FFFF, U+10FFFF and U+FEFF, which are UTF-8",
            Read,
            [Frame(Text, [.. open, 0xEF, 0xBF, 0xBF, 0xF4, 0x8F, 0xBF, 0xBF, 0xEF, 0xBB, 0xBF, .. end])]
        );
        foreach (var (name, bytes) in BadUtf8)
        {
            yield return new("8.1", $"a text with {name}", Close(1007), [Frame(Text, [.. open, .. bytes, .. end])]);
        }

        yield return new("8.1", "a text that ends inside a character", Close(1007), [Frame(Text, [.. open, .. eye[..3]])]);
        yield return new("8.1", "a text that is no UTF-8 in its second fragment", Close(1007), [Start(open), Last([0xFF, .. end])]);
        yield return new(
            "8.1",
            "a character that is begun in one fragment and not ended in the next",
            Close(1007),
            [Start([.. open, .. eye[..2]]), Last(end)]
        );
        yield return new("8.1", "a character that is begun in the last fragment", Close(1007), [Start(open), Last([.. end, .. eye[..2]])]);
        yield return new(
            "8.1",
            "a text that is no UTF-8 after its first fragment of 60,000 bytes",
            Close(1007),
            [Start([.. open, .. new byte[60_000].Select(_ => (byte)' ')]), Last([0xED, 0xA0, 0x80, .. end])]
        );
    }

    private static (string Name, byte[] Bytes)[] BadUtf8 =>
        [
            ("a byte that begins nothing", [0x80]),
            ("a byte that is never used", [0xFF]),
            ("a character that is not ended", [0xC3, 0x28]),
            ("an overlong form of 2 bytes", [0xC0, 0xAF]),
            ("an overlong form of 3 bytes", [0xE0, 0x80, 0xAF]),
            ("an overlong form of 4 bytes", [0xF0, 0x80, 0x80, 0xAF]),
            ("an overlong NUL", [0xC0, 0x80]),
            ("a surrogate", [0xED, 0xA0, 0x80]),
            ("a pair of surrogates", [0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80]),
            ("a character above U+10FFFF", [0xF4, 0x90, 0x80, 0x80]),
            ("a form of 5 bytes", [0xF8, 0x88, 0x80, 0x80, 0x80]),
        ];

    private static IEnumerable<SocketCase> Limits()
    {
        yield return new("limit", "a message of 65,537 bytes", Close(1009), [Frame(Text, Padded(65_537))]);
        yield return new(
            "limit",
            "a message of 65,537 bytes in fragments",
            Close(1009),
            [Start(Padded(65_536)), Middle([]), Last([(byte)' '])]
        );
        yield return new(
            "limit",
            "a message of 65,536 bytes in fragments",
            Read,
            [Start(Padded(65_000)), .. Enumerable.Repeat(Middle([0x20]), 535), Last([0x20])]
        );
        yield return new("limit", "a message of 4 MiB", Close(1009), [Frame(Text, Padded(4 * 1024 * 1024))]);
        yield return new(
            "limit",
            "a message over the limit, and a thousand more after it",
            Close(1009),
            [Frame(Text, Padded(65_537)), .. Enumerable.Repeat(Frame(Text, Padded(4_000)), 1_000)]
        );
        yield return new("limit", "a binary message of 4 MiB", Close(1003), [Frame(Binary, new byte[4 * 1024 * 1024])]);
        yield return new("limit", "opcode 3, and 4 MiB after it", Close(1002), [Frame(3, new byte[4 * 1024 * 1024])]);
        yield return new("limit", "a message of 0 bytes", Refused("malformed_json"), [Frame(Text, [])]);
        yield return new("limit", "a message that is no JSON", Refused("malformed_json"), [Frame(Text, [.. "{"u8])]);
        yield return new("limit", "ten messages that are no JSON", Close(4400), [.. Enumerable.Repeat(Frame(Text, [.. "{"u8]), 10)]);
    }

    private static byte[] Frame(byte opcode, byte[] payload) => RawSocket.Encode(opcode, payload);

    private static byte[] Start(byte[] payload) => RawSocket.Encode(Text, payload, final: false);

    private static byte[] Middle(byte[] payload) => RawSocket.Encode(Continuation, payload, final: false);

    private static byte[] Last(byte[] payload) => RawSocket.Encode(Continuation, payload);

    private static byte[] Goodbye(int code, ReadOnlySpan<byte> reason = default) =>
        Frame(RawFrame.Close, [(byte)(code >> 8), (byte)code, .. reason]);

    private static byte[] WithBits(int bits, byte[] frame) => [(byte)(frame[0] | bits), .. frame[1..]];

    /// <summary>The message, with spaces up to that length.</summary>
    private static byte[] Padded(int length) => [.. Ping, .. Enumerable.Repeat((byte)' ', length - Ping.Length)];

    /// <summary>A frame whose length stands in more bytes than it needs; the mask is zeros.</summary>
    private static byte[] Lengthy(byte opcode, int marker, int bytes, byte[] payload) =>
        [
            (byte)(0x80 | opcode),
            (byte)(0x80 | marker),
            .. Enumerable.Range(1, bytes).Select(i => (byte)((ulong)payload.Length >> (8 * (bytes - i)))),
            .. new byte[4],
            .. payload,
        ];

    /// <summary>A text frame that claims a length and begins with that; the mask is zeros.</summary>
    private static byte[] Claiming(ulong length, byte[] begin) =>
        [0x81, 0xFF, .. Enumerable.Range(1, 8).Select(i => (byte)(length >> (8 * (8 - i)))), .. new byte[4], .. begin];

    private static IEnumerable<byte[]> Split(byte[] message) =>
        message.Select(
            (value, i) =>
                i == 0 ? Start([value])
                : i == message.Length - 1 ? Last([value])
                : Middle([value])
        );
}
