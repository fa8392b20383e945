namespace Presence.Core.Cluster;

/// <summary>How it stands with what is to be stored.</summary>
public enum WriteHealth
{
    /// <summary>It is stored.</summary>
    Works,

    /// <summary>It can't be stored: the disk is full, the store is read-only, locked or out of reach. All nodes that share the store are likely to find the same.</summary>
    Fails,

    /// <summary>The store takes nothing from this node, which was replaced; from others it does.</summary>
    ShutOut,
}

/// <summary>Whether durable writes succeed.</summary>
public interface IWriteHealth
{
    /// <summary>By the latest write; where none was lately, or it failed, by one that is made for it.</summary>
    Task<WriteHealth> Check();
}
