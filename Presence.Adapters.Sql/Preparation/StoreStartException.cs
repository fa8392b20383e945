namespace Presence.Adapters.Sql;

/// <summary>The store can't be used, so the service doesn't start. The message is one line for a person: what is wrong, and what to do.</summary>
public sealed class StoreStartException : Exception
{
    /// <inheritdoc/>
    public StoreStartException() { }

    /// <inheritdoc/>
    public StoreStartException(string message)
        : base(message) { }

    /// <inheritdoc/>
    public StoreStartException(string message, Exception innerException)
        : base(message, innerException) { }
}
