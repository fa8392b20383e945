using Microsoft.Extensions.DependencyInjection;
using Presence.Core.Cluster;

namespace Presence.Specs.Sql;

public sealed class SecretsInSqliteSpecs() : SecretStoreSpecs(null);

[Collection("postgres")]
public sealed class SecretsInPostgresSpecs(PostgresServer server) : SecretStoreSpecs(server);

/// <summary>What every secret store does.</summary>
public abstract class SecretStoreSpecs(PostgresServer? server) : StoreSpecs(server)
{
    [SkippableFact]
    public async Task A_secret_is_made_once_and_is_the_same_for_every_node_that_asks_at_once()
    {
        await using var other = Store.Services(NodeName.New());
        var stores = new[] { Store.Get<ISecretStore>(), other.GetRequiredService<ISecretStore>() };

        var secrets = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => stores[number % 2].Secret("resume", None)));

        secrets[0].Length.ShouldBe(32);
        secrets.ShouldAllBe(secret => secret.SequenceEqual(secrets[0]));
    }

    [SkippableFact]
    public async Task Each_name_has_a_secret_of_its_own()
    {
        var one = await Store.Get<ISecretStore>().Secret("one", None);

        (await Store.Get<ISecretStore>().Secret("other", None)).ShouldNotBe(one);
    }
}
