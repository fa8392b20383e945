using System.Data.Common;
using Dapper;
using Presence.Adapters.Sql.Journal;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Users;

/// <summary>Users in the tables <c>users</c> (profile and last seen) and <c>devices</c>.</summary>
internal sealed class SqlUserStore(Database database) : IUserStore
{
    /// <summary>Before the user's id: the persistence id of the user's journal.</summary>
    public const string PersistenceIdPrefix = "user-";

    /// <summary>The column <c>connected</c>. An earlier build reads everything but 0 as connected.</summary>
    private const int NotConnected = 0;
    private const int Connected = 1;
    private const int ConnectedIdle = 2;

    /// <summary>The devices of the user <c>@user</c>, by id.</summary>
    public const string SelectDevices = """
        select device_id, name, type, platform, app_version, connected_at, last_active_at, idle, ended from devices
        where user_id = @user order by device_id
        """;

    /// <summary>Each user costs two index look-ups: the primary key of <c>users</c>, and the end of the user's range in the journal's unique index (persistence_id, sequence_number), which answers <c>max</c> without touching a row.</summary>
    private readonly string _load = $"""
        select ids.id, u.profile, u.profile_sequence, u.last_seen_at, u.connected,
            (select max(j.sequence_number) from journal j where j.persistence_id = '{PersistenceIdPrefix}' || ids.id)
        from {database.Dialect.Ids} ids left join users u on u.user_id = ids.id
        """;

    private readonly string _saveProfiles = $"""
        insert into users (user_id, profile, profile_sequence)
        select value->>0, value->>1, cast(value->>2 as bigint) from {database.Dialect.Rows} where true
        on conflict (user_id) do update set profile = excluded.profile, profile_sequence = excluded.profile_sequence
        where users.profile_sequence <= excluded.profile_sequence
        """;

    /// <summary>An older time never replaces a newer one: a node that is slow to write may be that from which the user has moved.</summary>
    private readonly string _saveLastSeen = $"""
        insert into users (user_id, last_seen_at, connected)
        select value->>0, cast(value->>1 as bigint), cast(value->>2 as bigint) from {database.Dialect.Rows} where true
        on conflict (user_id) do update set last_seen_at = excluded.last_seen_at, connected = excluded.connected
        where users.last_seen_at is null or users.last_seen_at <= excluded.last_seen_at
        """;

    /// <summary>Of many users, with their ids.</summary>
    private readonly string _loadDevices = $"""
        select device_id, name, type, platform, app_version, connected_at, last_active_at, idle, ended, user_id from devices
        where user_id {database.Dialect.AmongIds}
        """;

    private readonly string _saveDevices = $"""
        insert into devices (user_id, device_id, name, type, platform, app_version, connected_at, last_active_at, idle, ended)
        select value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, cast(value->>6 as bigint), cast(value->>7 as bigint),
            cast(value->>8 as bigint), cast(value->>9 as bigint)
        from {database.Dialect.Rows} where true
        on conflict (user_id, device_id) do update set name = coalesce(excluded.name, devices.name), type = coalesce(excluded.type, devices.type),
            platform = coalesce(excluded.platform, devices.platform), app_version = coalesce(excluded.app_version, devices.app_version),
            connected_at = excluded.connected_at, last_active_at = excluded.last_active_at, idle = excluded.idle, ended = excluded.ended
        where devices.last_active_at <= excluded.last_active_at
        """;

    /// <summary>A statement of its own: one that writes does not see what it writes.</summary>
    private readonly string _forgetOldest = $"""
        delete from devices where (user_id, device_id) in (
            select user_id, device_id from (
                select user_id, device_id, row_number() over (partition by user_id order by last_active_at desc, device_id) as place
                from devices where user_id {database.Dialect.AmongIds}
            ) as ranked where place > @most
        )
        """;

    private readonly ProfileFacts _facts = new(database.Dialect);

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<UserId, UserRow>> Load(IReadOnlyCollection<UserId> users, CancellationToken cancellation) =>
        users.Count == 0
            ? new Dictionary<UserId, UserRow>()
            : await database.Read(connection => Rows(connection, users, cancellation), cancellation);

    /// <inheritdoc/>
    public async Task Save(UserWrites writes, CancellationToken cancellation)
    {
        if (writes.Profiles.Count + writes.LastSeen.Count + writes.Devices.Count == 0)
        {
            return;
        }

        await database.Write(
            async transaction =>
                await transaction.ExecuteRows(
                    _saveProfiles,
                    writes.Profiles.OrderBy(row => row.UserId.Value, StringComparer.Ordinal).Select(Row),
                    cancellation
                )
                + await _facts.Cut(transaction, [.. writes.Profiles.Select(row => (row.UserId.Value, row.Sequence))], cancellation)
                + await transaction.ExecuteRows(
                    _saveLastSeen,
                    writes.LastSeen.OrderBy(row => row.UserId.Value, StringComparer.Ordinal).Select(Row),
                    cancellation
                )
                + await transaction.ExecuteRows(
                    _saveDevices,
                    writes.Devices.OrderBy(row => row.UserId.Value, StringComparer.Ordinal).Select(Row),
                    cancellation
                )
                + await ForgetOldest(transaction, writes, cancellation),
            cancellation,
            isBackground: true
        );
    }

    private async Task<int> ForgetOldest(DbTransaction transaction, UserWrites writes, CancellationToken cancellation)
    {
        var ids = database.Dialect.IdsValue(writes.Devices.Select(row => row.UserId.Value).Distinct(StringComparer.Ordinal));
        return writes.Devices.Count == 0
            ? 0
            : await transaction.Execute(_forgetOldest, new { ids, most = writes.KnownDevices }, cancellation);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DeviceRow>> Devices(UserId user, CancellationToken cancellation)
    {
        return await database.Read(
            async connection =>
            {
                var command = new CommandDefinition(SelectDevices, new { user = user.Value }, cancellationToken: cancellation);
                await using var reader = await connection.ExecuteReaderAsync(command);
                var devices = new List<DeviceRow>();
                while (await reader.ReadAsync(cancellation))
                {
                    devices.Add(Device(user, reader));
                }

                return devices;
            },
            cancellation
        );
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DeviceRow>> Devices(IReadOnlyCollection<UserId> users, CancellationToken cancellation) =>
        users.Count == 0
            ? []
            : await database.Read(
                async connection =>
                {
                    var ids = database.Dialect.IdsValue(users.Select(user => user.Value));
                    var command = new CommandDefinition(_loadDevices, new { ids }, cancellationToken: cancellation);
                    await using var reader = await connection.ExecuteReaderAsync(command);
                    var devices = new List<DeviceRow>();
                    while (await reader.ReadAsync(cancellation))
                    {
                        devices.Add(Device(new UserId(reader.GetString(9)), reader));
                    }

                    return devices;
                },
                cancellation
            );

    /// <summary>A row of <see cref="SelectDevices"/>.</summary>
    public static DeviceRow Device(UserId user, DbDataReader row)
    {
        var info = new DeviceInfo(Text(row, 1), Text(row, 2), Text(row, 3), Text(row, 4));
        return new(
            user,
            new DeviceId(row.GetString(0)),
            info,
            Times.Time(row.GetInt64(5)),
            Times.Time(row.GetInt64(6)),
            Idle: row.GetInt64(7) != 0,
            Ended: row.GetInt64(8) != 0
        );
    }

    /// <inheritdoc/>
    public Task<bool> ForgetDevice(UserId user, DeviceId device, CancellationToken cancellation) =>
        database.Write(
            async transaction =>
                await transaction.Execute(
                    "delete from devices where user_id = @user and device_id = @device",
                    new { user = user.Value, device = device.Value },
                    cancellation
                ) > 0,
            cancellation
        );

    private async Task<Dictionary<UserId, UserRow>> Rows(
        DbConnection connection,
        IReadOnlyCollection<UserId> users,
        CancellationToken cancellation
    )
    {
        var ids = database.Dialect.IdsValue(users.Select(user => user.Value));
        await using var reader = await connection.ExecuteReaderAsync(
            new CommandDefinition(_load, new { ids }, cancellationToken: cancellation)
        );
        var rows = new Dictionary<UserId, UserRow>(users.Count);
        while (await reader.ReadAsync(cancellation))
        {
            if (Known(reader) is { } row)
            {
                rows[row.UserId] = row;
            }
        }

        await reader.CloseAsync();
        await _facts.Fold(connection, rows, cancellation);
        return rows;
    }

    private static UserRow? Known(DbDataReader reader)
    {
        var journal = reader.IsDBNull(5) ? 0 : reader.GetInt64(5);
        if (journal == 0 && reader.IsDBNull(2))
        {
            return null;
        }

        var profile = Text(reader, 1) is { } text ? ProfileJson.Read(text) : null;
        return new(
            new UserId(reader.GetString(0)),
            profile ?? Profile.Empty,
            // A projection that can't be read has seen nothing: the journal tells it all.
            profile is null
                ? 0
                : reader.GetInt64(2),
            journal,
            reader.IsDBNull(3) ? null : Times.Time(reader.GetInt64(3)),
            !reader.IsDBNull(4) && reader.GetInt64(4) != NotConnected,
            !reader.IsDBNull(4) && reader.GetInt64(4) == ConnectedIdle
        );
    }

    private static string? Text(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static object?[] Row(ProfileProjection row) => [row.UserId.Value, ProfileJson.Write(row.Profile), row.Sequence];

    private static object?[] Row(LastSeen row) =>
        [
            row.UserId.Value,
            row.At.Micros(),
            !row.Connected ? NotConnected
            : row.Idle ? ConnectedIdle
            : Connected,
        ];

    private static object?[] Row(DeviceRow row) =>
        [
            row.UserId.Value,
            row.DeviceId.Value,
            row.Info.Name,
            row.Info.Type,
            row.Info.Platform,
            row.Info.AppVersion,
            row.ConnectedAt.Micros(),
            row.LastActiveAt.Micros(),
            row.Idle ? 1 : 0,
            row.Ended ? 1 : 0,
        ];
}
