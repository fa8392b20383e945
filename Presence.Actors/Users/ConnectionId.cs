namespace Presence.Actors.Users;

/// <summary>Names one connection over all nodes and their lives. Not a secret.</summary>
public readonly record struct ConnectionId(Guid Value)
{
    /// <summary>A new one.</summary>
    public static ConnectionId New() => new(Guid.NewGuid());

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("N");
}
