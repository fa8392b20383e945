using System.Diagnostics;
using Akka.Cluster;
using Presence.Actors;
using Presence.Core.Users;

namespace Presence.Specs.Nodes;

/// <summary>Two nodes whose wall clocks are apart: who comes back is told what it missed, and nobody's version goes back.</summary>
public sealed class ClocksApartSpecs : IAsyncLifetime
{
    private static readonly ClusterRoles Gateway = new(Gateway: true, Presence: false);
    private static readonly ClusterRoles Home = new(Gateway: false, Presence: true);

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

    [Theory]
    [InlineData(-3, false)]
    [InlineData(-10, false)]
    [InlineData(-3600, false)]
    [InlineData(10, false)]
    [InlineData(-10, true)]
    [InlineData(10, true)]
    public async Task Who_comes_back_is_told_of_a_change_on_a_node_whose_clock_is_apart(int seconds, bool wasSet)
    {
        _stores.Pair("ann", "bob");
        var gateway = await Join(Gateway);
        var home = await Join(Home, wasSet ? TimeSpan.Zero : TimeSpan.FromSeconds(seconds));
        home.Clock.SetForward = TimeSpan.FromSeconds(seconds);
        var bob = await Connected(gateway, "bob");
        var before = await Connected(gateway, "ann");
        await Eventually(() => before.StatusOf("bob").ShouldBe("online"));
        await Eventually(() => before.ComesBack.Cursor.Time.ShouldBeGreaterThan(before.VersionOf("bob")));
        var resume = before.ComesBack;
        before.Ends();
        bob.Chooses(OnlineStatus.Busy);
        await Eventually(() => bob.Answers.ShouldHaveSingleItem());

        var ann = gateway.Connect("ann", resume: resume);

        await Eventually(() =>
            ann.StatusOf("bob")
                .ShouldBe(
                    "busy",
                    $"resumed: {ann.IsResumed}, ready: {ann.IsReady}, saw {string.Join(", ", ann.Seen)}, cursor {resume.Cursor.Time}, answer {bob.Answers.Single()}, first {before.VersionOf("bob")}"
                )
        );
        ann.IsResumed.ShouldBe(true);
        ann.Seen.ShouldNotContain(word => word.EndsWith("fell"));
        home.Standing.MaySpeak.ShouldBeTrue();
    }

    [Fact]
    public async Task A_clock_that_is_set_back_on_one_node_stops_neither_the_cursors_nor_what_is_told()
    {
        _stores.Pair("ann", "bob");
        var gateway = await Join(Gateway);
        var home = await Join(Home);
        var bob = await Connected(gateway, "bob");
        var ann = await Connected(gateway, "ann");
        await Eventually(() => ann.StatusOf("bob").ShouldBe("online"));

        home.Clock.SetForward = -TimeSpan.FromHours(1);
        bob.Chooses(OnlineStatus.Busy);
        await Eventually(() => ann.StatusOf("bob").ShouldBe("busy"));
        var cursor = gateway.Seen.Time;
        await Eventually(() => gateway.Seen.Time.ShouldBeGreaterThan(cursor + 3_000_000));

        bob.Answers.ShouldHaveSingleItem();
        ann.Seen.ShouldNotContain(word => word.EndsWith("fell"));
    }

    private async Task<LocalNode> Join(ClusterRoles roles, TimeSpan clockAhead = default)
    {
        var node = await LocalNode.Start(_stores, roles, clockAhead);
        _nodes.Add(node);
        node.Cluster.Join(_nodes[0].Cluster.SelfAddress);
        await Eventually(() =>
            _nodes.ShouldAllBe(each => each.Cluster.State.Members.Count(member => member.Status == MemberStatus.Up) == _nodes.Count)
        );
        return node;
    }

    private static async Task<NodeClient> Connected(LocalNode node, string user)
    {
        var client = node.Connect(user);
        await Eventually(() => client.IsReady.ShouldBeTrue());
        return client;
    }

    private static async Task Eventually(Action assertion)
    {
        var limit = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                assertion();
                return;
            }
            catch (ShouldAssertException) when (limit.Elapsed < TimeSpan.FromSeconds(20))
            {
                await Task.Delay(20);
            }
        }
    }
}
