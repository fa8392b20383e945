using System.Data.Common;
using Dapper;
using Presence.Adapters.Sql.Users;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Events;

/// <summary>Events in the table <c>events</c>, a row a recipient.</summary>
internal sealed class SqlEventStore(Database database) : IEventStore
{
    /// <summary>What one transaction deletes at the most, beside what it has to: some milliseconds of work, after which others have their turn.</summary>
    private const int BytesAtOnce = 1024 * 1024;
    private const int RowsAtOnce = 200;

    /// <summary>What a row weighs beside its payload.</summary>
    private const int RowBytes = 512;

    // Rows that another transaction is deleting are left to it, here and below: two that wait for each other would both come to nothing.
    private readonly string _expireOf = Delete(
        $"select ordering from events where user_id {database.Dialect.AmongIds} and expires_at <= @now limit {RowsAtOnce}",
        database.Dialect
    );

    private readonly string _append = $"""
        insert into events (user_id, event_id, event_type, payload, sender, sent_at, expires_at, durable)
        select ids.id, @id, @type, @payload, @sender, @sentAt, @expiresAt, @durable from {database.Dialect.Ids} ids where true
        on conflict do nothing
        """;

    // Of the expired some may be left: they take the place of none that is not.
    private readonly string _trim = $"""
        delete from events where ordering in (
            select ordering from events where ordering in (
                select ordering from (
                    select ordering, row_number() over (partition by user_id order by ordering desc) as place
                    from events where user_id {database.Dialect.AmongIds} and durable = @durable and expires_at > @now) as placed
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

    private readonly string _acknowledge = Delete(
        $"select ordering from events where durable = 1 and (user_id, event_id) in (select value->>0, value->>1 from {database.Dialect.Rows})",
        database.Dialect
    );

    private readonly string _expire = Delete(
        $"select ordering from events where expires_at <= @now order by expires_at, ordering limit {RowsAtOnce}",
        database.Dialect
    );

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
                        now = posted.SentAt.Micros(),
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

        var rows = Dialect.RowsValue(
            acknowledgements.Select(acknowledged => new object?[] { acknowledged.UserId.Value, acknowledged.EventId.Value })
        );
        var (left, deleted) = (acknowledgements.Count, 0);
        do
        {
            deleted = await database.Write(
                transaction => transaction.Execute(_acknowledge, new { rows }, cancellation),
                cancellation,
                isBackground: true
            );
            left -= deleted;
        } while (left > 0 && deleted > 0);
    }

    /// <inheritdoc/>
    public Task<bool> ForgetExpired(DateTimeOffset now, CancellationToken cancellation) =>
        database.Write(
            async transaction => await transaction.Execute(_expire, new { now = now.Micros() }, cancellation) > 0,
            cancellation,
            isBackground: true
        );

    /// <summary>Deletes of the rows that are selected as many as make up <see cref="BytesAtOnce"/>, and one at least. Their sizes are told by the database, which doesn't read the payloads for it.</summary>
    private static string Delete(string select, Dialect dialect) =>
        $"""
            delete from events where ordering in (
                select ordering from events where ordering in (
                    select ordering from (
                        select ordering, sum(bytes) over (order by ordering) - bytes as before from (
                            select ordering, octet_length(payload) + {RowBytes} as bytes from events where ordering in (
                                select ordering from ({select}) as chosen)) as sized) as placed
                    where before < {BytesAtOnce}) {dialect.SkipLocked})
            """;

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
