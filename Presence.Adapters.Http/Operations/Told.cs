using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Presence.Adapters.Http.Operations;

/// <summary>What a check of the service's health says to anybody who asks. A check's own description is for the log alone: it may name what is inside.</summary>
public static class Told
{
    private const string Key = "told";

    /// <summary>A result with a sentence for everybody.</summary>
    public static HealthCheckResult As(HealthStatus status, string sentence) =>
        new(status, sentence, exception: null, new Dictionary<string, object> { [Key] = sentence });

    internal static string? In(HealthReportEntry entry) => entry.Data.GetValueOrDefault(Key) as string;
}
