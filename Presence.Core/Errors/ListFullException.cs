namespace Presence.Core.Errors;

/// <summary>A list of the directory would have more entries than it may: nothing was written.</summary>
public sealed class ListFullException : Exception
{
    /// <inheritdoc/>
    public ListFullException() { }

    /// <inheritdoc/>
    public ListFullException(string message)
        : base(message) { }

    /// <inheritdoc/>
    public ListFullException(string message, Exception innerException)
        : base(message, innerException) { }

    /// <summary>As a client is told.</summary>
    public Refusal Refusal => new(ErrorCodes.TooManyIds, Message);
}
