using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Users;

namespace Presence.Specs.World;

/// <summary>Who is whose contact, in memory. Specs write it directly; the actors only read.</summary>
internal sealed class ContactsInMemory : IContactDirectory
{
    private readonly Dictionary<UserId, HashSet<UserId>> _lists = [];

    public Gate Gate { get; } = new();

    public List<IReadOnlyCollection<UserId>> Queries { get; } = [];

    public List<IReadOnlyCollection<(UserId User, UserId Other)>> PairQueries { get; } = [];

    public bool Are(UserId one, UserId other) => _lists.GetValueOrDefault(one)?.Contains(other) == true;

    public IReadOnlyCollection<UserId> Of(UserId user) => _lists.GetValueOrDefault(user, []);

    public void Pair(UserId one, UserId other)
    {
        ListOf(one).Add(other);
        ListOf(other).Add(one);
    }

    public void Part(UserId one, UserId other)
    {
        ListOf(one).Remove(other);
        ListOf(other).Remove(one);
    }

    public Task<IReadOnlyDictionary<UserId, IReadOnlyList<UserId>>> Load(IReadOnlyCollection<UserId> users, CancellationToken cancellation)
    {
        Queries.Add(users);
        return Gate.Pass<IReadOnlyDictionary<UserId, IReadOnlyList<UserId>>>(() =>
            users.Where(_lists.ContainsKey).ToDictionary(user => user, user => (IReadOnlyList<UserId>)[.. _lists[user]])
        );
    }

    public Task<ContactsPart> LoadPart(IReadOnlyList<UserId> users, UserId? after, int most, CancellationToken cancellation)
    {
        Queries.Add(users);
        return Gate.Pass(
            () =>
            {
                var lists = new Dictionary<UserId, IReadOnlyList<UserId>>();
                foreach (var user in users)
                {
                    var list = Of(user).OrderBy(contact => contact.Value, StringComparer.Ordinal);
                    var rest = list.Where(contact => after is null || string.CompareOrdinal(contact.Value, after.Value.Value) > 0).ToList();
                    lists[user] = rest.Take(most).ToList();
                    most -= rest.Count;
                    after = null;
                    if (most < 0)
                    {
                        return new ContactsPart(lists, user);
                    }
                }

                return new ContactsPart(lists, null);
            },
            users.Count
        );
    }

    public Task<IReadOnlySet<(UserId User, UserId Other)>> Among(
        IReadOnlyCollection<(UserId User, UserId Other)> pairs,
        CancellationToken cancellation
    )
    {
        if (pairs.Count == 0)
        {
            return Task.FromResult<IReadOnlySet<(UserId, UserId)>>(new HashSet<(UserId, UserId)>());
        }

        PairQueries.Add(pairs);
        return Gate.Pass<IReadOnlySet<(UserId, UserId)>>(() => pairs.Where(pair => Are(pair.User, pair.Other)).ToHashSet(), pairs.Count);
    }

    public Task<IReadOnlyCollection<UserId>> Replace(IReadOnlyCollection<ContactList> lists, CancellationToken cancellation) =>
        throw new NotSupportedException("actors only read");

    public Task<IReadOnlyCollection<UserId>> Add(UserId user, UserId contact, CancellationToken cancellation) =>
        throw new NotSupportedException("actors only read");

    public Task<IReadOnlyCollection<UserId>> Remove(UserId user, UserId contact, CancellationToken cancellation) =>
        throw new NotSupportedException("actors only read");

    private HashSet<UserId> ListOf(UserId user) => _lists.TryGetValue(user, out var list) ? list : _lists[user] = [];
}

/// <summary>Who takes part in which conversation, in memory.</summary>
internal sealed class ParticipantsInMemory : IConversationDirectory
{
    private readonly Dictionary<ConversationId, IReadOnlyList<UserId>> _lists = [];

    public Gate Gate { get; } = new();

    public List<IReadOnlyCollection<ConversationId>> Queries { get; } = [];

    public void Set(ConversationId conversation, params IReadOnlyList<UserId> participants) => _lists[conversation] = participants;

    public IReadOnlyList<ConversationId> Erase(UserId user)
    {
        var of = _lists.Where(list => list.Value.Contains(user)).Select(list => list.Key).ToList();
        of.ForEach(conversation => _lists[conversation] = [.. _lists[conversation].Where(participant => participant != user)]);
        return of;
    }

    public Task<IReadOnlyDictionary<ConversationId, IReadOnlyList<UserId>>> Load(
        IReadOnlyCollection<ConversationId> conversations,
        CancellationToken cancellation
    )
    {
        Queries.Add(conversations);
        return Gate.Pass<IReadOnlyDictionary<ConversationId, IReadOnlyList<UserId>>>(
            () => conversations.Where(_lists.ContainsKey).ToDictionary(id => id, id => _lists[id]),
            conversations.Count
        );
    }

    public Task<IReadOnlyCollection<ConversationId>> Replace(IReadOnlyCollection<ParticipantList> lists, CancellationToken cancellation) =>
        throw new NotSupportedException("actors only read");

    public Task<IReadOnlyCollection<ConversationId>> Add(ConversationId conversation, UserId user, CancellationToken cancellation) =>
        throw new NotSupportedException("actors only read");

    public Task<IReadOnlyCollection<ConversationId>> Remove(ConversationId conversation, UserId user, CancellationToken cancellation) =>
        throw new NotSupportedException("actors only read");
}
