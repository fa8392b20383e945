namespace Presence.Adapters.Sql.Users;

/// <summary>Times as both databases keep them: whole microseconds since 1970, in UTC.</summary>
internal static class Times
{
    /// <summary>The number of the column.</summary>
    public static long Micros(this DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The time of the number.</summary>
    public static DateTimeOffset Time(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
}
