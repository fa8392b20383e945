using Npgsql;
using Presence.Adapters.Sql;
using Presence.Core.Cluster;

namespace Presence.Specs.Sql;

public sealed class StorageOptionsSpecs
{
    [Fact]
    public void By_default_a_file_in_the_data_folder_is_used()
    {
        var options = new StorageOptions();

        options.Problems().ShouldBeEmpty();
        options.Location.ShouldBe(Path.GetFullPath("data/presence.db"));
    }

    [Theory]
    [InlineData("mysql", null, "Provider is \"mysql\": write \"sqlite\" or \"postgresql\"")]
    [InlineData("SQLite", null, "Provider is \"SQLite\": write \"sqlite\"")]
    [InlineData("sqlite", "Data Sauce=x.db", "can't be read")]
    [InlineData("sqlite", "Cache=Shared", "names no file: write, for sqlite, \"Data Source=/")]
    [InlineData("sqlite", "Data Source=:memory:", "no plain file")]
    [InlineData("sqlite", "Data Source=x;Mode=Memory", "no plain file")]
    [InlineData("postgresql", null, "is empty: write, for postgresql, \"Host=")]
    [InlineData("postgresql", " ", "is empty")]
    [InlineData("postgresql", "Host=a;Bogus=1", "can't be read")]
    [InlineData("postgresql", "Host=a;Port=many", "can't be read")]
    [InlineData("postgresql", "Database=a", "names no host")]
    public void What_cannot_be_used_is_told_with_what_to_write_instead(string provider, string? connectionString, string message)
    {
        var problem = new StorageOptions { Provider = provider, ConnectionString = connectionString }
            .Problems()
            .ShouldHaveSingleItem();

        problem.ShouldStartWith("Presence:Storage:");
        problem.ShouldContain(message);
        problem.ShouldNotContain("\n");
    }

    [Theory]
    [InlineData("", 20)]
    [InlineData(";Minimum Pool Size=30", 30)]
    [InlineData(";Maximum Pool Size=7", 7)]
    [InlineData(";MaxPoolSize=100", 100)]
    public void A_pool_has_twenty_connections_unless_another_number_is_written(string written, int connections)
    {
        var options = new StorageOptions { Provider = "postgresql", ConnectionString = "Host=db" + written };

        new NpgsqlConnectionStringBuilder(PostgresSettings.ConnectionString(options, NodeName.New())).MaxPoolSize.ShouldBe(connections);
    }

    [Fact]
    public void The_location_shows_no_password()
    {
        var options = new StorageOptions { Provider = "postgresql", ConnectionString = "Host=db;Database=p;Username=u;Password=secret" };

        options.Problems().ShouldBeEmpty();
        options.Location.ShouldBe("PostgreSQL database p at db:5432");
    }
}
