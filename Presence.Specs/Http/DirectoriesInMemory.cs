using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Specs.Http;

/// <summary>A directory whose store can be taken away.</summary>
internal abstract class DirectoryInMemory
{
    /// <summary>Writes that still succeed; after them the store is gone.</summary>
    public int WritesLeft { get; set; } = int.MaxValue;

    /// <summary>The sizes of the batches that were replaced.</summary>
    public List<int> Batches { get; } = [];

    public virtual void Reset()
    {
        WritesLeft = Most = int.MaxValue;
        Batches.Clear();
    }

    /// <summary>The longest that a list may become.</summary>
    public int Most { get; set; } = int.MaxValue;

    protected void Spend()
    {
        if (WritesLeft-- <= 0)
        {
            throw new StoreUnavailableException("the store is gone");
        }
    }
}

internal sealed class ContactsInMemory : DirectoryInMemory, IContactDirectory
{
    private readonly HashSet<(UserId, UserId)> _pairs = [];

    /// <summary>Nothing is kept of what is replaced: for imports of any length.</summary>
    public bool OnlyCounts { get; set; }

    /// <summary>The pairs that were given.</summary>
    public int Pairs { get; private set; }

    /// <summary>The lists that were given.</summary>
    public int Lists { get; private set; }

    public override void Reset()
    {
        base.Reset();
        _pairs.Clear();
        (OnlyCounts, Pairs, Lists) = (false, 0, 0);
    }

    public IReadOnlyList<UserId> Of(UserId user) => [.. _pairs.Where(pair => pair.Item1 == user).Select(pair => pair.Item2)];

    public Task<IReadOnlyDictionary<UserId, IReadOnlyList<UserId>>> Load(IReadOnlyCollection<UserId> users, CancellationToken cancellation)
    {
        Spend();
        return Task.FromResult<IReadOnlyDictionary<UserId, IReadOnlyList<UserId>>>(
            users.Where(user => _pairs.Any(pair => pair.Item1 == user)).ToDictionary(user => user, Of)
        );
    }

    public async Task<ContactsPart> LoadPart(IReadOnlyList<UserId> users, UserId? after, int most, CancellationToken cancellation) =>
        new(await Load(users, cancellation), null);

    public Task<IReadOnlySet<(UserId User, UserId Other)>> Among(
        IReadOnlyCollection<(UserId User, UserId Other)> pairs,
        CancellationToken cancellation
    )
    {
        Spend();
        return Task.FromResult<IReadOnlySet<(UserId, UserId)>>(pairs.Where(_pairs.Contains).ToHashSet());
    }

    public Task<IReadOnlyCollection<UserId>> Replace(IReadOnlyCollection<ContactList> lists, CancellationToken cancellation)
    {
        Spend();
        Batches.Add(lists.Count);
        Lists += lists.Count;
        Pairs += lists.Sum(list => list.Contacts.Count);
        var changed = new HashSet<UserId>();
        foreach (
            var named in lists
                .SelectMany(list => list.Contacts.Where(contact => !_pairs.Contains((list.UserId, contact))))
                .GroupBy(id => id)
        )
        {
            Check(named.Key, named.Count());
        }

        foreach (var list in OnlyCounts ? [] : lists)
        {
            foreach (var gone in Of(list.UserId).Except(list.Contacts).ToList())
            {
                Change(changed, list.UserId, gone, _pairs.Remove);
            }

            foreach (var contact in list.Contacts)
            {
                Change(changed, list.UserId, contact, _pairs.Add);
            }
        }

        return Task.FromResult<IReadOnlyCollection<UserId>>(changed);
    }

    public Task<IReadOnlyCollection<UserId>> Add(UserId user, UserId contact, CancellationToken cancellation)
    {
        Check(contact, 1);
        return One(user, contact, _pairs.Add);
    }

    private void Check(UserId contact, int more)
    {
        if (Most < int.MaxValue && Of(contact).Count + more > Most)
        {
            throw new ListFullException($"{contact} would have more than {Most} contacts");
        }
    }

    public Task<IReadOnlyCollection<UserId>> Remove(UserId user, UserId contact, CancellationToken cancellation) =>
        One(user, contact, _pairs.Remove);

    private Task<IReadOnlyCollection<UserId>> One(UserId user, UserId contact, Func<(UserId, UserId), bool> change)
    {
        Spend();
        var changed = new HashSet<UserId>();
        Change(changed, user, contact, change);
        return Task.FromResult<IReadOnlyCollection<UserId>>(changed);
    }

    private static void Change(HashSet<UserId> changed, UserId user, UserId contact, Func<(UserId, UserId), bool> change)
    {
        if (change((user, contact)) | change((contact, user)))
        {
            changed.Add(user);
            changed.Add(contact);
        }
    }
}

internal sealed class ParticipantsInMemory : DirectoryInMemory, IConversationDirectory
{
    private readonly Dictionary<ConversationId, HashSet<UserId>> _sets = [];

    public override void Reset()
    {
        base.Reset();
        _sets.Clear();
    }

    public IReadOnlyCollection<UserId> Of(ConversationId conversation) => _sets.GetValueOrDefault(conversation, []);

    public Task<IReadOnlyDictionary<ConversationId, IReadOnlyList<UserId>>> Load(
        IReadOnlyCollection<ConversationId> conversations,
        CancellationToken cancellation
    )
    {
        Spend();
        return Task.FromResult<IReadOnlyDictionary<ConversationId, IReadOnlyList<UserId>>>(
            conversations.Where(_sets.ContainsKey).ToDictionary(id => id, id => (IReadOnlyList<UserId>)[.. _sets[id]])
        );
    }

    public Task<IReadOnlyCollection<ConversationId>> Replace(IReadOnlyCollection<ParticipantList> lists, CancellationToken cancellation)
    {
        Spend();
        Batches.Add(lists.Count);
        foreach (var list in lists)
        {
            _sets[list.ConversationId] = [.. list.Participants];
        }

        return Task.FromResult<IReadOnlyCollection<ConversationId>>([.. lists.Select(list => list.ConversationId).Distinct()]);
    }

    public Task<IReadOnlyCollection<ConversationId>> Add(ConversationId conversation, UserId user, CancellationToken cancellation)
    {
        Spend();
        var changed = Set(conversation).Add(user);
        return Task.FromResult<IReadOnlyCollection<ConversationId>>(changed ? [conversation] : []);
    }

    public Task<IReadOnlyCollection<ConversationId>> Remove(ConversationId conversation, UserId user, CancellationToken cancellation)
    {
        Spend();
        var changed = Set(conversation).Remove(user);
        return Task.FromResult<IReadOnlyCollection<ConversationId>>(changed ? [conversation] : []);
    }

    private HashSet<UserId> Set(ConversationId conversation) =>
        _sets.TryGetValue(conversation, out var set) ? set : _sets[conversation] = [];
}

/// <summary>What is kept of the one user whom the spec names; null: the store is out of reach.</summary>
internal sealed class ArchiveInMemory : IUserArchive
{
    public KeptOfUser? Kept { get; set; }

    public Task<KeptOfUser> Export(UserId user, CancellationToken cancellation) =>
        Kept is { } kept ? Task.FromResult(kept) : Task.FromException<KeptOfUser>(new StoreUnavailableException("the store is down"));

    public Task<ErasedFrom> Erase(UserId user, CancellationToken cancellation) =>
        throw new NotSupportedException("the adapter has the user's entity erase");
}
