using Microsoft.Data.Sqlite;
using Npgsql;

namespace Presence.Adapters.Sql;

/// <summary>Where what must last is kept. Configuration section <c>Presence:Storage</c>.</summary>
public sealed record StorageOptions
{
    /// <summary>A file of SQLite, for one node.</summary>
    public const string Sqlite = "sqlite";

    /// <summary>A PostgreSQL server, for one node or many.</summary>
    public const string PostgreSql = "postgresql";

    /// <summary>The file used where nothing is configured; its folder is made at the first start.</summary>
    public const string DefaultSqliteFile = "./data/presence.db";

    private const string SqliteExample = "Data Source=/var/lib/presence/presence.db";
    private const string PostgreSqlExample = "Host=localhost;Database=presence;Username=presence;Password=…";

    /// <summary><c>sqlite</c> (the default) or <c>postgresql</c>.</summary>
    public string Provider { get; init; } = Sqlite;

    /// <summary>As ADO.NET writes it (default with <c>sqlite</c>: <c>Data Source=./data/presence.db</c>; <c>postgresql</c> has none). Timeouts in it are overruled: a store out of reach must show within 2 s.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Whether a start brings the tables to this version (default: true). False, for who applies the scripts by hand: a start is refused where one is missing.</summary>
    public bool Migrate { get; init; } = true;

    /// <summary>Whether a PostgreSQL server is used.</summary>
    public bool IsPostgreSql => Provider == PostgreSql;

    /// <summary>For people: the file's full path, or the server and the database; never a password. Only for options without problems.</summary>
    public string Location => IsPostgreSql ? PostgresSettings.Describe(this) : SqliteSettings.Path(this);

    /// <summary>What is wrong with these, each with what to write instead; empty where nothing is.</summary>
    public IEnumerable<string> Problems() =>
        Provider switch
        {
            Sqlite => SqliteProblems(),
            PostgreSql => PostgreSqlProblems(),
            _ => [$"Presence:Storage:Provider is \"{Provider}\": write \"{Sqlite}\" or \"{PostgreSql}\""],
        };

    private IEnumerable<string> SqliteProblems()
    {
        if (Unparsable(() => new SqliteConnectionStringBuilder(ConnectionString)) is { } why)
        {
            yield return $"Presence:Storage:ConnectionString can't be read ({why}): write, for sqlite, \"{SqliteExample}\"";
            yield break;
        }

        if (string.IsNullOrWhiteSpace(ConnectionString))
        {
            yield break;
        }

        var settings = new SqliteConnectionStringBuilder(ConnectionString);
        if (string.IsNullOrWhiteSpace(settings.DataSource))
        {
            yield return $"Presence:Storage:ConnectionString names no file: write, for sqlite, \"{SqliteExample}\"";
        }
        else if (
            settings.Mode == SqliteOpenMode.Memory
            || settings.DataSource.StartsWith(':')
            || settings.DataSource.StartsWith("file:", StringComparison.Ordinal)
        )
        {
            yield return $"Presence:Storage:ConnectionString names \"{settings.DataSource}\", which is no plain file: write, for sqlite, \"{SqliteExample}\"";
        }
    }

    private IEnumerable<string> PostgreSqlProblems()
    {
        if (string.IsNullOrWhiteSpace(ConnectionString))
        {
            yield return $"Presence:Storage:ConnectionString is empty: write, for postgresql, \"{PostgreSqlExample}\"";
        }
        else if (Unparsable(() => new NpgsqlConnectionStringBuilder(ConnectionString)) is { } why)
        {
            yield return $"Presence:Storage:ConnectionString can't be read ({why}): write, for postgresql, \"{PostgreSqlExample}\"";
        }
        else if (string.IsNullOrWhiteSpace(new NpgsqlConnectionStringBuilder(ConnectionString).Host))
        {
            yield return $"Presence:Storage:ConnectionString names no host: write, for postgresql, \"{PostgreSqlExample}\"";
        }
    }

    private static string? Unparsable(Action parse)
    {
        try
        {
            parse();
            return null;
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or InvalidOperationException or OverflowException)
        {
            return OneLine.Of(failure.Message);
        }
    }
}
