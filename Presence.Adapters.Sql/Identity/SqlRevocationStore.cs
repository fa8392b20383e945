using Dapper;
using Presence.Adapters.Sql.Users;
using Presence.Core.Identity;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Identity;

/// <summary>Revocations in the table <c>revocations</c>, a row each until it is over.</summary>
internal sealed class SqlRevocationStore(Database database) : IRevocationStore
{
    /// <summary>Those that are over and go with a new one: more than come in, so that they don't gather.</summary>
    private const int ForgottenAtOnce = 50;

    private const string Upsert = """
        insert into revocations (user_id, device_id, token_id, revoked_at, held_until)
        select @user, @device, @token, @at, @until where (select count(*) from revocations) < @most
        on conflict (user_id, device_id, token_id) do update set
            revoked_at = case when excluded.revoked_at > revocations.revoked_at then excluded.revoked_at else revocations.revoked_at end,
            held_until = case when excluded.held_until > revocations.held_until then excluded.held_until else revocations.held_until end
        """;

    private const string Select = """
        select user_id, device_id, token_id, revoked_at, held_until from revocations where revoked_at > @since and held_until > @now
        """;

    private readonly string _forget = $"""
        delete from revocations where (user_id, device_id, token_id) in (
            select user_id, device_id, token_id from revocations where held_until <= @now limit {ForgottenAtOnce} {database
            .Dialect
            .SkipLocked})
        """;

    /// <inheritdoc/>
    public Task<bool> Add(Revocation revocation, CancellationToken cancellation)
    {
        var row = new
        {
            user = revocation.User?.Value ?? "",
            device = revocation.Device?.Value ?? "",
            token = revocation.TokenId ?? "",
            at = revocation.At.Micros(),
            until = revocation.Until.Micros(),
            most = (long)IRevocationStore.Most,
        };
        return database.Write(
            async transaction =>
            {
                await transaction.Execute(_forget, new { now = row.at }, cancellation);
                return await transaction.Execute(Upsert, row, cancellation) == 1;
            },
            cancellation
        );
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Revocation>> Said(DateTimeOffset since, DateTimeOffset now, CancellationToken cancellation)
    {
        var parameters = new { since = since.Micros(), now = now.Micros() };
        return database.Read<IReadOnlyList<Revocation>>(
            async connection =>
            {
                await using var reader = await connection.ExecuteReaderAsync(
                    new CommandDefinition(Select, parameters, cancellationToken: cancellation)
                );
                var revocations = new List<Revocation>();
                while (await reader.ReadAsync(cancellation))
                {
                    revocations.Add(
                        new(
                            reader.GetString(0) is { Length: > 0 } user ? new UserId(user) : null,
                            reader.GetString(1) is { Length: > 0 } device ? new DeviceId(device) : null,
                            reader.GetString(2) is { Length: > 0 } token ? token : null,
                            Times.Time(reader.GetInt64(3)),
                            Times.Time(reader.GetInt64(4))
                        )
                    );
                }

                return revocations;
            },
            cancellation
        );
    }
}
