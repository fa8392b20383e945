using System.Data.Common;
using Dapper;
using Presence.Core.Contacts;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Contacts;

/// <summary>Contacts in the table <c>contacts</c>: two rows a pair, so that each user's list lies together under the primary key.</summary>
internal sealed class SqlContactDirectory(Database database) : IContactDirectory
{
    private readonly string _load =
        $"select user_id, contact_id from contacts where user_id {database.Dialect.AmongIds} order by user_id, contact_id";

    private readonly string _insert = $"""
        insert into contacts (user_id, contact_id)
        select value->>0, value->>1 from {database.Dialect.Rows} where true
        on conflict do nothing
        """;

    private readonly string _delete = $"""
        delete from contacts where (user_id, contact_id) in (select value->>0, value->>1 from {database.Dialect.Rows})
        """;

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<UserId, IReadOnlyList<UserId>>> Load(
        IReadOnlyCollection<UserId> users,
        CancellationToken cancellation
    ) =>
        users.Count == 0
            ? new Dictionary<UserId, IReadOnlyList<UserId>>()
            : await database.Read(connection => Lists(connection, null, users, cancellation), cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyCollection<UserId>> Replace(IReadOnlyCollection<ContactList> lists, CancellationToken cancellation)
    {
        if (lists.Count == 0)
        {
            return [];
        }

        return await database.Write(
            async transaction =>
            {
                await transaction.LockDirectory(database.Dialect, cancellation);
                var users = lists.Select(list => list.UserId).ToHashSet();
                var changes = ContactChanges.Between(await Lists(transaction.Connection!, transaction, users, cancellation), lists);
                await transaction.ExecuteRows(_delete, changes.Removed.SelectMany(BothWays), cancellation);
                await transaction.ExecuteRows(_insert, changes.Added.SelectMany(BothWays), cancellation);
                return changes.Users;
            },
            cancellation,
            // Two a pair.
            rows: 2 * lists.Sum(list => list.Contacts.Count)
        );
    }

    /// <inheritdoc/>
    public Task<IReadOnlyCollection<UserId>> Add(UserId user, UserId contact, CancellationToken cancellation) =>
        Change(_insert, user, contact, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyCollection<UserId>> Remove(UserId user, UserId contact, CancellationToken cancellation) =>
        Change(_delete, user, contact, cancellation);

    private async Task<IReadOnlyCollection<UserId>> Change(string sql, UserId user, UserId contact, CancellationToken cancellation)
    {
        if (user == contact)
        {
            return [];
        }

        var changed = await database.Write(
            async transaction =>
            {
                await transaction.LockDirectory(database.Dialect, cancellation);
                return await transaction.ExecuteRows(sql, BothWays((user, contact)), cancellation);
            },
            cancellation
        );
        return changed == 0 ? [] : [user, contact];
    }

    private async Task<IReadOnlyDictionary<UserId, IReadOnlyList<UserId>>> Lists(
        DbConnection connection,
        DbTransaction? transaction,
        IReadOnlyCollection<UserId> users,
        CancellationToken cancellation
    )
    {
        var ids = database.Dialect.IdsValue(users.Select(user => user.Value));
        var rows = await connection.QueryAsync<(string User, string Contact)>(
            new CommandDefinition(_load, new { ids }, transaction, cancellationToken: cancellation)
        );
        return rows.GroupBy(row => row.User, row => new UserId(row.Contact), StringComparer.Ordinal)
            .ToDictionary(list => new UserId(list.Key), IReadOnlyList<UserId> (list) => [.. list]);
    }

    private static IEnumerable<object?[]> BothWays((UserId One, UserId Other) pair) =>
        [
            [pair.One.Value, pair.Other.Value],
            [pair.Other.Value, pair.One.Value],
        ];
}
