using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster;
using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Privacy;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Nodes;

/// <summary>Several nodes, joined to each other, over one store: what a client sees at one of them of those at the others.</summary>
public sealed class SeveralNodesSpecs : IAsyncLifetime
{
    private static readonly ClusterRoles Both = new(Gateway: true, Presence: true);
    private static readonly ClusterRoles Gateway = new(Gateway: true, Presence: false);
    private static readonly ClusterRoles Home = new(Gateway: false, Presence: true);

    /// <summary>Enough that each of two or three nodes is home to some.</summary>
    private static readonly string[] Many = [.. Enumerable.Range(0, 12).Select(i => $"u{i}")];

    private readonly SharedStores _stores = new();
    private readonly List<LocalNode> _nodes = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        // The oldest last: it need not hand over what is about to stop.
        foreach (var node in Enumerable.Reverse(_nodes))
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Watchers_on_one_node_see_what_users_on_another_do_and_typing_reaches_them()
    {
        foreach (var user in Many)
        {
            _stores.Pair("ann", user);
        }

        _stores.Participants("room", ["ann", "bob", .. Many]);
        var (one, other) = await Two(Both, Both);
        var ann = await Connected(one, "ann");
        var users = await ConnectAll(other, Many);
        await Eventually(() => Many.ShouldAllBe(user => ann.StatusOf(user) == "online"));

        users.ForEach(user => user.Chooses(OnlineStatus.Busy));
        users[0].Says(new TypeIn(new(new("room"), IsTyping: true)));

        await Eventually(() => Many.ShouldAllBe(user => ann.StatusOf(user) == "busy"));
        await Eventually(() => ann.Seen.ShouldContain("u0 types"));
        ann.Seen.ShouldNotContain(word => word.EndsWith("fell"));
        ann.Seen.ShouldNotContain(word => word.EndsWith("offline"));
        await StatsNameAllNodes(other, connections: 1 + Many.Length);
    }

    [Fact]
    public async Task A_conversation_that_is_large_over_all_nodes_goes_to_those_who_watch_it_on_each()
    {
        string[] here = [.. Enumerable.Range(0, 51).Select(i => $"h{i}")];
        string[] there = [.. Enumerable.Range(0, 51).Select(i => $"t{i}")];
        _stores.Participants("room", [.. here, .. there]);
        var (one, other) = await Two(Both, Both);
        var (atOne, atOther) = (await ConnectAll(one, here), await ConnectAll(other, there));
        var watcher = atOther[50];
        watcher.Says(new WatchConversation(new("room")));
        await Eventually(() => watcher.Answers.Count.ShouldBe(2));

        // Until both nodes have told who is there it is large to neither; a typist each round, until one goes to the watcher alone.
        var round = 0;
        await Eventually(async () =>
        {
            var typist = atOne[round++ % 50];
            typist.Says(new TypeIn(new(new("room"), IsTyping: true)));
            await Eventually(() => watcher.Seen.ShouldContain($"{typist.User} types"));
            atOther.Count(client => client.Seen.Contains($"{typist.User} types")).ShouldBe(1);
            atOne.ShouldAllBe(client => !client.Seen.Contains($"{typist.User} types"));
        });
    }

    [Fact]
    public async Task A_node_that_takes_clients_alone_serves_those_whose_entities_live_elsewhere_and_own_devices_see_each_others_choices()
    {
        _stores.Pair("ann", "bob");
        var (gateway, _) = await Two(Gateway, Home);
        var phone = await Connected(gateway, "ann", "phone");
        var laptop = await Connected(gateway, "ann", "laptop");
        var bob = await Connected(gateway, "bob");
        await Eventually(() => bob.StatusOf("ann").ShouldBe("online"));

        phone.Chooses(OnlineStatus.Busy);

        await Eventually(() => phone.Answers.ShouldHaveSingleItem());
        phone.Answers.OfType<RefusedAnswer>().Select(answer => answer.Refusal).ShouldBeEmpty();
        await Eventually(() => bob.StatusOf("ann").ShouldBe("busy"));
        await Eventually(() => laptop.Seen.ShouldContain("ann busy"));
        phone.Seen.ShouldNotContain("ann busy");
        gateway.Counters.Devices.ShouldBe(0);
    }

    [Fact]
    public async Task Contacts_that_are_changed_on_one_node_take_effect_on_all_and_the_answer_waits_for_it()
    {
        var (one, other) = await Two(Both, Both);
        var ann = await Connected(one, "ann");
        await ConnectAll(other, Many);
        foreach (var user in Many)
        {
            _stores.Pair("ann", user);
        }

        _stores.Contacts.Hold();
        var changed = new ContactsChanged([new("ann"), .. Many.Select(user => new UserId(user))]);
        var answer = other.Actor<DirectoryNewsKey>().Ask<IAnswer>(changed, TimeSpan.FromSeconds(20));
        // Asked again, it would be answered by the nodes that need not read anything.
        await other.Actor<StatsKey>().Ask<ClusterStats>(GetClusterStats.Instance);
        answer.IsCompleted.ShouldBeFalse();
        _stores.Contacts.Release();

        (await answer).ShouldBe(Done.Instance);
        await Eventually(() => Many.ShouldAllBe(user => ann.StatusOf(user) == "online"));
    }

    [Fact]
    public async Task A_planned_leave_is_seen_by_nobody_and_its_entities_answer_elsewhere()
    {
        foreach (var user in Many)
        {
            _stores.Pair("ann", user);
        }

        var (one, other) = await Two(Both, Both);
        var third = await Join(Both);
        var ann = await Connected(one, "ann");
        var users = await ConnectAll(other, Many);
        await Eventually(() => Many.ShouldAllBe(user => ann.StatusOf(user) == "online"));
        await Eventually(() => Many.ShouldAllBe(user => _stores.KnowsConnected(user)));

        await third.Leave();

        await Eventually(() => one.Cluster.State.Members.Count.ShouldBe(2));
        users.ForEach(user => user.Chooses(OnlineStatus.Busy));
        await Eventually(() => Many.ShouldAllBe(user => ann.StatusOf(user) == "busy"));
        ann.Seen.ShouldNotContain(word => word.EndsWith("offline"));
        ann.Seen.ShouldNotContain(word => word.EndsWith("fell"));
        users.ShouldAllBe(user => user.Seen.All(word => !word.StartsWith("close")));
        _stores.AreShutOut.ShouldBeEmpty();
    }

    [Fact]
    public async Task Mail_that_was_lost_makes_the_hub_ask_anew_and_mail_of_no_member_is_refused()
    {
        _stores.Pair("ann", "bob");
        var (gateway, home) = await Two(Gateway, Home);
        var ann = await Connected(gateway, "ann");
        var bob = await Connected(gateway, "bob");
        await Eventually(() => ann.StatusOf("bob").ShouldBe("online"));
        using var refused = new Counted(gateway.Counters.RefusedEpochs);
        using var asked = new Counted(gateway.Counters.Resubscriptions);
        var courier = gateway.Actor<CourierKey>();
        var sender = await Seen(gateway, home);

        var lie = new PresenceRecord(new("bob")) { Version = long.MaxValue / 2 };
        var changed = new PresenceChanged(lie, PrivacyRule.Default, null, lie.Version, DateTimeOffset.UnixEpoch, long.MaxValue / 2);
        courier.Tell(new HubMail(home.Cluster.SelfUniqueAddress.Uid + 1, 1, 0, [new(sender, changed)]), sender);
        await Eventually(() => refused.Sum.ShouldBe(1));
        asked.Sum.ShouldBe(0);
        courier.Tell(new HubMail(home.Cluster.SelfUniqueAddress.Uid, 1_000_000, 0, []), sender);

        await Eventually(() => asked.Sum.ShouldBeGreaterThanOrEqualTo(2));
        bob.Chooses(OnlineStatus.Busy);
        await Eventually(() => ann.StatusOf("bob").ShouldBe("busy"));
        ann.Seen.ShouldBe(["bob online", "bob busy"]);
    }

    [Fact]
    public async Task A_node_that_was_paused_is_vouched_for_by_its_peers_and_tells_then_what_it_held_back()
    {
        _stores.Pair("ann", "bob");
        var (gateway, home) = await Two(Gateway, Home);
        var ann = await Connected(gateway, "ann");
        var bob = await Connected(gateway, "bob");

        home.Pulse.Advance(NodeStanding.LongestBeat * 2);
        home.Standing.TakePulse();
        bob.Chooses(OnlineStatus.Busy);

        await Eventually(() => ann.StatusOf("bob").ShouldBe("busy"));
        home.Standing.MaySpeak.ShouldBeTrue();
    }

    /// <summary>A node that joined late is home to some as soon as the shards have been balanced.</summary>
    private static Task StatsNameAllNodes(LocalNode node, int connections) =>
        Eventually(async () =>
        {
            var stats = await node.Actor<StatsKey>().Ask<ClusterStats>(GetClusterStats.Instance, TimeSpan.FromSeconds(10));
            stats.Nodes.Select(each => each.Node).Distinct().Count().ShouldBe(2);
            stats.Nodes.Sum(each => each.Connections).ShouldBe(connections);
            stats.Nodes.Sum(each => each.UsersOnline).ShouldBe(connections);
            stats.Nodes.ShouldAllBe(each => each.UsersOnline > 0);
        });

    private async Task<(LocalNode One, LocalNode Other)> Two(ClusterRoles one, ClusterRoles other) => (await Join(one), await Join(other));

    private async Task<LocalNode> Join(ClusterRoles roles)
    {
        var node = await LocalNode.Start(_stores, roles);
        _nodes.Add(node);
        node.Cluster.Join(_nodes[0].Cluster.SelfAddress);
        await Eventually(() =>
            _nodes.ShouldAllBe(each => each.Cluster.State.Members.Count(member => member.Status == MemberStatus.Up) == _nodes.Count)
        );
        return node;
    }

    private static async Task<NodeClient> Connected(LocalNode node, string user, string device = "phone")
    {
        var client = node.Connect(user, device);
        await Eventually(() => client.IsReady.ShouldBeTrue());
        return client;
    }

    private static async Task<List<NodeClient>> ConnectAll(LocalNode node, IEnumerable<string> users)
    {
        var clients = users.Select(user => node.Connect(user)).ToList();
        await Eventually(() => clients.ShouldAllBe(client => client.IsReady));
        return clients;
    }

    /// <summary>The courier of a node, as it is seen from another one.</summary>
    private static async Task<IActorRef> Seen(LocalNode from, LocalNode node)
    {
        var path = new RootActorPath(node.Cluster.SelfAddress) / "user" / CourierActor.Name;
        return await from.System.ActorSelection(path).ResolveOne(TimeSpan.FromSeconds(10));
    }

    /// <summary>Looks until it is so: real nodes take their time, and more of it on a busy machine.</summary>
    private static Task Eventually(Action assertion) =>
        Eventually(() =>
        {
            assertion();
            return Task.CompletedTask;
        });

    private static async Task Eventually(Func<Task> assertion)
    {
        var limit = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await assertion();
                return;
            }
            catch (ShouldAssertException) when (limit.Elapsed < TimeSpan.FromSeconds(30))
            {
                await Task.Delay(20);
            }
        }
    }
}
