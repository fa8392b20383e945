using System.Reflection;
using DbUp;
using DbUp.Builder;
using DbUp.Engine;

namespace Presence.Adapters.Sql.Migrations;

/// <summary>Brings the tables to this program's version, script after script; each runs once, and which did is in the table <c>schemaversions</c>.</summary>
internal static class Migrator
{
    private const string Folder = "Presence.Adapters.Sql.Migrations.";

    /// <summary>The table as DbUp makes it.</summary>
    private const string Journal = """
        create table if not exists schemaversions (
            schemaversionsid serial not null primary key,
            scriptname character varying(255) not null,
            applied timestamp without time zone not null
        );
        """;

    /// <summary>Migrates; the caller sees to it that nobody else does at the same time.</summary>
    /// <exception cref="StoreStartException">A script failed; those before it are done.</exception>
    public static void Migrate(StorageOptions options)
    {
        var engine = Target(options)
            .WithScripts(Scripts(options.IsPostgreSql))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build();
        if (!options.Migrate)
        {
            RefuseIfBehind([.. engine.GetScriptsToExecute().Select(script => script.Name)]);
            return;
        }

        var result = engine.PerformUpgrade();
        if (!result.Successful)
        {
            throw new StoreStartException(
                $"the tables can't be brought to this version: {result.ErrorScript?.Name}: {OneLine.Of(result.Error.Message)}",
                result.Error
            );
        }
    }

    /// <summary>All scripts for PostgreSQL, as a person applies them with <c>psql</c>: each in a transaction, and remembered as the service itself would remember it. Those that were applied before are skipped by leaving them out.</summary>
    public static string PostgreSqlText() =>
        string.Join(
            '\n',
            Scripts(isPostgreSql: true)
                .Select(script =>
                    $"""
                        -- {script.Name}
                        begin;
                        {Journal}
                        {script.Contents.Trim()}
                        insert into schemaversions (scriptname, applied) values ('{script.Name}', now());
                        commit;

                        """
                )
        );

    private static void RefuseIfBehind(IReadOnlyList<string> missing)
    {
        if (missing.Count > 0)
        {
            throw new StoreStartException(
                $"the tables are not those of this version: apply {string.Join(", ", missing)}, which --schema prints, or write Presence:Storage:Migrate=true"
            );
        }
    }

    private static UpgradeEngineBuilder Target(StorageOptions options) =>
        options.IsPostgreSql
            ? DeployChanges.To.PostgresqlDatabase(PostgresSettings.ConnectionStringForScripts(options))
            : DeployChanges.To.SqliteDatabase(SqliteSettings.ConnectionString(options));

    /// <summary>By the names of their files: these are what the database remembers, so no file is ever renamed or changed once it was released.</summary>
    private static IEnumerable<SqlScript> Scripts(bool isPostgreSql)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var prefix = Folder + (isPostgreSql ? "PostgreSql." : "Sqlite.");
        return assembly
            .GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => SqlScript.FromStream(name[prefix.Length..], assembly.GetManifestResourceStream(name)!));
    }
}
