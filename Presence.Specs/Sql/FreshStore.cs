using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Presence.Adapters.Sql;
using Presence.Core.Cluster;

namespace Presence.Specs.Sql;

/// <summary>An empty store of its own for a spec: a SQLite file in a folder of its own, or a database on the server. Gone afterwards.</summary>
public sealed class FreshStore : IAsyncDisposable
{
    private readonly PostgresServer? _server;
    private readonly string _name = "presence_" + Guid.NewGuid().ToString("N");
    private readonly StorePreparation _preparation;
    private readonly ServiceProvider _services;

    private FreshStore(PostgresServer? server)
    {
        _server = server;
        Folder = Directory.CreateTempSubdirectory("presence-").FullName;
        Options = server is null
            ? new() { ConnectionString = $"Data Source={File}" }
            : new() { Provider = StorageOptions.PostgreSql, ConnectionString = ConnectionString(_name) };
        _preparation = new(Options, NodeName.New());
        _services = Services(Node);
    }

    public string Folder { get; }

    public string File => Path.Combine(Folder, "presence.db");

    public StorageOptions Options { get; }

    /// <summary>The node whose stores these are.</summary>
    public NodeName Node { get; } = NodeName.New();

    public static async Task<FreshStore> Make(PostgresServer? server, bool prepared = true)
    {
        Skip.If(server?.SkipReason is not null, server?.SkipReason);
        var store = new FreshStore(server);
        if (server is not null)
            await store.Execute(store.ConnectionString("postgres"), $"create database {store._name}");

        if (prepared)
            await store.Prepare();

        return store;
    }

    public Task Prepare() => _preparation.Prepare();

    /// <summary>As if the process that prepared it had ended.</summary>
    public void Release() => _preparation.Dispose();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Task Execute(string sql) => Execute(Options.ConnectionString!, sql);

    public async Task<List<string>> Query(string sql)
    {
        await using var connection = Connection(Options.ConnectionString!);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(column => reader.GetValue(column))));

        return rows;
    }

    /// <summary>The stores as another node has them.</summary>
    public ServiceProvider Services(NodeName node) => new ServiceCollection().AddSqlStore(Options, node).BuildServiceProvider();

    /// <summary>Until that query has rows.</summary>
    public async Task Eventually(string sql)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while ((await Query(sql)).Count == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(10), patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _preparation.Dispose();
        if (_server is null)
        {
            SqliteConnection.ClearAllPools();
        }
        else
        {
            await Execute(ConnectionString("postgres"), $"drop database if exists {_name} with (force)");
        }

        Directory.Delete(Folder, recursive: true);
    }

    private string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder(_server!.ConnectionString) { Database = database }.ConnectionString;

    private async Task Execute(string connectionString, string sql)
    {
        await using var connection = Connection(connectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private System.Data.Common.DbConnection Connection(string connectionString) =>
        _server is null
            ? new SqliteConnection(connectionString)
            : new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
}
