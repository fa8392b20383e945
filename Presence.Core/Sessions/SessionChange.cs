using Presence.Core.Users;

namespace Presence.Core.Sessions;

/// <summary>One of the ids of a session.</summary>
/// <param name="Kind">What it names.</param>
/// <param name="Id">The id.</param>
public readonly record struct SessionEntry(SessionEntryKind Kind, string Id)
{
    /// <summary>What an entry weighs beside its id: the places that it takes in sets and indexes.</summary>
    private const int Place = 64;

    /// <summary>What it weighs, in bytes. Ids are ASCII.</summary>
    public int Weight => WeightOf(Id);

    /// <summary>What an entry of that id weighs.</summary>
    public static int WeightOf(string id) => Place + id.Length;
}

/// <summary>What an entry of a session names.</summary>
public enum SessionEntryKind
{
    /// <summary>A user subscribed to.</summary>
    Subscription,

    /// <summary>A conversation watched.</summary>
    Conversation,
}

/// <summary>A session at one moment: the connection that it belongs to, and its sequence.</summary>
public readonly record struct SessionMark(Guid Connection, long Sequence);

/// <summary>How a session differs from what it was. Its size goes with the difference, not with the session.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="DeviceId">Which device.</param>
/// <param name="From">What it was; null: whatever was there is replaced.</param>
/// <param name="To">What it is now.</param>
/// <param name="Entries">The entries that were added (true) or removed (false).</param>
/// <param name="SavedAt">When.</param>
public sealed record SessionChange(
    UserId UserId,
    DeviceId DeviceId,
    SessionMark? From,
    SessionMark To,
    IReadOnlyDictionary<SessionEntry, bool> Entries,
    DateTimeOffset SavedAt
)
{
    /// <summary>What the change itself weighs, in bytes, with the ids of user and device.</summary>
    private const int Head = 256;

    /// <summary>What it weighs, in bytes.</summary>
    public int Weight { get; } = Head + Entries.Keys.Sum(entry => entry.Weight);

    /// <summary>Whether it begins where the other one ends.</summary>
    public bool Follows(SessionChange earlier) => From == earlier.To;

    /// <summary>Both as one change. Of an entry that both touch, the later one counts.</summary>
    public SessionChange Then(SessionChange next)
    {
        var entries = new Dictionary<SessionEntry, bool>(Entries);
        foreach (var (entry, isThere) in next.Entries)
        {
            entries[entry] = isThere;
        }

        return next with
        {
            From = From,
            Entries = entries,
        };
    }

    /// <summary>
    /// Whether it may be applied to what is stored. A write whose outcome was not known may have been stored up to any mark on the way:
    /// applied again from there, the result is the same.
    /// </summary>
    public bool AppliesTo(SessionMark? stored) =>
        From is not { } from
            ? stored is not { } other || other.Connection != To.Connection || other.Sequence <= To.Sequence
            : stored is { } mark
                && (mark == from || (mark.Connection == To.Connection && mark.Sequence > from.Sequence && mark.Sequence <= To.Sequence));
}
