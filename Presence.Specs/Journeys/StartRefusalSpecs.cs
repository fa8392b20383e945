using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Presence.Benchmarks;

namespace Presence.Specs.Journeys;

/// <summary>A service that can't keep its word doesn't start: one line on standard error says what to do, and the exit code says that it failed.</summary>
public sealed class StartRefusalSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_database_file_locked_by_another_process()
    {
        using var other = new SqliteConnection($"Data Source={_folder.Database};Pooling=false");
        other.Open();
        Execute(other, "create table t (c); begin exclusive");

        await Refuses(HostProcess.Launch(_folder.Database), "locked by another process");
    }

    [Fact]
    public async Task A_database_file_used_by_another_Presence()
    {
        await using var first = await HostProcess.Start(_folder.Database);

        await Refuses(HostProcess.Launch(_folder.Database), "another Presence process uses");
        first.Runs.ShouldBeTrue();
    }

    [Fact]
    public async Task A_file_that_is_no_database()
    {
        await File.WriteAllTextAsync(_folder.Database, new string('x', 5_000));

        await Refuses(HostProcess.Launch(_folder.Database), "is not a SQLite database");
    }

    [Fact]
    public Task A_missing_folder() =>
        Refuses(HostProcess.Launch(Path.Combine(_folder.Path, "missing", "presence.db")), "the folder of the database file does not exist");

    [Fact]
    public Task A_folder_in_place_of_the_file()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, "folder")).FullName;

        return Refuses(HostProcess.Launch(folder), folder);
    }

    [Fact]
    public async Task A_port_in_use()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        await Refuses(HostProcess.Launch(_folder.Database, $"ASPNETCORE_URLS=http://{other.LocalEndpoint}"), "address already in use");
    }

    [Fact]
    public async Task A_port_of_the_cluster_in_use()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var host = HostProcess.Launch(_folder.Database, $"Presence__Cluster__Port={port}");
        await Refuses(host, $"Presence:Cluster:Port is {port}");
        host.Output.ShouldBeEmpty();
    }

    [Fact]
    public Task An_address_of_another_machine() =>
        Refuses(
            HostProcess.Launch(
                _folder.Database,
                // One of a documentation's (RFC 5737), which nobody has.
                "ASPNETCORE_URLS=http://192.0.2.1:8085",
                "Presence__Authentication__TrustedProxies__0=192.0.2.0/24",
                "Presence__Authentication__ApiKey=a-key-that-is-long-enough",
                "Presence__Authentication__ProxySecret=a-secret-of-the-gateways"
            ),
            "Urls is http://192.0.2.1:8085"
        );

    [Theory]
    [InlineData("ASPNETCORE_URLS=http://0.0.0.0:0", "Urls")]
    [InlineData("ASPNETCORE_URLS=http://*:0", "Urls")]
    [InlineData("ASPNETCORE_URLS=8085", "Urls has 8085")]
    [InlineData("ASPNETCORE_URLS=127.0.0.1:8085", "Urls has 127.0.0.1:8085")]
    [InlineData("ASPNETCORE_URLS=http://127.0.0.1:85085", "Urls has http://127.0.0.1:85085")]
    [InlineData("ASPNETCORE_URLS=http://127.0.0.1:8085/presence", "Urls has http://127.0.0.1:8085/presence")]
    [InlineData("Presence__OfflineGrace=abc", "OfflineGrace")]
    [InlineData("Presence__OfflineGrace=-00:00:01", "OfflineGrace")]
    [InlineData("Presence__HeartbeatTimeout=00:00:30", "HeartbeatTimeout")]
    [InlineData("Presence__Limits__MessageBytes=0", "MessageBytes")]
    [InlineData("Presence__Cluster__SeedNodes=a:1,b:2", "Presence:Cluster:SeedNodes:0")]
    [InlineData("Presence__Cluster__Roles=presence", "Presence:Cluster:Roles:0")]
    [InlineData("Presence__Storage__Provider=oracle", "Provider")]
    [InlineData("Presence__Authentication__Mode=none", "Mode")]
    [InlineData("Presence__Authentication__ApiKey=short", "ApiKey")]
    [InlineData("Presence__Authentication__ProxySecret=a-secret-of-the-gateways", "ApiKey")]
    [InlineData("Presence__Operations__MetricsAccess=everybody", "MetricsAccess")]
    [InlineData("ASPNETCORE_URLS=https://127.0.0.1:0", "Kestrel:Certificates:Default:Path")]
    [InlineData("ASPNETCORE_FORWARDEDHEADERS_ENABLED=1", "FORWARDEDHEADERS_ENABLED is 1")]
    [InlineData("ASPNETCORE_FORWARDEDHEADERS_ENABLED=true", "FORWARDEDHEADERS_ENABLED")]
    public Task A_setting_that_can_not_be(string setting, string named) => Refuses(HostProcess.Launch(_folder.Database, setting), named);

    private static async Task Refuses(HostProcess host, string because)
    {
        await using (host)
        {
            (await host.Exit(Patience)).ShouldBe(1);
            host.Errors.ShouldHaveSingleItem().ShouldContain(because, Case.Insensitive);
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
