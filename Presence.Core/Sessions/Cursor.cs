using System.Collections.Immutable;
using System.Globalization;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Core.Sessions;

/// <summary>What a client has seen, as it is told from time to time and brings with a resume. Opaque to clients.</summary>
/// <param name="Time">Of every user that it watches, it has what was current at that time: in microseconds since 1970, in which versions are counted too.</param>
/// <param name="Contacts">The set of contacts that it knows of, see <see cref="HashOf(IEnumerable{UserId})"/>, and whom it blocks, <see cref="HashOfBlocked"/>.</param>
/// <param name="Session">The <see cref="Sessions.Session.Sequence"/> that it knows of; 0: it neither subscribed nor watches a conversation.</param>
/// <param name="Newer">What it has of users who changed after that time, see <see cref="HashOf(UserId, long)"/>: at most <see cref="MostNewer"/>, and it may have more.</param>
public readonly record struct Cursor(long Time, ulong Contacts, long Session, ImmutableArray<ulong> Newer)
{
    /// <summary>How many records a cursor names one by one.</summary>
    public const int MostNewer = 32;

    /// <summary>Goes before the version that it was told alone: no digit, and not changed by being put into a query.</summary>
    private const char Alone = 'x';

    /// <summary>Versions stay below it, see <see cref="Versions"/>.</summary>
    private const long Latest = 1L << 53;

    /// <summary>The time.</summary>
    public DateTimeOffset At => DateTimeOffset.UnixEpoch.AddMicroseconds(Time);

    /// <summary>The highest version that was told to this client alone, above the record's own; 0 where the time is past it. What it is told anew is to be above.</summary>
    public long ToldAlone { get; private init; }

    /// <summary>The same, of a client that was told that version alone.</summary>
    public Cursor After(long toldAlone) => this with { ToldAlone = toldAlone > Time ? toldAlone : 0 };

    /// <summary>The same, of a client that has no record at all.</summary>
    public Cursor OfNobody => this with { Time = 0, Newer = [] };

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string? text, out Cursor cursor)
    {
        cursor = default;
        if (text?.Split('.') is not [var time, var contacts, var session, .. var newer])
        {
            return false;
        }

        var alone = 0UL;
        if (newer is [[Alone, .. var version], .. var others])
        {
            if (!TryHex(version, out alone) || alone >= Latest)
            {
                return false;
            }

            newer = others;
        }

        if (newer.Length > MostNewer)
        {
            return false;
        }

        if (!TryHex(time, out var at) || !TryHex(contacts, out var hash) || !TryHex(session, out var sequence))
        {
            return false;
        }

        var hashes = new ulong[newer.Length];
        for (var i = 0; i < newer.Length; i++)
        {
            if (!TryHex(newer[i], out hashes[i]))
            {
                return false;
            }
        }

        cursor = new Cursor((long)at, hash, (long)sequence, [.. hashes]).After((long)alone);
        return cursor is { Time: >= 0 and < Latest, Session: >= 0 };
    }

    /// <summary>A number for a set of users, the same on every node and whatever their order: another set has, but for one case in 2^64, another number.</summary>
    public static ulong HashOf(IEnumerable<UserId> users) => users.Aggregate(0UL, (sum, user) => sum + HashOf(user, 0));

    /// <summary>The same for a set of users who are blocked; of none 0.</summary>
    public static ulong HashOfBlocked(IEnumerable<UserId> users) => users.Aggregate(0UL, (sum, user) => sum + HashOf(user, 1));

    /// <summary>The same for what holds for who has chosen nothing; 0 where that is what it is unless a server says otherwise.</summary>
    public static ulong HashOf(PrivacyRule defaults) =>
        defaults.Equals(PrivacyRule.Default)
            ? 0
            : HashOfText($"{defaults.OnlineStatusVisibility} {defaults.LastSeenVisibility} {defaults.TypingIndicatorsEnabled}", 0);

    /// <summary>A number for a record: of that user, with that version.</summary>
    public static ulong HashOf(UserId user, long version) => HashOfText(user.Value, version);

    internal static ulong HashOfText(string id, long version)
    {
        // FNV-1a of the id, then its bits spread by the finisher of splitmix64.
        var hash = 14_695_981_039_346_656_037UL ^ (ulong)version;
        foreach (var letter in id)
        {
            hash = (hash ^ letter) * 1_099_511_628_211UL;
        }

        hash = (hash ^ (hash >> 30)) * 0xbf58_476d_1ce4_e5b9UL;
        hash = (hash ^ (hash >> 27)) * 0x94d0_49bb_1331_11ebUL;
        return hash ^ (hash >> 31);
    }

    /// <summary>Whether the client has that record.</summary>
    public bool Has(PresenceRecord record) => record.Version <= Time || Newer.Contains(HashOf(record.UserId, record.Version));

    /// <inheritdoc/>
    public override string ToString()
    {
        var alone = ToldAlone == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $".{Alone}{ToldAlone:x}");
        var text = string.Create(CultureInfo.InvariantCulture, $"{Time:x}.{Contacts:x}.{Session:x}{alone}");
        return Newer.IsDefaultOrEmpty
            ? text
            : $"{text}.{string.Join('.', Newer.Select(hash => hash.ToString("x", CultureInfo.InvariantCulture)))}";
    }

    private static bool TryHex(string text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
}
