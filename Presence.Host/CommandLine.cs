using Presence.Actors;
using Presence.Adapters.Sql;

namespace Presence.Host;

/// <summary>What is asked on the command line and answered without a start.</summary>
internal static class CommandLine
{
    private const string Help = """
        Presence knows who is there, on which device, in what mood and who is typing, and tells exactly those who may know.

        usage: dotnet Presence.Host.dll [--KEY=VALUE …]

          --help       this
          --version    the version
          --schema     the tables of PostgreSQL as SQL, for who applies them by hand
          --KEY=VALUE  a setting, such as --Urls=http://127.0.0.1:9000 or --Presence:OfflineGrace=00:00:05;
                       in the environment with __ for : (Presence__OfflineGrace=00:00:05)

        Without a setting it serves on http://127.0.0.1:8085, with its data in ./data/presence.db.
        Settings that are wrong end it with exit code 1, and a line each that says what to write instead.
        All settings: README.md and docs/limits.md.

        """;

    /// <summary>The answer; null: it is to be started.</summary>
    public static string? AnswerTo(string[] args) =>
        args switch
        {
            ["--schema"] => StorePreparation.PostgreSqlSchema,
            ["--version"] => $"{NodeCounters.Version}{Environment.NewLine}",
            _ when args.Any(arg => arg is "--help" or "-h" or "-?" or "/?") => Help,
            _ => null,
        };
}
