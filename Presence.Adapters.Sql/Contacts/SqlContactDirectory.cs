using System.Data.Common;
using Dapper;
using Presence.Core.Contacts;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Contacts;

/// <summary>Contacts in the table <c>contacts</c>: two rows a pair, so that each user's list lies together under the primary key.</summary>
internal sealed class SqlContactDirectory(Database database, ListLimits limits) : IContactDirectory
{
    private readonly string _load =
        $"select user_id, contact_id from contacts where user_id {database.Dialect.AmongIds} order by user_id, contact_id";

    private readonly string _loadPart =
        $"select ids.id, c.contact_id from {database.Dialect.Ids} ids {database.Dialect.ContactsOfEach} limit @most";

    private const string LoadOn = """
        select user_id, contact_id from contacts where user_id = @user and contact_id > @after order by contact_id limit @most
        """;

    private readonly string _among = $"""
        select user_id, contact_id from contacts where (user_id, contact_id) in (select value->>0, value->>1 from {database.Dialect.Rows})
        """;

    private readonly string _insert = $"""
        insert into contacts (user_id, contact_id)
        select value->>0, value->>1 from {database.Dialect.Rows} where true
        on conflict do nothing
        """;

    private readonly string _delete = $"""
        delete from contacts where (user_id, contact_id) in (select value->>0, value->>1 from {database.Dialect.Rows})
        """;

    private readonly string _overfull =
        $"select user_id from contacts where user_id {database.Dialect.AmongIds} group by user_id having count(*) > @most limit 1";

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<UserId, IReadOnlyList<UserId>>> Load(
        IReadOnlyCollection<UserId> users,
        CancellationToken cancellation
    ) =>
        users.Count == 0
            ? new Dictionary<UserId, IReadOnlyList<UserId>>()
            : await database.Read(connection => Lists(connection, null, users, cancellation), cancellation);

    /// <inheritdoc/>
    public async Task<ContactsPart> LoadPart(IReadOnlyList<UserId> users, UserId? after, int most, CancellationToken cancellation)
    {
        // One more than is given out tells whether there are more.
        var rows = after is { } last
            ? await Pairs(
                LoadOn,
                new
                {
                    user = users[0].Value,
                    after = last.Value,
                    most = most + 1,
                },
                cancellation
            )
            : await Pairs(
                _loadPart,
                new { ids = database.Dialect.IdsValue(users.Select(user => user.Value)), most = most + 1 },
                cancellation
            );
        UserId? cut = rows.Count > most ? rows[most - 1].User : null;
        var lists = new Dictionary<UserId, IReadOnlyList<UserId>>();
        var place = -1;
        foreach (var list in rows.Take(most).GroupBy(row => row.User, row => row.Other))
        {
            // What was read is whole up to the cut only if the users came in their order, which SQL doesn't promise.
            while (++place < users.Count && users[place] != list.Key) { }

            if (place == users.Count)
            {
                throw new InvalidOperationException("the lists of contacts came in another order than they were asked for");
            }

            lists[list.Key] = [.. list];
        }

        return new(lists, cut);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlySet<(UserId User, UserId Other)>> Among(
        IReadOnlyCollection<(UserId User, UserId Other)> pairs,
        CancellationToken cancellation
    ) =>
        pairs.Count == 0
            ? new HashSet<(UserId, UserId)>()
            : (
                await Pairs(
                    _among,
                    new { rows = Dialect.RowsValue(pairs.Select(pair => new object?[] { pair.User.Value, pair.Other.Value })) },
                    cancellation
                )
            ).ToHashSet();

    private Task<List<(UserId User, UserId Other)>> Pairs(string sql, object parameters, CancellationToken cancellation) =>
        database.Read(
            async connection =>
            {
                await using var reader = await connection.ExecuteReaderAsync(
                    new CommandDefinition(sql, parameters, cancellationToken: cancellation)
                );
                var pairs = new List<(UserId, UserId)>();
                // Lists of people who know each other name the same ones again and again, and are kept for long.
                var ids = new Dictionary<string, UserId>(StringComparer.Ordinal);
                while (await reader.ReadAsync(cancellation))
                {
                    pairs.Add((Id(reader.GetString(0)), Id(reader.GetString(1))));
                }

                UserId Id(string text) => ids.TryGetValue(text, out var id) ? id : ids[text] = new(text);

                return pairs;
            },
            cancellation
        );

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
                await RefuseOverfull(transaction, changes.Added, cancellation);
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
                var rows = await transaction.ExecuteRows(sql, BothWays((user, contact)), cancellation);
                if (sql == _insert && rows > 0)
                {
                    await RefuseOverfull(transaction, [(user, contact)], cancellation);
                }

                return rows;
            },
            cancellation
        );
        return changed == 0 ? [] : [user, contact];
    }

    /// <summary>Looked at after the write, so that what the same write removes counts. Of those who gained a contact alone: a list that is too long already may be shortened.</summary>
    private async Task RefuseOverfull(
        DbTransaction transaction,
        IReadOnlyCollection<(UserId One, UserId Other)> added,
        CancellationToken cancellation
    )
    {
        var gained = added.SelectMany(pair => new[] { pair.One.Value, pair.Other.Value }).ToHashSet(StringComparer.Ordinal);
        foreach (var some in gained.Chunk(Commands.RowsAtOnce))
        {
            var parameters = new { ids = database.Dialect.IdsValue(some), most = limits.Contacts };
            if (await transaction.Rows(_overfull, parameters, reader => reader.GetString(0), cancellation) is [var user])
            {
                throw new ListFullException($"{user} would have more than {limits.Contacts} contacts");
            }
        }
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
