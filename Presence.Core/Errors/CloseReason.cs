namespace Presence.Core.Errors;

/// <summary>Why the server closes a socket: the code a client programs against, a text of at most 123 bytes (RFC 6455, 5.5), the word it is counted under.</summary>
/// <param name="Code">The WebSocket close code.</param>
/// <param name="Text">For a person; may change.</param>
/// <param name="Word">The label of the counter <c>disconnects</c>.</param>
public sealed record CloseReason(int Code, string Text, string Word)
{
    /// <summary>The client said goodbye.</summary>
    public static CloseReason Normal { get; } = new(1000, "goodbye", "normal");

    /// <summary>The connection broke without a goodbye. Never sent: it only counts.</summary>
    public static CloseReason Lost { get; } = new(1006, "connection lost", "lost");

    /// <summary>A frame that breaks the protocol of RFC 6455.</summary>
    public static CloseReason ProtocolError { get; } = new(1002, "protocol error", "protocol_error");

    /// <summary>A binary frame: the protocol is text.</summary>
    public static CloseReason Binary { get; } = new(1003, "text frames only", "binary");

    /// <summary>A text frame that is no UTF-8.</summary>
    public static CloseReason BadUtf8 { get; } = new(1007, "not UTF-8", "bad_utf8");

    /// <summary>A message over the limit.</summary>
    public static CloseReason TooLarge { get; } = new(1009, "message too large", "too_large");

    /// <summary>The server goes away; come back.</summary>
    public static CloseReason Restart { get; } = new(1012, "server is restarting", "restart");

    /// <summary>Something that the connection needs is out of reach; come back later.</summary>
    public static CloseReason TryAgainLater { get; } = new(1013, "try again later", "try_again_later");

    /// <summary>Too many malformed frames.</summary>
    public static CloseReason Malformed { get; } = new(4400, "too many malformed frames", "malformed");

    /// <summary>Not, or no longer, authenticated.</summary>
    public static CloseReason Unauthenticated { get; } = new(4401, "not authenticated", "unauthenticated");

    /// <summary>The client's token has expired, and it brought no other.</summary>
    public static CloseReason TokenExpired { get; } = new(4401, "the token has expired", "token_expired");

    /// <summary>The client's token is not taken any more.</summary>
    public static CloseReason TokenRevoked { get; } = new(4401, "the token was revoked", "token_revoked");

    /// <summary>Not allowed; also: the device was removed by its user or by a service.</summary>
    public static CloseReason Forbidden { get; } = new(4403, "not allowed", "forbidden");

    /// <summary>Nothing was heard for the heartbeat timeout.</summary>
    public static CloseReason HeartbeatMissed { get; } = new(4408, "heartbeat missed", "heartbeat_missed");

    /// <summary>A newer socket of the same user and device took over.</summary>
    public static CloseReason Replaced { get; } = new(4409, "replaced by a newer connection", "replaced");

    /// <summary>Over a rate limit.</summary>
    public static CloseReason RateLimited { get; } = new(4429, "rate limit", "rate_limited");

    /// <summary>The client reads too slowly, or the server has no room.</summary>
    public static CloseReason Overloaded { get; } = new(4503, "overloaded", "overloaded");
}
