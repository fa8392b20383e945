namespace Presence.Core.Errors;

/// <summary>Why something was not done: a value, not an exception, since the caller's mistake is an ordinary outcome.</summary>
/// <param name="Code">One of <see cref="ErrorCodes"/>.</param>
/// <param name="Message">For a person; may change.</param>
/// <param name="RetryAfter">When it may be tried again, where that is known.</param>
public sealed record Refusal(string Code, string Message, TimeSpan? RetryAfter = null)
{
    /// <summary>A field is missing, of the wrong type or out of range.</summary>
    public static Refusal InvalidPayload(string field, string what) => new(ErrorCodes.InvalidPayload, $"{field}: {what}");

    /// <summary>An id of the wrong type or form.</summary>
    public static Refusal InvalidId(string field) =>
        new(ErrorCodes.InvalidId, $"{field}: an id is a string of 1 to {Identifier.MaxLength} of A-Z a-z 0-9 . _ : @ -, and not . or ..");

    /// <summary>The caller does not take part in the conversation, or there is none: the two look alike.</summary>
    public static Refusal NotAParticipant { get; } = new(ErrorCodes.NotAParticipant, "only a participant of the conversation may do this");

    /// <summary>The node was paused for so long that another one may have taken its place: whatever it knows may be old.</summary>
    public static Refusal Replaced { get; } =
        new(ErrorCodes.Unavailable, "this node was paused and is not sure of what it knows, try again", TimeSpan.FromSeconds(1));

    /// <summary>What is needed is out of reach; nothing was promised.</summary>
    public static Refusal Unavailable { get; } =
        new(ErrorCodes.Unavailable, "the store is out of reach; nothing was promised, try again", TimeSpan.FromSeconds(2));

    /// <summary>The viewer asked about too many different users and conversations; it may again after that time.</summary>
    public static Refusal TooManyTargets(int anHour, TimeSpan retryAfter) =>
        RateLimited($"more than {anHour} different users and conversations in an hour", retryAfter);

    /// <summary>Too often, or too much at once; it may be tried again after that time.</summary>
    public static Refusal RateLimited(string what, TimeSpan retryAfter) => new(ErrorCodes.RateLimited, what, retryAfter);
}
