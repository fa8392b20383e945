namespace Presence.Core.Limits;

/// <summary>How often something may be done: so much at once, and from then on so much a time.</summary>
/// <param name="Burst">At once.</param>
/// <param name="Count">From then on, each <paramref name="Per"/>.</param>
/// <param name="Per">The time.</param>
public readonly record struct Rate(int Burst, int Count, TimeSpan Per)
{
    /// <summary>How long one takes to be allowed again, in ticks.</summary>
    internal long Interval => Math.Max(1, Per.Ticks / Count);

    /// <summary>So much at once, and so much a second.</summary>
    public static Rate PerSecond(int burst, int count) => new(burst, count, TimeSpan.FromSeconds(1));
}

/// <summary>What is left of a <see cref="Rate"/>: a token bucket in eight bytes (the generic cell rate algorithm, ITU-T I.371), since there is one for every socket and user.</summary>
/// <remarks>Not thread-safe. Its time is given, and so may be a virtual one: the framework's limiters read the machine's clock, and weigh some hundred bytes each.</remarks>
public record struct Allowance
{
    private long _fullAt;

    /// <summary>Whether nothing is taken from it by that time: then it is as good as a new one.</summary>
    public readonly bool IsFull(long now) => _fullAt <= now;

    /// <summary>Takes from it, if so much is left; else nothing.</summary>
    /// <param name="rate">What it is an allowance of.</param>
    /// <param name="now">The time, in ticks since whenever.</param>
    /// <param name="count">How much; more than the burst counts as the burst, or it would never be allowed.</param>
    /// <returns>Null where it is allowed; else after how long it would be.</returns>
    public TimeSpan? Take(Rate rate, long now, int count = 1)
    {
        var fullAt = Math.Max(_fullAt, now) + (rate.Interval * Math.Min(count, rate.Burst));
        var over = fullAt - now - (rate.Interval * rate.Burst);
        if (over > 0)
        {
            return TimeSpan.FromTicks(over);
        }

        _fullAt = fullAt;
        return null;
    }
}
