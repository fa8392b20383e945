using System.Data.Common;
using Dapper;
using Presence.Adapters.Sql.Users;
using Presence.Core.Identity;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Identity;

/// <summary>Tickets in the table <c>tickets</c>, a row each until it is used.</summary>
internal sealed class SqlTicketStore(Database database) : ITicketStore
{
    private const long Reads = 1;
    private const long Writes = 2;

    /// <summary>Expired ones that go with a new one: more than come in, so that they don't gather, and few enough that nobody waits for it.</summary>
    private const int ForgottenAtOnce = 50;

    private const string Insert = """
        insert into tickets (hash, user_id, device_id, subject, token_id, token_issued_at, token_expires_at, token_allows, made_at, expires_at)
        select @hash, @user, @device, @subject, @tokenId, @issuedAt, @tokenExpiresAt, @allows, @madeAt, @expiresAt
        where (select count(*) from tickets where user_id = @user) < @most
        """;

    // One statement: of two that come at once the second finds no row, on whatever node they are.
    private const string Delete = """
        delete from tickets where hash = @hash
        returning user_id, device_id, subject, token_id, token_issued_at, token_expires_at, token_allows, made_at, expires_at
        """;

    private readonly string _forget = $"""
        delete from tickets where hash in (
            select hash from tickets where expires_at <= @now limit {ForgottenAtOnce} {database.Dialect.SkipLocked})
        """;

    /// <inheritdoc/>
    public Task<bool> Save(Ticket ticket, CancellationToken cancellation) =>
        database.Write(
            async transaction =>
            {
                await transaction.Execute(_forget, new { now = ticket.MadeAt.Micros() }, cancellation);
                return await transaction.Execute(Insert, Row(ticket), cancellation) == 1;
            },
            cancellation
        );

    /// <inheritdoc/>
    public Task<Ticket?> Take(string hash, CancellationToken cancellation) =>
        database.Write(
            async transaction =>
            {
                var command = new CommandDefinition(Delete, new { hash }, transaction, cancellationToken: cancellation);
                await using var reader = await transaction.Connection!.ExecuteReaderAsync(command);
                return await reader.ReadAsync(cancellation) ? Read(hash, reader) : null;
            },
            cancellation
        );

    private static DynamicParameters Row(Ticket ticket)
    {
        // With their types: PostgreSQL can't tell that of a null in a select.
        var row = new DynamicParameters();
        row.Add("hash", ticket.Hash, System.Data.DbType.String);
        row.Add("user", ticket.User.Value, System.Data.DbType.String);
        row.Add("device", ticket.Device?.Value, System.Data.DbType.String);
        row.Add("subject", ticket.Grant?.Subject?.Value, System.Data.DbType.String);
        row.Add("tokenId", ticket.Grant?.TokenId, System.Data.DbType.String);
        row.Add("issuedAt", ticket.Grant?.IssuedAt?.Micros(), System.Data.DbType.Int64);
        row.Add("tokenExpiresAt", ticket.Grant?.ExpiresAt.Micros(), System.Data.DbType.Int64);
        row.Add("allows", ticket.Grant is { } grant ? Allows(grant) : null, System.Data.DbType.Int64);
        row.Add("madeAt", ticket.MadeAt.Micros(), System.Data.DbType.Int64);
        row.Add("expiresAt", ticket.ExpiresAt.Micros(), System.Data.DbType.Int64);
        row.Add("most", (long)Tickets.MostOfUser, System.Data.DbType.Int64);
        return row;
    }

    private static long? Allows(Grant grant) => (grant.MayRead ? Reads : 0) | (grant.MayWrite ? Writes : 0);

    private static Ticket Read(string hash, DbDataReader reader) =>
        new(
            hash,
            new UserId(reader.GetString(0)),
            Text(reader, 1) is { } device ? new DeviceId(device) : null,
            Time(reader, 5) is { } tokenExpiresAt ? ReadGrant(reader, tokenExpiresAt) : null,
            Times.Time(reader.GetInt64(7)),
            Times.Time(reader.GetInt64(8))
        );

    /// <summary>A ticket is a user's, whoever asked for it: it makes nobody a service.</summary>
    private static Grant ReadGrant(DbDataReader reader, DateTimeOffset expiresAt)
    {
        var allows = reader.GetInt64(6);
        return new Grant
        {
            Subject = Text(reader, 2) is { } subject ? new UserId(subject) : null,
            TokenId = Text(reader, 3),
            IssuedAt = Time(reader, 4),
            ExpiresAt = expiresAt,
            MayRead = (allows & Reads) != 0,
            MayWrite = (allows & Writes) != 0,
        };
    }

    private static string? Text(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DateTimeOffset? Time(DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : Times.Time(reader.GetInt64(column));
}
