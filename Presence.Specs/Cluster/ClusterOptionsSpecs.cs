using System.Net;
using System.Net.Sockets;
using Presence.Actors;
using Presence.Host.Clustering;

namespace Presence.Specs.Cluster;

public sealed class ClusterOptionsSpecs
{
    private static readonly string[] Seeds = ["presence-0.presence:4053", "[fd00::1]:4053"];

    [Fact]
    public void By_default_a_node_is_a_cluster_of_its_own_on_this_machine()
    {
        var options = new ClusterOptions();

        options.Problems(sharedStore: false).ShouldBeEmpty();
        options.JoinsOthers.ShouldBeFalse();
        options.EffectiveBindAddress.ShouldBe("127.0.0.1");
        options.EffectiveRoles.ShouldBe(new ClusterRoles(true, true));
    }

    [Fact]
    public void Nodes_with_stable_names_are_seeds()
    {
        var options = new ClusterOptions
        {
            Host = "presence-1.presence",
            Port = 4053,
            SeedNodes = Seeds,
            AllowClearText = true,
        };

        options.Problems(sharedStore: true).ShouldBeEmpty();
        options.EffectiveBindAddress.ShouldBe("0.0.0.0");
    }

    public static TheoryData<ClusterOptions, string> Wrong =>
        new()
        {
            {
                new() { Host = "0.0.0.0" },
                "Cluster:Host is '0.0.0.0': write a name or an address"
            },
            {
                new() { Host = "" },
                "Cluster:Host is ''"
            },
            {
                new() { Port = 70_000 },
                "Cluster:Port is 70000: write a port"
            },
            {
                new() { BindAddress = "here" },
                "Cluster:BindAddress is 'here': write an address of this machine"
            },
            {
                new() { JoinTimeout = TimeSpan.Zero },
                "Cluster:JoinTimeout is 00:00:00"
            },
            {
                new() { SeedNodes = ["presence-0"] },
                "Cluster:SeedNodes has 'presence-0': write host:port"
            },
            {
                new() { SeedNodes = ["presence-0:0"] },
                "Cluster:SeedNodes has 'presence-0:0'"
            },
            {
                new()
                {
                    SeedNodes = ["a:1"],
                    Discovery = new() { Name = "b", Port = 1 },
                },
                "are both set: write one of them"
            },
            {
                new()
                {
                    Discovery = new() { Name = "b" },
                    MinimumMembers = 2,
                },
                "no port to reach the nodes at: write Presence:Cluster:Port"
            },
            {
                new()
                {
                    Discovery = new() { Name = "b", Port = 1 },
                },
                "Discovery:Name is set, and how many nodes there are can't be said by a name: write Presence:Cluster:MinimumMembers"
            },
            {
                new()
                {
                    Discovery = new() { Name = "b c", Port = 1 },
                    MinimumMembers = 2,
                },
                "Discovery:Name is 'b c': write a DNS name"
            },
            {
                new() { Roles = ["Gateway", "presence"] },
                "Cluster:Roles has 'Gateway': write gateway, presence, or none for both"
            },
            {
                new() { Roles = ["gateway"] },
                "there is no other node"
            },
            {
                new() { Tls = new() { Certificate = "/nowhere/node.pem" } },
                "Tls:Certificate is /nowhere/node.pem, and there is no such file"
            },
            {
                new() { Tls = new() { Authority = "/nowhere/ca.pem" } },
                "Tls:Certificate is not set: write Certificate, Key and Authority"
            },
            {
                new() { Host = "10.0.0.5" },
                "whoever connects would be a node: write Presence:Cluster:Tls:Certificate"
            },
            {
                new() { BindAddress = "0.0.0.0" },
                "whoever connects would be a node"
            },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_used_is_told_with_what_to_write_instead(ClusterOptions options, string message)
    {
        var problem = options.Problems(sharedStore: true).ShouldHaveSingleItem();

        problem.ShouldStartWith("Presence:Cluster:");
        problem.ShouldContain(message);
    }

    [Theory]
    [InlineData("127.0.0.1", AddressFamily.InterNetwork)]
    [InlineData("::1", AddressFamily.InterNetworkV6)]
    public async Task Addresses_that_are_looked_up_are_of_the_family_of_the_nodes_own(string host, AddressFamily family) =>
        (await ClusterEntry.Addresses("localhost", host)).ShouldAllBe(address => IPAddress.Parse(address).AddressFamily == family);

    [Fact]
    public async Task Any_address_is_looked_up_where_the_nodes_are_reached_by_names() =>
        (await ClusterEntry.Addresses("localhost", "presence-0.presence")).ShouldContain("127.0.0.1");

    [Fact]
    public void Several_nodes_cannot_share_a_file() =>
        new ClusterOptions { SeedNodes = ["a:1"] }
            .Problems(sharedStore: false)
            .ShouldHaveSingleItem()
            .ShouldContain("write Presence:Storage:Provider=postgresql");
}
