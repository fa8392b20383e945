using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster;
using Presence.Actors;
using Presence.Actors.Identity;
using Presence.Actors.Users;
using Presence.Core.Identity;

namespace Presence.Specs.Nodes;

/// <summary>Tokens that were revoked at one node, at the others.</summary>
public sealed class RevocationSpecs : IAsyncLifetime
{
    private static readonly ClusterRoles Both = new(Gateway: true, Presence: true);
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(10);

    private readonly SharedStores _stores = new();
    private LocalNode _one = null!;
    private LocalNode _other = null!;

    public async Task InitializeAsync()
    {
        _one = await LocalNode.Start(_stores, Both);
        _one.Cluster.Join(_one.Cluster.SelfAddress);
        _other = await LocalNode.Start(_stores, Both);
        _other.Cluster.Join(_one.Cluster.SelfAddress);
        await Eventually(() => _other.Cluster.State.Members.Count(member => member.Status == MemberStatus.Up).ShouldBe(2));
        await Eventually(() => _one.Cluster.State.Members.Count(member => member.Status == MemberStatus.Up).ShouldBe(2));
    }

    public async Task DisposeAsync()
    {
        await _other.DisposeAsync();
        await _one.DisposeAsync();
    }

    [Fact]
    public async Task What_is_revoked_at_one_node_is_closed_and_refused_at_all_when_that_is_answered()
    {
        var here = _one.Connect("ann", "phone", Old());
        var there = _other.Connect("ann", "laptop", Old());
        var bob = _other.Connect("bob", "phone", Old() with { Subject = new("bob") });
        await Eventually(() => new[] { here, there, bob }.ShouldAllBe(client => client.IsReady));

        var news = _one.Actor<DirectoryNewsKey>();
        (await news.Ask<IAnswer>(new TokensRevoked([Ann()]), AskLimit)).ShouldBeOfType<Done>();

        _one.Revocations.Cover(Old(), new("ann"), null).ShouldBeTrue();
        _other.Revocations.Cover(Old(), new("ann"), null).ShouldBeTrue();
        await Eventually(() => here.Seen.ShouldContain("close 4401"));
        await Eventually(() => there.Seen.ShouldContain("close 4401"));
        bob.Seen.ShouldNotContain("close 4401");
    }

    [Fact]
    public async Task What_no_message_tells_is_read_in_the_store()
    {
        var ann = _other.Connect("ann", "phone", Old());
        await Eventually(() => ann.IsReady.ShouldBeTrue());

        await _stores.Revocations.Add(Ann(), CancellationToken.None);

        await Eventually(() => ann.Seen.ShouldContain("close 4401"));
        _other.Revocations.Cover(Old(), new("ann"), null).ShouldBeTrue();
    }

    [Fact]
    public async Task After_the_store_was_out_of_reach_what_was_said_meanwhile_is_read()
    {
        _stores.Revocations.IsDown = true;
        var ann = _other.Connect("ann", "phone", Old());
        await Eventually(() => ann.IsReady.ShouldBeTrue());
        _stores.Revocations.IsDown = false;
        await _stores.Revocations.Add(Ann(), CancellationToken.None);

        await Eventually(() => ann.Seen.ShouldContain("close 4401"));
    }

    private static Grant Old() =>
        new()
        {
            Subject = new("ann"),
            IssuedAt = DateTimeOffset.UtcNow.AddMinutes(-5),
            ExpiresAt = DateTimeOffset.UtcNow.AddHours(1),
        };

    private static Revocation Ann() => new(new("ann"), null, null, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));

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
            catch (ShouldAssertException) when (limit.Elapsed < TimeSpan.FromSeconds(30))
            {
                await Task.Delay(20);
            }
        }
    }
}
