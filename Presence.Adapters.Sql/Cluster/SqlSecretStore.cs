using System.Security.Cryptography;
using Dapper;
using Presence.Core.Cluster;

namespace Presence.Adapters.Sql.Cluster;

/// <summary>Secrets in the table <c>secrets</c>. Of several nodes that ask at once for one that isn't there, all get that of the first.</summary>
internal sealed class SqlSecretStore(Database database) : ISecretStore
{
    private const int Bytes = 32;

    /// <inheritdoc/>
    public Task<byte[]> Secret(string name, CancellationToken cancellation) =>
        database.Write(
            async transaction =>
            {
                await transaction.Execute(
                    "insert into secrets (name, secret) values (@name, @secret) on conflict do nothing",
                    new { name, secret = RandomNumberGenerator.GetBytes(Bytes) },
                    cancellation
                );
                return await transaction.Connection!.QuerySingleAsync<byte[]>(
                    new CommandDefinition(
                        "select secret from secrets where name = @name",
                        new { name },
                        transaction,
                        cancellationToken: cancellation
                    )
                );
            },
            cancellation
        );
}
