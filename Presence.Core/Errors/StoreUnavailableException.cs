namespace Presence.Core.Errors;

/// <summary>The store is out of reach, locked, read-only or full: nothing was written. It may be back.</summary>
public sealed class StoreUnavailableException : Exception
{
    /// <inheritdoc/>
    public StoreUnavailableException() { }

    /// <inheritdoc/>
    public StoreUnavailableException(string message)
        : base(message) { }

    /// <inheritdoc/>
    public StoreUnavailableException(string message, Exception innerException)
        : base(message, innerException) { }
}
