using System.Data.Common;
using System.Net;
using Microsoft.Data.Sqlite;
using Npgsql;
using Presence.Benchmarks.Faults.Nodes;

namespace Presence.Benchmarks.Faults.Attacks;

/// <summary>The service on one node, with its defaults, over a SQLite file or a PostgreSQL of its own. It can be stopped and started again, on the same data and port.</summary>
internal sealed class OneNode : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    private readonly ThrowAwayPostgres? _server;
    private readonly string _connectionString;
    private readonly string? _file;
    private bool _ended;

    private OneNode(ThrowAwayPostgres? server, string? file, string folder, string[] settings)
    {
        (_server, _file) = (server, file);
        _connectionString = server?.ConnectionString ?? $"Data Source={file}";
        var web = new IPEndPoint(IPAddress.Loopback, FreePorts.Next());
        Node = new Node(
            0,
            web,
            [],
            [
                $"ASPNETCORE_URLS=http://{web}",
                $"Presence__Storage__Provider={(server is null ? "sqlite" : "postgresql")}",
                $"Presence__Storage__ConnectionString={_connectionString}",
                $"Presence__Authentication__ApiKey={Fleet.ApiKey}",
                // The attacks' clients don't beat.
                "Presence__HeartbeatTimeout=00:10:00",
                .. settings,
            ],
            Path.Combine(folder, $"{Name}.log")
        );
        Service = new HttpClient { BaseAddress = Node.Address, Timeout = TimeSpan.FromMinutes(5) };
        Service.DefaultRequestHeaders.Add("X-Api-Key", Fleet.ApiKey);
    }

    /// <summary>The process.</summary>
    public Node Node { get; }

    /// <summary>Calls as a backend does.</summary>
    public HttpClient Service { get; }

    /// <summary>Of the store.</summary>
    public string Name => _server is null ? "SQLite" : "PostgreSQL";

    /// <summary>Whether the store is a PostgreSQL.</summary>
    public bool IsPostgreSql => _server is not null;

    /// <summary>Its resident memory, in MiB.</summary>
    public long Memory => Node.Usage.ResidentBytes >> 20;

    /// <summary>Over which stores a run goes: both, or the one that <c>postgresql=0</c> or <c>1</c> names.</summary>
    public static IEnumerable<bool> Stores(FaultArguments arguments) =>
        arguments.Number("postgresql", -1) switch
        {
            0 => [false],
            1 => [true],
            _ => [false, true],
        };

    /// <summary>Starts one.</summary>
    /// <exception cref="SkippedException">There is no PostgreSQL.</exception>
    public static async Task<OneNode> Start(string folder, bool postgreSql, params string[] settings)
    {
        ThrowAwayPostgres? server = null;
        if (postgreSql)
        {
            (server, var skipReason) = await ThrowAwayPostgres.Start("--durable");
            _ = server ?? throw new SkippedException(skipReason!);
        }

        var file = postgreSql ? null : Path.Combine(folder, $"presence-{Guid.NewGuid():N}.db");
        var node = new OneNode(server, file, folder, settings);
        try
        {
            await node.Node.Start();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGTERM, waits for its end, does that, and starts it again.</summary>
    public async Task Restart(Func<Task>? meanwhile = null)
    {
        await Node.Terminate(StopLimit);
        await (meanwhile?.Invoke() ?? Task.CompletedTask);
        await Node.Start();
    }

    /// <summary>Runs a statement in the database, beside the service.</summary>
    /// <param name="sql">With <c>@text</c> where that is given.</param>
    /// <param name="text">A parameter.</param>
    /// <returns>The first column of the first row, as a number; 0 for none.</returns>
    public async Task<long> Sql(string sql, string? text = null)
    {
        await using DbConnection connection = IsPostgreSql
            ? new NpgsqlConnection(_connectionString)
            : new SqliteConnection(_connectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 300;
        if (text is not null)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ("text", text);
            command.Parameters.Add(parameter);
        }

        return await command.ExecuteScalarAsync() is { } first and not DBNull
            ? Convert.ToInt64(first, System.Globalization.CultureInfo.InvariantCulture)
            : 0;
    }

    /// <summary>How large the database is, what waits in its log too, in bytes.</summary>
    public Task<long> DatabaseBytes() =>
        IsPostgreSql
            ? Sql("select pg_database_size(current_database())")
            : Task.FromResult(new[] { _file!, $"{_file}-wal" }.Where(File.Exists).Sum(file => new FileInfo(file).Length));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        Service.Dispose();
        await Node.DisposeAsync();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        // What the attacks leave in it is large, and evidence of nothing.
        foreach (var file in _file is null ? [] : new[] { _file, $"{_file}-wal", $"{_file}-shm" })
        {
            File.Delete(file);
        }
    }
}
