using System.Buffers.Text;

namespace Presence.Benchmarks.Faults.Attacks;

/// <summary>What one viewer was told of each user of a crowd, a byte a user, found in the frames without reading them whole.</summary>
internal sealed class Tally(int users, int own)
{
    private enum Known : byte
    {
        Nothing,
        Unknown,
        Offline,
        Online,
    }

    private readonly Known[] _known = new Known[users];

    /// <summary>How many others were named.</summary>
    public int Named => users - _known.Count(known => known == Known.Nothing);

    /// <summary>Of how many the service said that it does not know, and has not said more since.</summary>
    public int Unknown => _known.Count(known => known == Known.Unknown);

    /// <summary>How many are online.</summary>
    public int Online => _known.Count(known => known == Known.Online);

    /// <summary>A new connection begins.</summary>
    public void Clear() => Array.Clear(_known);

    /// <summary>Takes a frame.</summary>
    public void Take(ReadOnlySpan<byte> frame)
    {
        if (!frame.Is("presence_snapshot"u8) && !frame.Is("presence_update"u8))
        {
            return;
        }

        // In each record these stand in this order.
        while (After(ref frame, "\"user_id\":\"user-"u8))
        {
            var isNumber = Utf8Parser.TryParse(frame, out int user, out _);
            After(ref frame, "\"online_status\":\""u8);
            var isOnline = frame.StartsWith("online"u8);
            After(ref frame, "\"certainty\":\""u8);
            if (isNumber && user != own)
            {
                _known[user] =
                    frame.StartsWith("unknown"u8) ? Known.Unknown
                    : isOnline ? Known.Online
                    : Known.Offline;
            }
        }
    }

    private static bool After(ref ReadOnlySpan<byte> frame, ReadOnlySpan<byte> name)
    {
        var at = frame.IndexOf(name);
        frame = at < 0 ? frame : frame[(at + name.Length)..];
        return at >= 0;
    }
}
