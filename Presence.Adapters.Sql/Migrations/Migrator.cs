using System.Reflection;
using DbUp;
using DbUp.Builder;
using DbUp.Engine;

namespace Presence.Adapters.Sql.Migrations;

/// <summary>Brings the tables to this program's version, script after script; each runs once, and which did is in the table <c>schemaversions</c>.</summary>
internal static class Migrator
{
    private const string Folder = "Presence.Adapters.Sql.Migrations.";

    /// <summary>Migrates; the caller sees to it that nobody else does at the same time.</summary>
    /// <exception cref="StoreStartException">A script failed; those before it are done.</exception>
    public static void Migrate(StorageOptions options)
    {
        var result = Target(options)
            .WithScripts(Scripts(options))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build()
            .PerformUpgrade();
        if (!result.Successful)
        {
            throw new StoreStartException(
                $"the tables can't be brought to this version: {result.ErrorScript?.Name}: {OneLine.Of(result.Error.Message)}",
                result.Error
            );
        }
    }

    private static UpgradeEngineBuilder Target(StorageOptions options) =>
        options.IsPostgreSql
            ? DeployChanges.To.PostgresqlDatabase(PostgresSettings.ConnectionStringForMigrations(options))
            : DeployChanges.To.SqliteDatabase(SqliteSettings.ConnectionString(options));

    /// <summary>By the names of their files: these are what the database remembers, so no file is ever renamed or changed once it was released.</summary>
    private static IEnumerable<SqlScript> Scripts(StorageOptions options)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var prefix = Folder + (options.IsPostgreSql ? "PostgreSql." : "Sqlite.");
        return assembly
            .GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => SqlScript.FromStream(name[prefix.Length..], assembly.GetManifestResourceStream(name)!));
    }
}
