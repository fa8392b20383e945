using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Presence.Adapters.Sql;
using Presence.Core.Cluster;

namespace Presence.Benchmarks;

/// <summary>What the benchmarks of the stores share: <c>import</c> and <c>load</c> run over a SQLite file and, where a connection string follows, over that PostgreSQL database too.</summary>
internal static class StoreBenchmarks
{
    /// <summary>Runs it over each store; the SQLite file is a new one, and gone afterwards.</summary>
    public static async Task Run(string[] arguments, Func<IServiceProvider, Task> benchmark)
    {
        var folder = Directory.CreateTempSubdirectory("presence-benchmark-");
        await Run("SQLite", new() { ConnectionString = $"Data Source={folder.FullName}/presence.db" }, benchmark);
        folder.Delete(recursive: true);
        if (arguments is [var connectionString, ..])
        {
            await Run("PostgreSQL", new() { Provider = StorageOptions.PostgreSql, ConnectionString = connectionString }, benchmark);
        }
    }

    private static async Task Run(string name, StorageOptions options, Func<IServiceProvider, Task> benchmark)
    {
        Console.Write($"{name}: ");
        await using var services = new ServiceCollection().AddSqlStore(options, NodeName.New()).BuildServiceProvider();
        await services.GetRequiredService<StorePreparation>().Prepare();
        await benchmark(services);
        using var process = Process.GetCurrentProcess();
        Console.WriteLine($"peak working set {process.PeakWorkingSet64 / 1024 / 1024:N0} MiB (of the run so far)");
    }
}
