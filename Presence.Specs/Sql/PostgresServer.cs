using System.Diagnostics;

namespace Presence.Specs.Sql;

/// <summary>
/// A PostgreSQL for the specs: the one named by <c>PRESENCE_TEST_POSTGRES</c>, or a throw-away server that lives as long as the run,
/// however that ends. Where none can be had, <see cref="SkipReason"/> says why.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    // The first run on a machine may have to download the server.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(15);

    private Process? _server;

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

        ConnectionString = null;
        if (OperatingSystem.IsWindows())
        {
            SkipReason = "PostgreSQL specs, no server is started on Windows: set PRESENCE_TEST_POSTGRES";
            return;
        }

        _server =
            Process.Start(
                new ProcessStartInfo("bash", [Path.Combine(AppContext.BaseDirectory, "Sql", "postgres", "serve.sh")])
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                }
            ) ?? throw new InvalidOperationException("bash could not be started");
        using var patience = new CancellationTokenSource(StartTimeout);
        var answer = await _server.StandardOutput.ReadLineAsync(patience.Token) ?? "";
        switch (answer.Split(' ', 2))
        {
            case ["READY", var connectionString]:
                ConnectionString = connectionString;
                break;
            case ["SKIPPED", var reason]:
                SkipReason = reason;
                break;
            default:
                throw new InvalidOperationException($"The PostgreSQL for the specs did not start: '{answer}'");
        }
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_server is null)
            return;

        // The script stops the server when its input ends, so a killed run leaves none behind either.
        _server.StandardInput.Close();
        using var patience = new CancellationTokenSource(StopTimeout);
        await _server.WaitForExitAsync(patience.Token);
        _server.Dispose();
    }
}

/// <summary>Specs that share one PostgreSQL: <c>[Collection("postgres")]</c>.</summary>
[CollectionDefinition("postgres")]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>;
