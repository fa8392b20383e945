namespace Presence.Core.Users;

/// <summary>The versions of a user's record: they grow over restarts and moves without a write, since they follow the clock.</summary>
public static class Versions
{
    /// <summary>The next version after <paramref name="last"/>: the time in microseconds since 1970, or one more than the last where the clock stands or went back. Below 2^53 until the year 2255.</summary>
    public static long Next(long last, DateTimeOffset now) =>
        Math.Max(last + 1, (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
}
