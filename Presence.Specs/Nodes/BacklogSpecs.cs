using System.Diagnostics;
using Presence.Actors;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Specs.Nodes;

/// <summary>Much that waits for clients of a node on which no entities live.</summary>
public sealed class BacklogSpecs : IAsyncLifetime
{
    private static readonly string[] Receivers = [.. Enumerable.Range(0, 20).Select(i => $"r{i}")];

    private readonly SharedStores _stores = new();
    private readonly List<LocalNode> _nodes = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in Enumerable.Reverse(_nodes))
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Backlogs_of_events_all_arrive_in_order_and_a_change_is_seen_meanwhile()
    {
        var payload = new EventPayload($$"""{"text":"{{new string('x', 32_000)}}"}""");
        foreach (var number in Enumerable.Range(0, 100))
        {
            var posted = new PostedEvent(
                new($"e{number}"),
                "note",
                payload,
                null,
                DateTimeOffset.UtcNow,
                DateTimeOffset.UtcNow.AddDays(1),
                Durable: true
            );
            await ((IEventStore)_stores).Append(posted, [.. Receivers.Select(user => new UserId(user))], 100, CancellationToken.None);
        }

        _stores.Pair("ann", "bob");
        var gateway = await Join(new(Gateway: true, Presence: false));
        await Join(new(Gateway: false, Presence: true));
        var ann = gateway.Connect("ann");
        var bob = gateway.Connect("bob");
        await Eventually(() => (ann.StatusOf("bob"), bob.IsReady).ShouldBe(("online", true)), 30);

        var receivers = Receivers.Select(user => gateway.Connect(user)).ToList();
        await Eventually(() => receivers.ShouldContain(client => client.Events.Count > 0), 30);
        bob.Chooses(OnlineStatus.Busy);

        await Eventually(() => ann.StatusOf("bob").ShouldBe("busy"), 10);
        await Eventually(() => receivers.Min(client => client.Events.Count).ShouldBe(100), 60);
        receivers.ShouldAllBe(client => client.Events.SequenceEqual(Enumerable.Range(0, 100).Select(number => $"e{number}")));
        receivers.SelectMany(client => client.Seen).ShouldNotContain(word => word.StartsWith("close"));
    }

    private async Task<LocalNode> Join(ClusterRoles roles)
    {
        var node = await LocalNode.Start(_stores, roles);
        _nodes.Add(node);
        await node.Cluster.JoinAsync(_nodes[0].Cluster.SelfAddress);
        await Eventually(() => _nodes.ShouldAllBe(known => known.Cluster.State.Members.Count == _nodes.Count), 30);
        return node;
    }

    private static async Task Eventually(Action assertion, int seconds)
    {
        var limit = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                assertion();
                return;
            }
            catch (ShouldAssertException) when (limit.Elapsed < TimeSpan.FromSeconds(seconds))
            {
                await Task.Delay(20);
            }
        }
    }
}
