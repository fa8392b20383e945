using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;
using Presence.Adapters.Sql;
using Presence.Core.Cluster;

namespace Presence.Specs.Sql;

/// <summary>What a start is refused for: in one line, and soon.</summary>
public sealed class StartOnSqliteSpecs : IAsyncLifetime
{
    private FreshStore? _store;

    private FreshStore Store => _store!;

    public async Task InitializeAsync() => _store = await FreshStore.Make(null, prepared: false);

    public async Task DisposeAsync() => await Store.DisposeAsync();

    [Fact]
    public async Task A_missing_folder() =>
        (await Refusal($"Data Source={Store.Folder}/missing/presence.db")).ShouldContain($"{Store.Folder}/missing");

    [Fact]
    public async Task A_folder_in_the_place_of_the_file()
    {
        Directory.CreateDirectory(Store.File);

        (await Refusal()).ShouldContain("can't be opened");
    }

    [Fact]
    public async Task A_file_that_is_not_a_database()
    {
        await File.WriteAllTextAsync(Store.File, string.Concat(Enumerable.Repeat("no database ", 1000)));

        (await Refusal()).ShouldContain("is not a SQLite database");
        (await File.ReadAllTextAsync(Store.File)).ShouldStartWith("no database");
    }

    [Fact]
    public async Task A_file_locked_by_another_process()
    {
        await Store.Execute("create table t (n)");
        using var other = new SqliteConnection($"Data Source={Store.File};Pooling=false");
        other.Open();
        using var transaction = other.BeginTransaction();

        (await Refusal()).ShouldContain("is locked by another process");
    }

    [Fact]
    public async Task A_file_in_use_that_is_locked_by_another_process()
    {
        await Store.Prepare();
        Store.Release();
        using var other = new SqliteConnection($"Data Source={Store.File};Pooling=false");
        other.Open();
        using var transaction = other.BeginTransaction();

        (await Refusal()).ShouldContain("is locked by another process");
    }

    [Fact]
    public async Task A_file_opened_for_reading_alone()
    {
        await Store.Prepare();
        Store.Release();

        (await Refusal($"Data Source={Store.File};Mode=ReadOnly")).ShouldContain("is read-only");
    }

    [Fact]
    public async Task A_file_marked_read_only_even_where_root_could_write_it()
    {
        await Store.Prepare();
        Store.Release();
        File.SetAttributes(Store.File, FileAttributes.ReadOnly);

        (await Refusal()).ShouldContain("is read-only");
    }

    [Fact]
    public async Task A_file_that_another_presence_uses_until_that_one_ends()
    {
        await Store.Prepare();

        (await Refusal()).ShouldContain("another Presence process uses");

        Store.Release();
        using var next = new StorePreparation(Store.Options, NodeName.New());
        await next.Prepare();
    }

    [Fact]
    public async Task A_file_that_another_presence_uses_by_another_name()
    {
        await Store.Prepare();
        var file = Path.Combine(Store.Folder, "by-link.db");
        File.CreateSymbolicLink(file, "presence.db");
        var folder = Path.Combine(Store.Folder, "by-folder");
        Directory.CreateSymbolicLink(folder, Store.Folder);

        (await Refusal($"Data Source={file}")).ShouldContain($"another Presence process uses {Store.File}");
        (await Refusal($"Data Source={folder}/by-link.db")).ShouldContain($"another Presence process uses {Store.File}");
    }

    [Fact]
    public async Task Links_that_lead_in_a_circle()
    {
        File.CreateSymbolicLink(Path.Combine(Store.Folder, "there.db"), "back.db");
        File.CreateSymbolicLink(Path.Combine(Store.Folder, "back.db"), "there.db");

        (await Refusal($"Data Source={Store.Folder}/there.db")).ShouldContain("can't be opened");
    }

    [Fact]
    public async Task Options_that_cannot_be_used() => (await Refusal("Data Source=:memory:")).ShouldContain("write, for sqlite");

    private Task<string> Refusal(string? connectionString = null) =>
        Refusals.Of(Store.Options with { ConnectionString = connectionString ?? Store.Options.ConnectionString });
}

/// <summary>What a start is refused for: in one line, and soon.</summary>
[Collection("postgres")]
public sealed class StartOnPostgresSpecs(PostgresServer server)
{
    [Fact]
    public async Task A_server_that_is_not_there()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var refusal = await Refusals.Of(Options($"Host=127.0.0.1;Port={port};Database=presence;Username=u;Password=secret"));

        refusal.ShouldContain($"PostgreSQL database presence at 127.0.0.1:{port} can't be reached");
        refusal.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_server_that_does_not_answer()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        (await Refusals.Of(Options($"Host=127.0.0.1;Port={((IPEndPoint)listener.LocalEndpoint).Port};Username=u"))).ShouldContain(
            "can't be reached"
        );
    }

    [SkippableFact]
    public async Task A_database_that_does_not_exist()
    {
        Skip.If(server.SkipReason is not null, server.SkipReason);

        (
            await Refusals.Of(Options(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = "nobodys" }.ConnectionString))
        ).ShouldContain("does not exist");
    }

    [SkippableFact]
    public async Task A_database_that_takes_no_writes()
    {
        await using var store = await FreshStore.Make(server, prepared: false);
        var readOnly = new NpgsqlConnectionStringBuilder(store.Options.ConnectionString)
        {
            Options = "-c default_transaction_read_only=on",
        };

        (await Refusals.Of(Options(readOnly.ConnectionString))).ShouldContain("is read-only");
    }

    [SkippableFact]
    public async Task A_pooler_that_does_not_tell_the_server_which_node_writes()
    {
        await using var store = await FreshStore.Make(server);
        using var pooler = new TcpListener(IPAddress.Loopback, 0);
        pooler.Start();
        using var end = new CancellationTokenSource();
        var serving = Forgetful(pooler, new NpgsqlConnectionStringBuilder(server.ConnectionString), end.Token);
        var through = new NpgsqlConnectionStringBuilder(store.Options.ConnectionString)
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)pooler.LocalEndpoint).Port,
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
        };

        (await Refusals.Of(Options(through.ConnectionString))).ShouldContain("the startup parameter 'options'");

        await end.CancelAsync();
        await serving;
    }

    /// <summary>Passes everything on, but for the node's name, of which it makes another setting.</summary>
    private static async Task Forgetful(TcpListener listener, NpgsqlConnectionStringBuilder to, CancellationToken end)
    {
        var passing = new List<Task>();
        try
        {
            while (true)
            {
                passing.Add(Pass(await listener.AcceptTcpClientAsync(end), to, end));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(passing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task Pass(TcpClient client, NpgsqlConnectionStringBuilder to, CancellationToken end)
    {
        using (client)
        {
            using var server = new TcpClient();
            await server.ConnectAsync(to.Host!, to.Port, end);
            var startup = new byte[4_096];
            var length = await client.GetStream().ReadAsync(startup, end);
            var name = startup.AsSpan(0, length).IndexOf("presence.node="u8);
            if (name >= 0)
            {
                "presence.none="u8.CopyTo(startup.AsSpan(name));
            }

            await server.GetStream().WriteAsync(startup.AsMemory(0, length), end);
            await Task.WhenAny(
                client.GetStream().CopyToAsync(server.GetStream(), end),
                server.GetStream().CopyToAsync(client.GetStream(), end)
            );
        }
    }

    [SkippableFact]
    public async Task But_not_several_nodes_that_start_at_once_on_an_empty_database()
    {
        await using var store = await FreshStore.Make(server, prepared: false);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => new StorePreparation(store.Options, NodeName.New()).Prepare()));

        var scripts = typeof(StorePreparation)
            .Assembly.GetManifestResourceNames()
            .Count(name => name.Contains("PostgreSql", StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal));
        (await store.Query("select count(*) from schemaversions")).ShouldBe([scripts.ToString(CultureInfo.InvariantCulture)]);
    }

    [SkippableFact]
    public async Task Tables_of_another_version_where_it_may_not_change_them_until_the_printed_scripts_were_applied()
    {
        await using var store = await FreshStore.Make(server, prepared: false);
        await using var other = await FreshStore.Make(server);
        var options = store.Options with { Migrate = false };
        (await Refusals.Of(options)).ShouldContain("apply 0001-journal.sql, 0002-users-and-directories.sql, 0003-cluster.sql");
        (await store.Query("select 1 from pg_tables where schemaname = 'public'")).ShouldBeEmpty();

        await store.Execute(StorePreparation.PostgreSqlSchema);

        await new StorePreparation(options, NodeName.New()).Prepare();
        const string Columns =
            "select table_name, column_name, data_type, is_nullable, identity_generation from information_schema.columns where table_schema = 'public' order by 1, 2";
        (await store.Query(Columns)).ShouldBe(await other.Query(Columns));
    }

    private static StorageOptions Options(string connectionString) =>
        new() { Provider = StorageOptions.PostgreSql, ConnectionString = connectionString };
}

internal static class Refusals
{
    /// <summary>The one line in which the start is refused.</summary>
    public static async Task<string> Of(StorageOptions options)
    {
        using var preparation = new StorePreparation(options, NodeName.New());
        var clock = Stopwatch.StartNew();
        var refusal = await Should.ThrowAsync<StoreStartException>(preparation.Prepare());
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(3));
        refusal.Message.ShouldNotContain("\n");
        return refusal.Message;
    }
}
