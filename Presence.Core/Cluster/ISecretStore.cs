namespace Presence.Core.Cluster;

/// <summary>Secrets that all nodes share and nobody has to configure.</summary>
/// <remarks>A store out of reach fails the task with <see cref="Errors.StoreUnavailableException"/>.</remarks>
public interface ISecretStore
{
    /// <summary>The secret of that name, 32 bytes; whoever asks first makes it, at random.</summary>
    Task<byte[]> Secret(string name, CancellationToken cancellation);
}
