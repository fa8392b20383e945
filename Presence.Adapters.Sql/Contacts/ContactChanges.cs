using Presence.Core.Contacts;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Contacts;

/// <summary>What lists, taken one after the other, change in the pairs that are stored.</summary>
/// <param name="Added">Pairs that were not, each once.</param>
/// <param name="Removed">Pairs that are no more, each once.</param>
internal sealed record ContactChanges(IReadOnlyCollection<(UserId, UserId)> Added, IReadOnlyCollection<(UserId, UserId)> Removed)
{
    /// <summary>The users whose lists change.</summary>
    public IReadOnlyCollection<UserId> Users => Added.Concat(Removed).SelectMany(pair => new[] { pair.Item1, pair.Item2 }).ToHashSet();

    /// <summary>Compares.</summary>
    /// <param name="stored">The contacts, as stored, of every user that has a list.</param>
    /// <param name="lists">The lists; a later one overrules an earlier one.</param>
    public static ContactChanges Between(IReadOnlyDictionary<UserId, IReadOnlyList<UserId>> stored, IReadOnlyCollection<ContactList> lists)
    {
        var before = lists
            .Select(list => list.UserId)
            .Distinct()
            .ToDictionary(user => user, user => stored.GetValueOrDefault(user, []).ToHashSet());
        var after = before.ToDictionary(entry => entry.Key, entry => entry.Value.ToHashSet());
        foreach (var list in lists)
        {
            Replace(after, list);
        }

        return new(Pairs(after, before), Pairs(before, after));
    }

    private static void Replace(Dictionary<UserId, HashSet<UserId>> contacts, ContactList list)
    {
        var wanted = list.Contacts.Where(contact => contact != list.UserId).ToHashSet();
        foreach (var gone in contacts[list.UserId].Where(contact => !wanted.Contains(contact)))
        {
            contacts.GetValueOrDefault(gone)?.Remove(list.UserId);
        }

        foreach (var contact in wanted)
        {
            contacts.GetValueOrDefault(contact)?.Add(list.UserId);
        }

        contacts[list.UserId] = wanted;
    }

    /// <summary>The pairs that the one has and the other has not.</summary>
    private static HashSet<(UserId, UserId)> Pairs(Dictionary<UserId, HashSet<UserId>> one, Dictionary<UserId, HashSet<UserId>> other) =>
        one.SelectMany(entry =>
                entry.Value.Where(contact => !other[entry.Key].Contains(contact)).Select(contact => Ordered(entry.Key, contact))
            )
            .ToHashSet();

    private static (UserId, UserId) Ordered(UserId one, UserId other) =>
        string.CompareOrdinal(one.Value, other.Value) < 0 ? (one, other) : (other, one);
}
