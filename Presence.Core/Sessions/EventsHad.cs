using System.Buffers.Text;
using System.Collections.Immutable;
using Presence.Core.Events;

namespace Presence.Core.Sessions;

/// <summary>The events that a client of a stream has, as its cursor names them: the latest, each by 48 bits of a hash.</summary>
/// <param name="Hashes">In the order in which they were given.</param>
public readonly record struct EventsHad(ImmutableArray<long> Hashes)
{
    /// <summary>The most that a cursor names: as many as can wait for a user.</summary>
    public const int Most = 250;

    private const int Bytes = 6;

    private const int MaxText = Most * Bytes * 4 / 3;

    /// <summary>None.</summary>
    public static EventsHad None { get; } = new([]);

    /// <summary>Whether it names any.</summary>
    public bool IsEmpty => Hashes.IsDefaultOrEmpty;

    /// <summary>Whether the client has that event. Of another one it says so in one case of 2^48.</summary>
    public bool Has(EventId id) => !IsEmpty && Hashes.Contains(HashOf(id));

    /// <summary>The same, and that event; of more than <paramref name="keep"/> the earliest go.</summary>
    public EventsHad With(EventId id, int keep)
    {
        var hash = HashOf(id);
        var others = IsEmpty ? [] : Hashes.Remove(hash);
        return new(others.RemoveRange(0, Math.Max(0, others.Length + 1 - keep)).Add(hash));
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, out EventsHad had)
    {
        had = None;
        if (text.Length > MaxText || !Base64Url.IsValid(text, out var length) || length % Bytes != 0)
        {
            return false;
        }

        had = new([
            .. Base64Url.DecodeFromChars(text).Chunk(Bytes).Select(bytes => bytes.Aggregate(0L, (hash, next) => (hash << 8) | next)),
        ]);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        IsEmpty
            ? ""
            : Base64Url.EncodeToString([
                .. Hashes.SelectMany(hash => Enumerable.Range(1, Bytes).Select(at => (byte)(hash >> (8 * (Bytes - at))))),
            ]);

    private static long HashOf(EventId id) => (long)(Cursor.HashOfText(id.Value, 0) >> 16);
}
