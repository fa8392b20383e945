using System.Buffers.Binary;
using System.Text.Unicode;
using Presence.Actors;
using Presence.Core.Errors;
using Presence.Core.Limits;

namespace Presence.Adapters.WebSocket.Transport;

/// <summary>Looks at the frames that come in before System.Net.WebSockets does, for what that lets pass or waits on. Not thread-safe.</summary>
/// <remarks>
/// Of a frame that isn't masked it would wait for the mask, of a length it takes any form and any number, and a close frame whose reason is no UTF-8 it answers with 1002. So the head of a frame, and
/// all of a close frame, is handed on in one piece and only when it is sound. In the place of one that isn't stands a frame that can't be mistaken, after which the framework closes;
/// <see cref="Verdict"/> is the code to close with. All else, such as reserved bits or the order of fragments, the framework judges well.
/// Pings, pongs and fragments are counted here, for none of them makes a message, which the connection would count.
/// </remarks>
/// <param name="limits">The longest payload of a text frame, over which the socket closes before the payload comes; and how many frames there may be that are no message.</param>
/// <param name="time">The clock by which those are counted.</param>
internal sealed class FrameCheck(LimitOptions limits, TimeProvider time)
{
    private const int Continuation = 0;
    private const int Text = 1;
    private const int Close = 8;
    private const int Short = 125;

    private ulong _payload;
    private byte[] _held = [];
    private Allowance _fragments;

    /// <summary>A frame with reserved bits, masked, without a payload.</summary>
    private static ReadOnlySpan<byte> Unmistakable => [0xF0, 0x80, 0, 0, 0, 0];

    /// <summary>The code to close with; 0 while all is well.</summary>
    public int Verdict { get; private set; }

    /// <summary>Whether a sound close frame has come.</summary>
    public bool CloseReceived { get; private set; }

    /// <summary>Sees the next bytes; what of them, and of those held back before, may be handed on. It may be empty: then more must come first.</summary>
    public ReadOnlyMemory<byte> See(ReadOnlyMemory<byte> bytes)
    {
        if (Verdict != 0)
        {
            return bytes;
        }

        if (_held.Length > 0)
        {
            bytes = (byte[])[.. _held, .. bytes.Span];
            _held = [];
        }

        var at = 0;
        while (at < bytes.Length)
        {
            var passing = (int)Math.Min(_payload, (ulong)(bytes.Length - at));
            _payload -= (ulong)passing;
            at += passing;
            var rest = bytes.Span[at..];
            if (rest.IsEmpty)
            {
                break;
            }

            if (Judge(rest) is not { } head)
            {
                _held = rest.ToArray();
                return bytes[..at];
            }

            if (Verdict != 0)
            {
                return (byte[])[.. bytes.Span[..at], .. Unmistakable];
            }

            at += head;
        }

        return bytes;
    }

    /// <summary>How many bytes the head has, with all of a close frame; null: more must come. Sets the verdict, or how much payload follows.</summary>
    private int? Judge(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 2)
        {
            return null;
        }

        var opcode = frame[0] & 0x0F;
        // https://www.rfc-editor.org/rfc/rfc6455#section-5.1
        if ((frame[1] & 0x80) == 0)
        {
            Verdict = 1002;
            return 0;
        }

        var head = LengthOf(frame, out var length);
        if (head is null || Verdict != 0)
        {
            return head;
        }

        if (opcode is Text or Continuation && length > (ulong)limits.MessageBytes)
        {
            Verdict = 1009;
            return 0;
        }

        if (opcode == Close && length <= Short)
        {
            return JudgeClose(frame, head.Value, (int)length);
        }

        var isFinal = (frame[0] & 0x80) != 0;
        if ((opcode >= Close || !isFinal) && _fragments.Take(limits.Fragments, time.GetElapsedTime(0).Ticks) is not null)
        {
            Verdict = CloseReason.RateLimited.Code;
            return 0;
        }

        _payload = length;
        return head;
    }

    /// <summary>How many bytes the head has; null: more must come.</summary>
    private int? LengthOf(ReadOnlySpan<byte> frame, out ulong length)
    {
        var marker = frame[1] & 0x7F;
        length = (ulong)marker;
        var head = marker switch
        {
            126 => 2 + sizeof(ushort) + 4,
            127 => 2 + sizeof(ulong) + 4,
            _ => 2 + 4,
        };
        if (frame.Length < head)
        {
            return null;
        }

        // The fewest bytes that hold the length, and no sign: https://www.rfc-editor.org/rfc/rfc6455#section-5.2
        var sound = true;
        if (marker == 126)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(frame[2..]);
            sound = length > Short;
        }
        else if (marker == 127)
        {
            length = BinaryPrimitives.ReadUInt64BigEndian(frame[2..]);
            sound = length is > ushort.MaxValue and <= long.MaxValue;
        }

        Verdict = sound ? 0 : 1002;
        return head;
    }

    private int? JudgeClose(ReadOnlySpan<byte> frame, int head, int length)
    {
        if (frame.Length < head + length)
        {
            return null;
        }

        var mask = frame.Slice(head - 4, 4);
        Span<byte> reason = stackalloc byte[Math.Max(0, length - sizeof(ushort))];
        for (var i = 0; i < reason.Length; i++)
        {
            reason[i] = (byte)(frame[head + sizeof(ushort) + i] ^ mask[(i + sizeof(ushort)) % 4]);
        }

        // https://www.rfc-editor.org/rfc/rfc6455#section-8.1
        CloseReceived = Utf8.IsValid(reason);
        Verdict = CloseReceived ? 0 : 1007;
        return head + length;
    }
}
