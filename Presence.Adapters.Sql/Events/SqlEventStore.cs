using System.Data.Common;
using Dapper;
using Presence.Adapters.Sql.Users;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Events;

/// <summary>Events in the table <c>events</c>, a row a recipient.</summary>
internal sealed class SqlEventStore(Database database) : IEventStore
{
    /// <summary>Expired rows that go at once: a short transaction, after which others have their turn.</summary>
    private const int RowsAtOnce = 5_000;

    // Rows that another transaction is deleting are left to it, here and below: two that wait for each other would both come to nothing.
    private readonly string _expireOf = $"""
        delete from events where ordering in (
            select ordering from events where user_id {database.Dialect.AmongIds} and expires_at <= @now {database.Dialect.SkipLocked})
        """;

    private readonly string _append = $"""
        insert into events (user_id, event_id, event_type, payload, sender, sent_at, expires_at, durable)
        select ids.id, @id, @type, @payload, @sender, @sentAt, @expiresAt, @durable from {database.Dialect.Ids} ids where true
        on conflict do nothing
        """;

    private readonly string _trim = $"""
        delete from events where ordering in (
            select ordering from events where ordering in (
                select ordering from (
                    select ordering, row_number() over (partition by user_id order by ordering desc) as place
                    from events where user_id {database.Dialect.AmongIds} and durable = @durable) as placed
                where place > @keep) {database.Dialect.SkipLocked})
        """;

    private readonly string _waiting = $"""
        select user_id, event_id, event_type, case when total <= @wholeBytes then payload end, sender, sent_at, expires_at, durable, bytes
        from (
            select user_id, event_id, event_type, payload, sender, sent_at, expires_at, durable, ordering, octet_length(payload) as bytes,
                sum(octet_length(payload)) over (partition by user_id) as total
            from events where user_id {database.Dialect.AmongIds} and expires_at > @now) as sized
        order by ordering
        """;

    private readonly string _load = $"""
        select user_id, event_id, event_type, payload, sender, sent_at, expires_at, durable
        from events where (user_id, event_id) in (select value->>0, value->>1 from {database.Dialect.Rows}) order by ordering
        """;

    private readonly string _acknowledge = $"""
        delete from events where durable = 1 and (user_id, event_id) in (select value->>0, value->>1 from {database.Dialect.Rows})
        """;

    private readonly string _expire = $"""
        delete from events where ordering in (
            select ordering from events where expires_at <= @now limit {RowsAtOnce} {database.Dialect.SkipLocked})
        """;

    /// <inheritdoc/>
    public Task<int> Append(PostedEvent posted, IReadOnlyCollection<UserId> recipients, int keep, CancellationToken cancellation)
    {
        var ids = database.Dialect.IdsValue(recipients.Select(user => user.Value));
        var durable = posted.Durable ? 1L : 0L;
        var row = new
        {
            ids,
            durable,
            id = posted.Id.Value,
            type = posted.EventType,
            payload = posted.Payload.Json,
            sender = posted.Sender?.Value,
            sentAt = posted.SentAt.Micros(),
            expiresAt = posted.ExpiresAt.Micros(),
        };
        return database.Write(
            async transaction =>
            {
                await transaction.Execute(_expireOf, new { ids, now = posted.SentAt.Micros() }, cancellation);
                await transaction.Execute(_append, row, cancellation);
                return await transaction.Execute(
                    _trim,
                    new
                    {
                        ids,
                        durable,
                        keep,
                    },
                    cancellation
                );
            },
            cancellation
        );
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<UserId, IReadOnlyList<WaitingEvent>>> Waiting(
        IReadOnlyCollection<UserId> users,
        DateTimeOffset now,
        int wholeBytes,
        CancellationToken cancellation
    ) =>
        users.Count == 0
            ? new Dictionary<UserId, IReadOnlyList<WaitingEvent>>()
            : await Lists(
                _waiting,
                new
                {
                    ids = database.Dialect.IdsValue(users.Select(user => user.Value)),
                    now = now.Micros(),
                    wholeBytes,
                },
                ReadWaiting,
                cancellation
            );

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<UserId, IReadOnlyList<PostedEvent>>> Load(
        IReadOnlyCollection<EventAcknowledgement> events,
        CancellationToken cancellation
    ) =>
        events.Count == 0
            ? new Dictionary<UserId, IReadOnlyList<PostedEvent>>()
            : await Lists(
                _load,
                new { rows = Dialect.RowsValue(events.Select(row => new object?[] { row.UserId.Value, row.EventId.Value })) },
                Read,
                cancellation
            );

    private Task<IReadOnlyDictionary<UserId, IReadOnlyList<T>>> Lists<T>(
        string sql,
        object parameters,
        Func<DbDataReader, T> read,
        CancellationToken cancellation
    )
    {
        var command = new CommandDefinition(sql, parameters, cancellationToken: cancellation);
        return database.Read<IReadOnlyDictionary<UserId, IReadOnlyList<T>>>(
            async connection =>
            {
                await using var reader = await connection.ExecuteReaderAsync(command);
                var rows = new List<(UserId User, T Row)>();
                while (await reader.ReadAsync(cancellation))
                {
                    rows.Add((new UserId(reader.GetString(0)), read(reader)));
                }

                return rows.GroupBy(row => row.User, row => row.Row).ToDictionary(list => list.Key, IReadOnlyList<T> (list) => [.. list]);
            },
            cancellation
        );
    }

    /// <inheritdoc/>
    public async Task Acknowledge(IReadOnlyCollection<EventAcknowledgement> acknowledgements, CancellationToken cancellation)
    {
        if (acknowledgements.Count == 0)
        {
            return;
        }

        // In the order of all writers, so that two nodes that were told of the same do not wait for each other.
        var rows = acknowledgements
            .OrderBy(acknowledged => acknowledged.UserId.Value, StringComparer.Ordinal)
            .ThenBy(acknowledged => acknowledged.EventId.Value, StringComparer.Ordinal)
            .Select(acknowledged => new object?[] { acknowledged.UserId.Value, acknowledged.EventId.Value });
        await database.Write(transaction => transaction.ExecuteRows(_acknowledge, rows, cancellation), cancellation);
    }

    /// <inheritdoc/>
    public Task<bool> ForgetExpired(DateTimeOffset now, CancellationToken cancellation) =>
        database.Write(
            async transaction => await transaction.Execute(_expire, new { now = now.Micros() }, cancellation) == RowsAtOnce,
            cancellation
        );

    /// <summary>The rows where that column is the user <c>@user</c>, in order; each begins with its recipient, and is read with <see cref="Read"/>.</summary>
    public static string SelectOf(string column) =>
        $"select user_id, event_id, event_type, payload, sender, sent_at, expires_at, durable from events where {column} = @user order by ordering";

    private static WaitingEvent ReadWaiting(DbDataReader reader) =>
        new(new EventId(reader.GetString(1)), reader.GetInt32(8), reader.IsDBNull(3) ? null : Read(reader));

    /// <summary>A row of events.</summary>
    public static PostedEvent Read(DbDataReader reader) =>
        new(
            new EventId(reader.GetString(1)),
            reader.GetString(2),
            new EventPayload(reader.GetString(3)),
            reader.IsDBNull(4) ? null : new UserId(reader.GetString(4)),
            Times.Time(reader.GetInt64(5)),
            Times.Time(reader.GetInt64(6)),
            reader.GetInt64(7) != 0
        );
}
