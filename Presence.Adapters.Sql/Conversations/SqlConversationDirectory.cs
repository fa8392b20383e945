using System.Data.Common;
using Dapper;
using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Conversations;

/// <summary>Participants in the table <c>participants</c>: a row each, a conversation's together under the primary key.</summary>
internal sealed class SqlConversationDirectory(Database database, ListLimits limits) : IConversationDirectory
{
    private readonly string _load = $"""
        select conversation_id, user_id from participants where conversation_id {database.Dialect.AmongIds} order by conversation_id, user_id
        """;

    private readonly string _insert = $"""
        insert into participants (conversation_id, user_id)
        select value->>0, value->>1 from {database.Dialect.Rows} where true
        on conflict do nothing
        """;

    private readonly string _delete = $"""
        delete from participants where (conversation_id, user_id) in (select value->>0, value->>1 from {database.Dialect.Rows})
        """;

    private readonly string _overfull = $"""
        select conversation_id from participants where conversation_id {database.Dialect.AmongIds}
        group by conversation_id having count(*) > @most limit 1
        """;

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<ConversationId, IReadOnlyList<UserId>>> Load(
        IReadOnlyCollection<ConversationId> conversations,
        CancellationToken cancellation
    ) =>
        conversations.Count == 0
            ? new Dictionary<ConversationId, IReadOnlyList<UserId>>()
            : await database.Read(connection => Lists(connection, null, conversations, cancellation), cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyCollection<ConversationId>> Replace(
        IReadOnlyCollection<ParticipantList> lists,
        CancellationToken cancellation
    )
    {
        if (lists.Count == 0)
        {
            return [];
        }

        // A later list of the same conversation replaces the whole of an earlier one.
        var wanted = new Dictionary<ConversationId, HashSet<UserId>>();
        foreach (var list in lists)
        {
            wanted[list.ConversationId] = [.. list.Participants];
        }

        return await database.Write(
            async transaction =>
            {
                await transaction.LockDirectory(database.Dialect, cancellation);
                var stored = (await Lists(transaction.Connection!, transaction, wanted.Keys, cancellation)).ToDictionary(
                    entry => entry.Key,
                    entry => entry.Value.ToHashSet()
                );
                var removed = Rows(stored, wanted).ToList();
                var added = Rows(wanted, stored).ToList();
                await transaction.ExecuteRows(_delete, removed.Select(Row), cancellation);
                await transaction.ExecuteRows(_insert, added.Select(Row), cancellation);
                await RefuseOverfull(transaction, added.Select(row => row.Conversation), cancellation);
                return removed.Concat(added).Select(row => row.Conversation).ToHashSet();
            },
            cancellation,
            rows: wanted.Values.Sum(participants => participants.Count)
        );
    }

    /// <inheritdoc/>
    public Task<IReadOnlyCollection<ConversationId>> Add(ConversationId conversation, UserId user, CancellationToken cancellation) =>
        Change(_insert, conversation, user, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyCollection<ConversationId>> Remove(ConversationId conversation, UserId user, CancellationToken cancellation) =>
        Change(_delete, conversation, user, cancellation);

    private async Task<IReadOnlyCollection<ConversationId>> Change(
        string sql,
        ConversationId conversation,
        UserId user,
        CancellationToken cancellation
    )
    {
        var changed = await database.Write(
            async transaction =>
            {
                await transaction.LockDirectory(database.Dialect, cancellation);
                var rows = await transaction.ExecuteRows(sql, [Row((conversation, user))], cancellation);
                if (sql == _insert && rows > 0)
                {
                    await RefuseOverfull(transaction, [conversation], cancellation);
                }

                return rows;
            },
            cancellation
        );
        return changed == 0 ? [] : [conversation];
    }

    /// <summary>Of those that gained a participant alone: a list that is too long already may be shortened.</summary>
    private async Task RefuseOverfull(DbTransaction transaction, IEnumerable<ConversationId> gained, CancellationToken cancellation)
    {
        var ids = gained.Select(conversation => conversation.Value).Distinct(StringComparer.Ordinal).ToArray();
        var parameters = new { ids = database.Dialect.IdsValue(ids), most = limits.Participants };
        if (await transaction.Rows(_overfull, parameters, reader => reader.GetString(0), cancellation) is [var conversation])
        {
            throw new ListFullException($"{conversation} would have more than {limits.Participants} participants");
        }
    }

    private async Task<IReadOnlyDictionary<ConversationId, IReadOnlyList<UserId>>> Lists(
        DbConnection connection,
        DbTransaction? transaction,
        IReadOnlyCollection<ConversationId> conversations,
        CancellationToken cancellation
    )
    {
        var ids = database.Dialect.IdsValue(conversations.Select(conversation => conversation.Value));
        var rows = await connection.QueryAsync<(string Conversation, string User)>(
            new CommandDefinition(_load, new { ids }, transaction, cancellationToken: cancellation)
        );
        return rows.GroupBy(row => row.Conversation, row => new UserId(row.User), StringComparer.Ordinal)
            .ToDictionary(list => new ConversationId(list.Key), IReadOnlyList<UserId> (list) => [.. list]);
    }

    /// <summary>What the one has and the other has not.</summary>
    private static IEnumerable<(ConversationId Conversation, UserId User)> Rows(
        Dictionary<ConversationId, HashSet<UserId>> one,
        Dictionary<ConversationId, HashSet<UserId>> other
    ) =>
        one.SelectMany(entry =>
            entry.Value.Where(user => !(other.GetValueOrDefault(entry.Key)?.Contains(user) ?? false)).Select(user => (entry.Key, user))
        );

    private static object?[] Row((ConversationId Conversation, UserId User) row) => [row.Conversation.Value, row.User.Value];
}
