using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Presence.Adapters.Http.Import;

/// <summary>A line of an import, numbered from 1.</summary>
/// <param name="Number">Which.</param>
/// <param name="Utf8">Its bytes without the line feed, until the next line is read; null: it was over the limit and has been skipped.</param>
internal readonly record struct Line(long Number, ReadOnlyMemory<byte>? Utf8);

/// <summary>Cuts a body into lines, never holding more than one line over what the transport has buffered anyway.</summary>
internal sealed class LineReader(PipeReader pipe, int maxBytes)
{
    private long _number;

    /// <summary>The rest of the current line is thrown away: it was over the limit.</summary>
    private bool _skipping;

    /// <summary>All lines, the last one also without a line feed.</summary>
    public async IAsyncEnumerable<Line> ReadAll([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var read = await pipe.ReadAsync(cancellation);
            var rest = read.Buffer;
            while (TryCut(ref rest, read.IsCompleted, out var line))
            {
                if (line is { } whole)
                {
                    yield return whole;
                }
            }

            pipe.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                yield break;
            }
        }
    }

    /// <summary>Cuts the next line off; the line is null where it only was the end of one that is being skipped.</summary>
    private bool TryCut(ref ReadOnlySequence<byte> rest, bool isLast, out Line? line)
    {
        line = null;
        var end = rest.PositionOf((byte)'\n');
        if (end is null && !(isLast && !rest.IsEmpty))
        {
            return TryGiveUp(ref rest, out line);
        }

        var cut = end is { } feed ? rest.Slice(0, feed) : rest;
        rest = end is { } at ? rest.Slice(rest.GetPosition(1, at)) : rest.Slice(rest.End);
        if (_skipping)
        {
            _skipping = false;
            return true;
        }

        _number++;
        // Two steps, not one conditional: there null would become an empty memory, by way of a null array.
        line = cut.Length > maxBytes ? new Line(_number, null) : new Line(_number, cut.IsSingleSegment ? cut.First : cut.ToArray());
        return true;
    }

    /// <summary>A line that is over the limit before its end is even here is told at once, and the rest of it is dropped as it comes.</summary>
    private bool TryGiveUp(ref ReadOnlySequence<byte> rest, out Line? line)
    {
        line = null;
        if (!_skipping && rest.Length <= maxBytes)
        {
            return false;
        }

        rest = rest.Slice(rest.End);
        if (_skipping)
        {
            return false;
        }

        _skipping = true;
        _number++;
        line = new(_number, null);
        return true;
    }
}
