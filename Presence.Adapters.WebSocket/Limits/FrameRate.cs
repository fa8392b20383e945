using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Core.Errors;
using Presence.Core.Limits;

namespace Presence.Adapters.WebSocket.Limits;

/// <summary>How many frames a socket may send. A struct of 24 bytes, for there is one for each socket; not thread-safe.</summary>
internal struct FrameRate
{
    /// <summary>A frame that names so many users counts as one frame: each of them is looked up, and told of.</summary>
    private const int IdsPerFrame = 200;

    private Allowance _second;
    private Allowance _minute;
    private Allowance _refused;

    /// <summary>Counts a frame.</summary>
    /// <param name="command">What it asks for; null where it could not be read.</param>
    /// <param name="limits">How many there may be.</param>
    /// <param name="now">The time, in ticks since whenever.</param>
    /// <returns>Null where it may be done; else after how long it might, the limit's name, and whether the client has gone on regardless for too long.</returns>
    public OverRate? Take(IClientCommand? command, LimitOptions limits, long now)
    {
        var count = command is Subscribe subscribe ? 1 + ((subscribe.Users.Count - 1) / IdsPerFrame) : 1;
        // The server itself hands out many events at once, and each is acknowledged: only the longer rate counts those.
        var over = command is AckEvent ? null : _second.Take(limits.Frames, now, count);
        var limit = nameof(LimitOptions.FramesPerSecond);
        if (over is null)
        {
            over = _minute.Take(limits.FramesLong, now, count);
            limit = nameof(LimitOptions.FramesPerMinute);
        }

        return over is { } retryAfter ? new(retryAfter, limit, _refused.Take(limits.Refusals, now) is not null) : null;
    }
}

/// <summary>A frame over the rate.</summary>
/// <param name="RetryAfter">When it may be sent again.</param>
/// <param name="Limit">The option's name.</param>
/// <param name="IsTooMuch">Whether so many were refused that the socket is to be closed.</param>
internal readonly record struct OverRate(TimeSpan RetryAfter, string Limit, bool IsTooMuch)
{
    /// <summary>What the client is told.</summary>
    public Refusal Refusal => Refusal.RateLimited("more frames than a socket may send, see limits in connection_ack", RetryAfter);
}
