namespace Presence.Core.Cluster;

/// <summary>Shuts nodes out of the store: one that was taken for dead and replaced may be alive, and wake.</summary>
/// <remarks>A store out of reach fails the task with <see cref="Errors.StoreUnavailableException"/>.</remarks>
public interface INodeFence
{
    /// <summary>From now on no write of those nodes is accepted, of whatever kind. Shut out is shut out: a node that starts again has a new name.</summary>
    /// <param name="nodes">The names of their lives, see <see cref="NodeName"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task ShutOut(IReadOnlyCollection<string> nodes, CancellationToken cancellation);
}

/// <summary>The name of one life of a node: a process that starts again has another one. Known to the store before the cluster knows the node, and to the cluster as a role.</summary>
/// <param name="Value">32 hexadecimal digits.</param>
public sealed record NodeName(string Value)
{
    /// <summary>What stands before the name in the role by which the members of a cluster know it.</summary>
    public const string RolePrefix = "life-";

    /// <summary>The role of that name.</summary>
    public string Role => RolePrefix + Value;

    /// <summary>A new life.</summary>
    public static NodeName New() => new(Guid.NewGuid().ToString("N"));
}
