namespace Presence.Core.Users;

/// <summary>The versions of a user's record: they grow over restarts and moves without a write, since they follow the clock that all nodes share.</summary>
public static class Versions
{
    /// <summary>The next version after <paramref name="last"/>: the shared time, or one more than the last where two changes fall on one microsecond. Below 2^53 until the year 2255.</summary>
    public static long Next(long last, long shared) => Math.Max(last + 1, shared);

    /// <summary>The next version after <paramref name="last"/> at that moment.</summary>
    public static long Next(long last, Moment now) => Next(last, now.Shared);

    /// <summary>A time in microseconds since 1970, as versions are counted.</summary>
    public static long Of(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The time of which <see cref="Of"/> made that number.</summary>
    public static DateTimeOffset TimeOf(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
}
