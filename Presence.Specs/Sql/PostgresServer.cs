using Presence.Benchmarks;

namespace Presence.Specs.Sql;

/// <summary>
/// A PostgreSQL for the specs: the one named by <c>PRESENCE_TEST_POSTGRES</c>, or a throw-away server that lives as long as the run,
/// however that ends. Where none can be had, <see cref="SkipReason"/> says why.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private ThrowAwayPostgres? _server;

    /// <summary>To connect as a superuser, who may create a database for each spec; null where there is no server.</summary>
    public string? ConnectionString { get; private set; }

    /// <summary>Why there is no server; null where there is one.</summary>
    public string? SkipReason { get; private set; }

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        ConnectionString = Environment.GetEnvironmentVariable("PRESENCE_TEST_POSTGRES");
        if (!string.IsNullOrWhiteSpace(ConnectionString))
            return;

        (_server, SkipReason) = await ThrowAwayPostgres.Start();
        ConnectionString = _server?.ConnectionString;
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}

/// <summary>Specs that share one PostgreSQL: <c>[Collection("postgres")]</c>.</summary>
[CollectionDefinition("postgres")]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>;
