using System.Data.Common;
using System.Text.Json;
using Dapper;
using Presence.Adapters.Sql.Users;
using Presence.Core.Conversations;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Sessions;

/// <summary>Sessions in the table <c>sessions</c>, a row each.</summary>
internal sealed class SqlSessionStore(Database database) : ISessionStore
{
    /// <summary>Old sessions that one transaction forgets: it is over soon, whatever has gathered.</summary>
    private const int ForgottenAtOnce = 5_000;

    /// <summary>The rows of the user <c>@user</c>, by device; each is read with <see cref="Read"/>.</summary>
    public const string SelectOfUser = """
        select user_id, device_id, connection, sequence, subscriptions, conversations, saved_at from sessions where user_id = @user order by device_id
        """;

    private readonly string _load = $"""
        select user_id, device_id, connection, sequence, subscriptions, conversations, saved_at from sessions
        where (user_id, device_id) in (select value->>0, value->>1 from {database.Dialect.Rows})
        """;

    private readonly string _save = $"""
        insert into sessions (user_id, device_id, connection, sequence, subscriptions, conversations, saved_at)
        select value->>0, value->>1, value->>2, cast(value->>3 as bigint), value->>4, value->>5, cast(value->>6 as bigint)
        from {database.Dialect.Rows} where true
        on conflict (user_id, device_id) do update set connection = excluded.connection, sequence = excluded.sequence,
            subscriptions = excluded.subscriptions, conversations = excluded.conversations, saved_at = excluded.saved_at
        where sessions.connection <> excluded.connection or sessions.sequence <= excluded.sequence
        """;

    private readonly string _forget = $"""
        delete from sessions where (user_id, device_id) in
            (select user_id, device_id from sessions where saved_at < @time order by saved_at limit {ForgottenAtOnce} {database
            .Dialect
            .SkipLocked})
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
        return await database.Read(connection => Sessions(connection, rows, cancellation), cancellation);
    }

    /// <inheritdoc/>
    public async Task Save(IReadOnlyCollection<Session> sessions, CancellationToken cancellation)
    {
        if (sessions.Count > 0)
        {
            await database.Write(transaction => transaction.ExecuteRows(_save, Newest(sessions).Select(Row), cancellation), cancellation);
        }
    }

    /// <inheritdoc/>
    public async Task ForgetBefore(DateTimeOffset time, CancellationToken cancellation)
    {
        int forgotten;
        do
        {
            forgotten = await database.Write(
                transaction => transaction.Execute(_forget, new { time = time.Micros() }, cancellation),
                cancellation
            );
        } while (forgotten == ForgottenAtOnce);
    }

    /// <summary>One of each device, since a statement may not touch a row twice; in the order of their keys, since two writers that cross would wait for each other.</summary>
    private static IEnumerable<Session> Newest(IReadOnlyCollection<Session> sessions)
    {
        var newest = new Dictionary<(UserId, DeviceId), Session>();
        foreach (var session in sessions)
        {
            var key = (session.UserId, session.DeviceId);
            if (!newest.TryGetValue(key, out var other) || other.Connection != session.Connection || other.Sequence <= session.Sequence)
            {
                newest[key] = session;
            }
        }

        return newest
            .Values.OrderBy(session => session.UserId.Value, StringComparer.Ordinal)
            .ThenBy(session => session.DeviceId.Value, StringComparer.Ordinal);
    }

    private async Task<IReadOnlyList<Session>> Sessions(DbConnection connection, string rows, CancellationToken cancellation)
    {
        await using var reader = await connection.ExecuteReaderAsync(
            new CommandDefinition(_load, new { rows }, cancellationToken: cancellation)
        );
        var sessions = new List<Session>();
        while (await reader.ReadAsync(cancellation))
        {
            sessions.Add(Read(reader));
        }

        return sessions;
    }

    /// <summary>A row of sessions.</summary>
    public static Session Read(DbDataReader row) =>
        new(
            new UserId(row.GetString(0)),
            new DeviceId(row.GetString(1)),
            Guid.ParseExact(row.GetString(2), "N"),
            row.GetInt64(3),
            [.. Ids(row.GetString(4)).Select(id => new UserId(id))],
            [.. Ids(row.GetString(5)).Select(id => new ConversationId(id))],
            Times.Time(row.GetInt64(6))
        );

    private static string[] Ids(string column) => JsonSerializer.Deserialize<string[]>(column) ?? [];

    private static object?[] Row(Session session) =>
        [
            session.UserId.Value,
            session.DeviceId.Value,
            session.Connection.ToString("N"),
            session.Sequence,
            JsonSerializer.Serialize(session.Subscriptions.Select(user => user.Value)),
            JsonSerializer.Serialize(session.Conversations.Select(conversation => conversation.Value)),
            session.SavedAt.Micros(),
        ];
}
