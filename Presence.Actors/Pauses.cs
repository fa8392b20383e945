namespace Presence.Actors;

/// <summary>How long to wait before something that was not answered is asked again: a second at first, then twice as long each time, so that what is out of reach is not asked by everybody each second for ever.</summary>
internal static class Pauses
{
    /// <summary>The longest, where nobody waits for the answer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>The longest, where a client does.</summary>
    public static readonly TimeSpan Short = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    /// <summary>The pause after so many that came before it. A message that was merely lost is sent again twice before the pauses grow; from then on each is up to a quarter longer, so that those who began together don't go on together.</summary>
    public static TimeSpan After(int pauses)
    {
        var pause = pauses < 2 ? First : First * Math.Pow(2, Math.Min(pauses - 1, 10)) * (1 + (Random.Shared.NextDouble() / 4));
        return pause < Longest ? pause : Longest;
    }
}

/// <summary>When something that was not answered is asked again.</summary>
internal sealed class Retry
{
    private int _pauses;
    private TimeSpan _pause;

    /// <summary>Whether it has been asked again so often that its answer is news: what was out of reach is back.</summary>
    public bool IsLong => _pauses > 2;

    /// <summary>It is asked now.</summary>
    public void Asked() => _pause = Pauses.After(_pauses++);

    /// <summary>Whether it is to be asked again.</summary>
    /// <param name="waited">How long ago it was asked.</param>
    /// <param name="awaited">Whether a client waits for the answer.</param>
    public bool IsDue(TimeSpan waited, bool awaited = false) => waited >= (awaited && _pause > Pauses.Short ? Pauses.Short : _pause);

    /// <summary>It was answered: the next question is asked again as soon as the first.</summary>
    public void Answered() => _pauses = 0;

    /// <summary>It is worth asking at once: something that was out of reach is back.</summary>
    public void Soon() => (_pauses, _pause) = (0, TimeSpan.Zero);
}
