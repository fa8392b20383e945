using Presence.Core.Cluster;

namespace Presence.Adapters.Sql.Cluster;

/// <summary>The fence of a SQLite file: there is nobody to shut out, since the file's lock lets one process in.</summary>
internal sealed class FileNodeFence : INodeFence
{
    /// <inheritdoc/>
    public Task ShutOut(IReadOnlyCollection<string> nodes, CancellationToken cancellation) => Task.CompletedTask;
}
