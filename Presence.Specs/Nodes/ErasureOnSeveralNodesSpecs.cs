using Akka.Actor;
using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Core.Users;

namespace Presence.Specs.Nodes;

/// <summary>A user is erased whose sockets, watchers and entity are on different nodes.</summary>
public sealed class ErasureOnSeveralNodesSpecs : IAsyncLifetime
{
    private static readonly ClusterRoles Both = new(Gateway: true, Presence: true);

    /// <summary>Enough that each of the nodes is home to some.</summary>
    private static readonly string[] Many = [.. Enumerable.Range(0, 8).Select(i => $"u{i}")];

    private readonly SharedStores _stores = new();
    private readonly List<LocalNode> _nodes = [];

    public async Task InitializeAsync()
    {
        _nodes.Add(await LocalNode.Start(_stores, Both));
        _nodes[0].Cluster.Join(_nodes[0].Cluster.SelfAddress);
        _nodes.Add(await LocalNode.Start(_stores, Both));
        await _nodes[1].Cluster.JoinAsync(_nodes[0].Cluster.SelfAddress);
        await Eventually(() => _nodes.ShouldAllBe(node => node.Cluster.State.Members.Count == 2));
    }

    public async Task DisposeAsync()
    {
        await _nodes[1].DisposeAsync();
        await _nodes[0].DisposeAsync();
    }

    [Fact]
    public async Task Its_sockets_close_and_its_watchers_see_offline_on_every_node_and_nothing_is_written_after()
    {
        foreach (var user in Many)
        {
            _stores.Pair("ann", user);
        }

        var watchers = _nodes.ConvertAll(node => node.Connect($"watcher-{_nodes.IndexOf(node)}"));
        watchers.ForEach(watcher => watcher.Says(new Subscribe([.. Many.Select(user => new UserId(user))])));
        var sockets = Many.SelectMany(user => _nodes.Select((node, i) => node.Connect(user, $"device-{i}"))).ToList();
        await Eventually(() => watchers.ShouldAllBe(watcher => Many.All(user => watcher.StatusOf(user) == "online")));

        foreach (var user in Many)
        {
            (await _nodes[1].Actor<UserRegion>().Ask<IAnswer>(new EraseUser(new(user)), TimeSpan.FromSeconds(20))).ShouldBe(Done.Instance);
        }

        await Eventually(() => sockets.ShouldAllBe(socket => socket.Seen.Any(word => word.Contains("4403"))));
        await Eventually(() => watchers.ShouldAllBe(watcher => Many.All(user => watcher.StatusOf(user) == "offline")));
        watchers.ForEach(watcher => watcher.Seen.ShouldNotContain(word => word.EndsWith("fell")));
        // Whatever the nodes still had to write of them comes before what they are told to write now.
        foreach (var node in _nodes)
        {
            await node.Leave();
        }

        Many.ShouldAllBe(user => !_stores.Knows(user));
    }

    private static async Task Eventually(Action holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                holds();
                return;
            }
            catch (ShouldAssertException) when (!patience.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
            }
        }
    }
}
