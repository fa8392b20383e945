using Presence.Core.Cluster;

namespace Presence.Host.Operations;

/// <summary>The secrets that all nodes share, read once, after the store was made ready.</summary>
internal sealed class SharedSecrets(ISecretStore store)
{
    private byte[]? _resumeTokens;

    /// <summary>With which resume tokens are sealed.</summary>
    public byte[] ResumeTokens => _resumeTokens ?? throw new InvalidOperationException("the secrets were not read yet");

    /// <summary>Reads them.</summary>
    public async Task Read(CancellationToken cancellation = default) => _resumeTokens = await store.Secret("resume-tokens", cancellation);
}
