using System.Buffers;
using System.Text;
using System.Text.Json;
using Presence.Core.Events;
using Presence.Core.Sessions;

namespace Presence.Adapters.WebSocket.Frames;

/// <summary>Frames as server-sent events: <c>event</c> is the type, <c>data</c> the payload, <c>id</c> the cursor. The bytes are cut out of the frame, which is one line; nothing is encoded anew.</summary>
/// <remarks>
/// The cursor is the last one that a frame carried: it promises nothing that still waits to be sent. A client that comes back with it may be told again what it knows.
/// Behind it stand the events that were given: a client acknowledges them by coming back. From the first event on, only frames that change the id carry it; a client keeps the last one.
/// </remarks>
/// <param name="had">The events that the client brought with it.</param>
/// <param name="keep">The most that it names.</param>
internal sealed class ServerSentEvents(EventsHad had, int keep)
{
    /// <summary>Between the cursor and the events.</summary>
    public const char Separator = '~';

    private EventsHad _had = had;
    private byte[] _cursor = [];
    private byte[] _id = [];

    private static ReadOnlySpan<byte> Head => """{"type":"""u8;

    private static ReadOnlySpan<byte> PayloadHead => ""","payload":"""u8;

    private static ReadOnlySpan<byte> EventIdHead => """{"id":"""u8;

    private static ReadOnlySpan<byte> CursorHead => ""","cursor":"""u8;

    /// <summary>The frame as an event.</summary>
    public byte[] Of(ReadOnlyMemory<byte> frame)
    {
        var text = frame.Span;
        var type = text[(Head.Length + 1)..];
        type = type[..type.IndexOf((byte)'"')];
        var rest = text[(Head.Length + 2 + type.Length)..];
        if (!text.StartsWith(Head) || !rest.StartsWith(PayloadHead))
        {
            throw new InvalidOperationException("a frame that is not the encoder's, or answers a frame of the client's");
        }

        var payload = rest[PayloadHead.Length..^1];
        if (type.SequenceEqual("presence_snapshot"u8))
        {
            TakeCursor(payload);
            return Write(type, payload, _id);
        }

        if (type.SequenceEqual("event"u8) && payload.StartsWith(EventIdHead))
        {
            TakeEvent(payload[EventIdHead.Length..]);
            return Write(type, payload, _id);
        }

        return Write(type, payload, _had.IsEmpty ? _id : []);
    }

    /// <summary>The last event of a stream.</summary>
    public static byte[] Close(int code, string reason)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("code"u8, code);
            writer.WriteString("reason"u8, reason);
            writer.WriteEndObject();
        }

        return Write("close"u8, buffer.WrittenSpan, []);
    }

    /// <summary>It stands last in a snapshot's payload.</summary>
    private void TakeCursor(ReadOnlySpan<byte> payload)
    {
        var at = payload.LastIndexOf(CursorHead);
        _cursor = at < 0 ? _cursor : payload[(at + CursorHead.Length + 1)..^2].ToArray();
        ComposeId();
    }

    /// <summary>Its id stands first in an event's payload.</summary>
    private void TakeEvent(ReadOnlySpan<byte> quoted)
    {
        _had = _had.With(new EventId(Encoding.ASCII.GetString(quoted[1..(1 + quoted[1..].IndexOf((byte)'"'))])), keep);
        ComposeId();
    }

    private void ComposeId() =>
        _id = _had.IsEmpty || _cursor.Length == 0 ? _cursor : [.. _cursor, (byte)Separator, .. Encoding.ASCII.GetBytes(_had.ToString())];

    private static byte[] Write(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data, ReadOnlySpan<byte> id)
    {
        var written = new ArrayBufferWriter<byte>(type.Length + data.Length + id.Length + 32);
        written.Write("event: "u8);
        written.Write(type);
        written.Write("\ndata: "u8);
        written.Write(data);
        if (!id.IsEmpty)
        {
            written.Write("\nid: "u8);
            written.Write(id);
        }

        written.Write("\n\n"u8);
        return written.WrittenSpan.ToArray();
    }
}
