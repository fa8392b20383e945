using System.Text;
using Presence.Core.Sessions;

namespace Presence.Adapters.WebSocket.Frames;

/// <summary>Frames made of parts that are encoded already: snapshots of records, batches of frames. Bytes are copied, nothing is encoded anew.</summary>
internal static class JoinedFrames
{
    /// <summary>Above this a frame is split, so that each stays well below the 64 KiB that clients take. In bytes.</summary>
    public const int TargetBytes = 32 * 1024;

    private static ReadOnlySpan<byte> SnapshotHead => """{"type":"presence_snapshot","payload":{"presences":["""u8;

    private static ReadOnlySpan<byte> SelfHead => """{"type":"presence_snapshot","payload":{"self":"""u8;

    private static ReadOnlySpan<byte> SelfTail => ""","presences":["""u8;

    private static ReadOnlySpan<byte> BatchHead => """{"type":"batch","payload":{"events":["""u8;

    private static ReadOnlySpan<byte> BatchTail => "]}}"u8;

    /// <summary>The frames of a snapshot: at least one, the last of them complete. Who comes back with the cursor of another one may lack the rest, and is told everything.</summary>
    /// <param name="records">The records.</param>
    /// <param name="cursor">What the client has with the last of them.</param>
    /// <param name="self">The owner's view, which goes into the first frame; null: it is not told.</param>
    public static IEnumerable<byte[]> Snapshot(
        IReadOnlyList<ReadOnlyMemory<byte>> records,
        Cursor cursor,
        ReadOnlyMemory<byte>? self = null
    )
    {
        var head = self is { } own ? (byte[])[.. SelfHead, .. own.Span, .. SelfTail] : SnapshotHead.ToArray();
        var from = 0;
        do
        {
            var count = HowManyFit(records, from);
            var complete = from + count == records.Count;
            var tail = complete
                ? $$$"""],"complete":true,"cursor":"{{{cursor}}}"}}"""
                : $$$"""],"complete":false,"cursor":"{{{cursor.OfNobody}}}"}}""";
            yield return Join(head, records, from, count, Encoding.ASCII.GetBytes(tail));
            from += count;
            head = SnapshotHead.ToArray();
        } while (from < records.Count);
    }

    /// <summary>One frame around many.</summary>
    public static byte[] Batch(IReadOnlyList<ReadOnlyMemory<byte>> frames) => Join(BatchHead, frames, 0, frames.Count, BatchTail);

    private static int HowManyFit(IReadOnlyList<ReadOnlyMemory<byte>> parts, int from)
    {
        var bytes = 0;
        var count = 0;
        while (from + count < parts.Count && (count == 0 || bytes + parts[from + count].Length < TargetBytes))
        {
            bytes += parts[from + count].Length + 1;
            count++;
        }

        return count;
    }

    private static byte[] Join(
        ReadOnlySpan<byte> head,
        IReadOnlyList<ReadOnlyMemory<byte>> parts,
        int from,
        int count,
        ReadOnlySpan<byte> tail
    )
    {
        var length = head.Length + tail.Length + Math.Max(0, count - 1);
        for (var i = from; i < from + count; i++)
        {
            length += parts[i].Length;
        }

        var frame = new byte[length];
        head.CopyTo(frame);
        var at = head.Length;
        for (var i = from; i < from + count; i++)
        {
            if (i > from)
            {
                frame[at++] = (byte)',';
            }

            parts[i].Span.CopyTo(frame.AsSpan(at));
            at += parts[i].Length;
        }

        tail.CopyTo(frame.AsSpan(at));
        return frame;
    }
}
