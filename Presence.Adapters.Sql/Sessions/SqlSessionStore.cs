using System.Data.Common;
using System.Text.Json;
using Dapper;
using Presence.Adapters.Sql.Users;
using Presence.Core.Conversations;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Sessions;

/// <summary>Sessions: a row each in the table <c>sessions</c>, and an id a row in <c>session_ids</c>.</summary>
/// <remarks>The sequence is stored negative. For a node of an earlier version that is below all that a cursor may name, so it resumes no session whose ids it doesn't see. What such a node wrote has a positive one, and its ids in lists.</remarks>
internal sealed class SqlSessionStore(Database database) : ISessionStore
{
    /// <summary>The sequence of a session that is being forgotten: its ids go first, some at a time.</summary>
    private const long Forgotten = long.MinValue;

    /// <summary>Ids that one transaction forgets, and sessions.</summary>
    private const int IdsAtOnce = 500;
    private const int SessionsAtOnce = 100;

    /// <summary>Bytes of the lists of earlier versions that one transaction forgets.</summary>
    private const int BytesAtOnce = 256 * 1024;

    private const string Columns = """
        s.user_id, s.device_id, s.connection, s.sequence, s.subscriptions, s.conversations, s.saved_at, i.kind, i.id
        from sessions s
        left join session_ids i on s.sequence < 0 and i.user_id = s.user_id and i.device_id = s.device_id
        """;

    /// <summary>The rows of the user <c>@user</c>, by device; they are read with <see cref="Read"/>.</summary>
    public const string SelectOfUser = $"select {Columns} where s.user_id = @user and s.sequence <> @forgotten order by s.device_id";

    // One statement, which sees one moment: ids of another sequence than the session's would be taken for what a client was told of.
    private readonly string _load = $"""
        select {Columns}
        where (s.user_id, s.device_id) in (select value->>0, value->>1 from {database.Dialect.Rows}) and s.sequence <> @forgotten
        order by s.user_id, s.device_id
        """;

    private readonly string _begin = $"""
        insert into sessions (user_id, device_id, connection, sequence, subscriptions, conversations, saved_at)
        select value->>0, value->>1, value->>4, -cast(value->>5 as bigint), '[]', '[]', cast(value->>6 as bigint)
        from {database.Dialect.Rows} where true
        on conflict (user_id, device_id) do update set connection = excluded.connection, sequence = excluded.sequence,
            subscriptions = excluded.subscriptions, conversations = excluded.conversations, saved_at = excluded.saved_at
        where sessions.connection <> excluded.connection or sessions.sequence >= excluded.sequence
        returning user_id, device_id
        """;

    private readonly string _go = $"""
        update sessions set connection = value->>4, sequence = -cast(value->>5 as bigint), saved_at = cast(value->>6 as bigint)
        from {database.Dialect.Rows}
        where sessions.user_id = value->>0 and sessions.device_id = value->>1
            and (sessions.connection = value->>2 and sessions.sequence = -cast(value->>3 as bigint)
                or sessions.connection = value->>4 and sessions.sequence < -cast(value->>3 as bigint)
                    and sessions.sequence >= -cast(value->>5 as bigint))
        returning sessions.user_id, sessions.device_id
        """;

    private readonly string _clear = $"""
        delete from session_ids where (user_id, device_id) in (select value->>0, value->>1 from {database.Dialect.Rows})
        """;

    private readonly string _add = $"""
        insert into session_ids (user_id, device_id, kind, id)
        select value->>0, value->>1, cast(value->>2 as bigint), value->>3 from {database.Dialect.Rows} where true
        on conflict do nothing
        """;

    // By way of the key: SQLite would go through all ids of the device for it.
    private readonly string _remove = $"""
        delete from session_ids where (user_id, device_id, kind, id) in (
            select i.user_id, i.device_id, i.kind, i.id from {database.Dialect.Rows} cross join session_ids i
            where i.user_id = value->>0 and i.device_id = value->>1 and i.kind = cast(value->>2 as bigint) and i.id = value->>3)
        """;

    // Marked first: what is half forgotten must come back for nobody.
    private readonly string _mark = $"""
        update sessions set sequence = @forgotten, subscriptions = '[]', conversations = '[]' where (user_id, device_id) in (
            select user_id, device_id from sessions where (user_id, device_id) in (
                select user_id, device_id from (
                    select user_id, device_id, sum(bytes) over (order by saved_at, user_id, device_id) - bytes as before from (
                        select user_id, device_id, saved_at, octet_length(subscriptions) + octet_length(conversations) as bytes
                        from sessions where saved_at < @time and sequence <> @forgotten order by saved_at, user_id, device_id limit {SessionsAtOnce}
                    ) as old) as placed
                where before < {BytesAtOnce}) {database.Dialect.SkipLocked})
        """;

    private const string ForgetIds = """
        delete from session_ids where (user_id, device_id, kind, id) in (
            select i.user_id, i.device_id, i.kind, i.id from sessions s
            join session_ids i on i.user_id = s.user_id and i.device_id = s.device_id
            where s.saved_at < @time and s.sequence = @forgotten limit @most)
        """;

    private readonly string _forget = $"""
        delete from sessions where (user_id, device_id) in (
            select user_id, device_id from sessions s where saved_at < @time and sequence = @forgotten
                and not exists (select 1 from session_ids i where i.user_id = s.user_id and i.device_id = s.device_id)
            limit {SessionsAtOnce} {database.Dialect.SkipLocked})
        """;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Session>> Load(
        IReadOnlyCollection<(UserId User, DeviceId Device)> devices,
        CancellationToken cancellation
    )
    {
        if (devices.Count == 0)
        {
            return [];
        }

        var rows = Dialect.RowsValue(devices.Select(device => new object?[] { device.User.Value, device.Device.Value }));
        return await database.Read(
            async connection =>
            {
                var command = new CommandDefinition(_load, new { rows, forgotten = Forgotten }, cancellationToken: cancellation);
                await using var reader = await connection.ExecuteReaderAsync(command);
                return await Read(reader, cancellation);
            },
            cancellation
        );
    }

    /// <summary>All that is kept for the user, within a transaction that reads.</summary>
    public static async Task<IReadOnlyList<Session>> Of(DbTransaction transaction, UserId user, CancellationToken cancellation)
    {
        var parameters = new { user = user.Value, forgotten = Forgotten };
        var command = new CommandDefinition(SelectOfUser, parameters, transaction, cancellationToken: cancellation);
        await using var reader = await transaction.Connection!.ExecuteReaderAsync(command);
        return await Read(reader, cancellation);
    }

    /// <inheritdoc/>
    public async Task Save(IReadOnlyCollection<SessionChange> changes, CancellationToken cancellation)
    {
        if (changes.Count > 0)
        {
            await database.Write(transaction => Save(transaction, changes, cancellation), cancellation, isBackground: true);
        }
    }

    /// <inheritdoc/>
    public Task<bool> ForgetBefore(DateTimeOffset time, CancellationToken cancellation)
    {
        var parameters = new
        {
            time = time.Micros(),
            forgotten = Forgotten,
            most = IdsAtOnce,
        };
        return database.Write(
            async transaction =>
            {
                var marked = await transaction.Execute(_mark, parameters, cancellation);
                var ids = await transaction.Execute(ForgetIds, parameters, cancellation);
                var sessions = ids < IdsAtOnce ? await transaction.Execute(_forget, parameters, cancellation) : 0;
                return marked + ids + sessions > 0;
            },
            cancellation,
            isBackground: true
        );
    }

    private async Task<int> Save(DbTransaction transaction, IReadOnlyCollection<SessionChange> changes, CancellationToken cancellation)
    {
        var begun = await Apply(transaction, _begin, changes.Where(change => change.From is null), cancellation);
        await transaction.ExecuteRows(_clear, begun.Select(Key), cancellation);
        var gone = await Apply(transaction, _go, changes.Where(change => change.From is not null), cancellation);
        var rows = begun.Concat(gone).ToList();
        return await transaction.ExecuteRows(_remove, rows.SelectMany(change => Entries(change, areThere: false)), cancellation)
            + await transaction.ExecuteRows(_add, rows.SelectMany(change => Entries(change, areThere: true)), cancellation);
    }

    /// <summary>Those of the changes that applied. In the order of their keys, since two writers that cross would wait for each other.</summary>
    private static async Task<List<SessionChange>> Apply(
        DbTransaction transaction,
        string sql,
        IEnumerable<SessionChange> changes,
        CancellationToken cancellation
    )
    {
        var byKey = changes.ToDictionary(change => (change.UserId.Value, change.DeviceId.Value));
        if (byKey.Count == 0)
        {
            return [];
        }

        var heads = byKey
            .OrderBy(change => change.Key.Item1, StringComparer.Ordinal)
            .ThenBy(change => change.Key.Item2, StringComparer.Ordinal)
            .Select(change => Head(change.Value));
        var parameters = new { rows = Dialect.RowsValue(heads) };
        var applied = await transaction.Rows(sql, parameters, row => (row.GetString(0), row.GetString(1)), cancellation);
        return [.. applied.Select(key => byKey[key])];
    }

    /// <summary>The rows of sessions, those of one after another: each has one of its ids.</summary>
    private static async Task<IReadOnlyList<Session>> Read(DbDataReader row, CancellationToken cancellation)
    {
        var sessions = new List<Session>();
        var (subscriptions, conversations) = (new List<UserId>(), new List<ConversationId>());
        while (await row.ReadAsync(cancellation))
        {
            var (user, device, sequence) = (new UserId(row.GetString(0)), new DeviceId(row.GetString(1)), row.GetInt64(3));
            if (sessions.Count == 0 || sessions[^1].UserId != user || sessions[^1].DeviceId != device)
            {
                subscriptions = [.. Ids(row.GetString(4)).Select(id => new UserId(id))];
                conversations = [.. Ids(row.GetString(5)).Select(id => new ConversationId(id))];
                var connection = Guid.ParseExact(row.GetString(2), "N");
                sessions.Add(
                    new(user, device, connection, Math.Abs(sequence), subscriptions, conversations, Times.Time(row.GetInt64(6)))
                    {
                        IsWhole = sequence > 0,
                    }
                );
            }

            if (row.IsDBNull(7))
            {
                continue;
            }

            if (row.GetInt64(7) == (long)SessionEntryKind.Subscription)
            {
                subscriptions.Add(new UserId(row.GetString(8)));
            }
            else
            {
                conversations.Add(new ConversationId(row.GetString(8)));
            }
        }

        return sessions;
    }

    private static string[] Ids(string column) => JsonSerializer.Deserialize<string[]>(column) ?? [];

    private static object?[] Key(SessionChange change) => [change.UserId.Value, change.DeviceId.Value];

    private static object?[] Head(SessionChange change) =>
        [
            change.UserId.Value,
            change.DeviceId.Value,
            change.From?.Connection.ToString("N"),
            change.From?.Sequence,
            change.To.Connection.ToString("N"),
            change.To.Sequence,
            change.SavedAt.Micros(),
        ];

    private static IEnumerable<object?[]> Entries(SessionChange change, bool areThere) =>
        change
            .Entries.Where(entry => entry.Value == areThere)
            .Select(entry => entry.Key)
            .OrderBy(entry => entry.Id, StringComparer.Ordinal)
            .Select(entry => new object?[] { change.UserId.Value, change.DeviceId.Value, (long)entry.Kind, entry.Id });
}
