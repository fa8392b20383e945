namespace Presence.Host;

/// <summary>How the service logs, by <c>appsettings.json</c> and by the settings at its start; and what no setting makes it log.</summary>
internal static class LogSettings
{
    private static readonly string Levels = string.Join(", ", Enum.GetNames<LogLevel>());

    /// <summary>Levels that there are not, each with what to write instead: the framework would end with a stack trace.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration) =>
        from section in configuration.GetSection("Logging").GetChildren().SelectMany(child => child.GetChildren().Prepend(child))
        where section.Key == "LogLevel"
        from level in section.GetChildren()
        where !string.IsNullOrEmpty(level.Value) && !Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _)
        select $"{level.Path} is {level.Value}: write one of {Levels}";

    /// <summary>What is left out.</summary>
    public static void Apply(ILoggingBuilder logging)
    {
        // Its lines have whole addresses, tickets too, whatever level is asked for.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", level => level >= LogLevel.Warning);
        // That a start failed is told in a line on standard error, and not by a stack trace before it.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => level >= LogLevel.Critical);
    }
}
