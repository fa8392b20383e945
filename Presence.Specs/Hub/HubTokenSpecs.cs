using Akka.Actor;
using Presence.Actors.Hub;
using Presence.Actors.Identity;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Hub;

/// <summary>What the hub makes of the end of tokens, and of their revocation.</summary>
public sealed class HubTokenSpecs : ActorSpec
{
    private static readonly TokenTimes Times = TokenTimes.Default;

    [Fact]
    public void A_client_is_told_before_its_token_ends_and_its_socket_ends_after_it()
    {
        World.Pair("ann", "bob");
        var bob = World.Connect("bob");
        var ann = World.Connect("ann", grant: Ending(120));

        World.Advance(59);
        Told(ann).ShouldBeEmpty();
        World.Advance(2);
        Told(ann).ShouldHaveSingleItem().ShouldBe(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1));

        bob.LastHeard = World.Time.GetTimestamp();
        Lives(ann, 60 + Times.Grace.TotalSeconds - 2);
        ann.Closed.ShouldBeNull();
        World.Advance(2);
        ann.Closed.ShouldBe(CloseReason.TokenExpired);
        ann.Closed!.Code.ShouldBe(4401);
        Told(ann).Count.ShouldBe(1);
        bob.Closed.ShouldBeNull();
        World.Advance(Options.OfflineGrace + TimeSpan.FromSeconds(1));
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
    }

    [Fact]
    public void It_is_closed_within_a_second_of_its_grace_and_not_before()
    {
        var ann = World.Connect("ann", grant: Ending(5));

        World.Advance(5 + Times.Grace.TotalSeconds - 0.1);
        ann.Closed.ShouldBeNull();
        World.Advance(1);
        ann.Closed.ShouldBe(CloseReason.TokenExpired);
    }

    [Fact]
    public void Where_less_is_left_than_the_notice_it_is_told_at_once()
    {
        var ann = World.Connect("ann", grant: Ending(20));

        World.Advance(0.3);

        Told(ann).ShouldHaveSingleItem().ShouldBe(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Nothing_is_told_before_the_first_snapshot()
    {
        World.Pair("ann", "bob");
        World.Own("ann");
        World.Store.Gate.Hold();
        var ann = World.Connect("ann", grant: Ending(20));
        World.Advance(0.5);
        ann.Words.ShouldNotContain(nameof(TokenExpiring));

        World.Store.Gate.Release();

        ann.Words.Where(word => word != "flush").ShouldBe(["welcome", "snapshot", nameof(TokenExpiring)]);
    }

    [Fact]
    public void A_fresh_token_moves_the_end_and_is_told_of_anew()
    {
        var ann = World.Connect("ann", grant: Ending(61));
        World.Advance(30);
        Told(ann).Count.ShouldBe(1);

        Renews(ann, Ending(300));
        Lives(ann, 200);
        ann.Closed.ShouldBeNull();
        Told(ann).Count.ShouldBe(1);
        Lives(ann, 41);
        Told(ann).Count.ShouldBe(2);
        Lives(ann, 71);
        ann.Closed.ShouldBe(CloseReason.TokenExpired);
    }

    [Fact]
    public void A_fresh_token_that_ends_earlier_counts_too()
    {
        var ann = World.Connect("ann", grant: Ending(3_000));

        Renews(ann, Ending(30));
        World.Advance(0.3);
        Told(ann).Count.ShouldBe(1);
        World.Advance(40.5);

        ann.Closed.ShouldBe(CloseReason.TokenExpired);
    }

    [Fact]
    public void Each_of_many_has_its_own_end()
    {
        var clients = Enumerable.Range(1, 20).Select(i => (Ends: i, Client: World.Connect($"u{i}", grant: Ending(i)))).ToList();

        for (var second = 1; second <= 30; second++)
        {
            World.Advance(1);
            foreach (var (ends, client) in clients)
            {
                var over = second - ends - Times.Grace.TotalSeconds;
                (client.Closed is not null).ShouldBe(over >= 0 && (over > 0 || client.Closed is not null), $"{ends} at {second}");
            }
        }

        World.Advance(1);
        clients.ShouldAllBe(each => each.Client.Closed == CloseReason.TokenExpired);
    }

    [Fact]
    public void A_listener_ends_with_its_token_too()
    {
        var listener = new FakeConnection(World, new("ann"), null, SnapshotKind.NotOffline) { Grant = Ending(5) };
        World.Hub.Tell(new OpenConnection(listener), ActorRefs.NoSender);

        World.Advance(16);

        listener.Closed.ShouldBe(CloseReason.TokenExpired);
    }

    [Fact]
    public void Who_came_by_no_token_is_told_of_none()
    {
        var ann = World.Connect("ann");
        Lives(ann, 600);
        Told(ann).ShouldBeEmpty();
        ann.Closed.ShouldBeNull();
    }

    [Fact]
    public void What_was_opened_by_revoked_tokens_is_closed_and_nothing_else()
    {
        var old = World.Connect("ann", "phone", grant: Issued(-10, "t1"));
        var fresh = World.Connect("ann", "laptop", grant: Issued(10, "t2"));
        var without = World.Connect("ann", "tablet");
        var bob = World.Connect("bob", grant: Issued(-10, "t3"));

        Revoke(new Revocation(new("ann"), null, null, World.Now, World.Now.AddDays(1)));

        old.Closed.ShouldBe(CloseReason.TokenRevoked);
        without.Closed.ShouldBe(CloseReason.TokenRevoked);
        fresh.Closed.ShouldBeNull();
        bob.Closed.ShouldBeNull();
    }

    [Fact]
    public void A_device_and_a_token_can_be_revoked_alone()
    {
        var phone = World.Connect("ann", "phone", grant: Issued(-10, "t1"));
        var laptop = World.Connect("ann", "laptop", grant: Issued(-10, "t1"));
        var bob = World.Connect("bob", grant: Issued(-10, "t2"));

        Revoke(new Revocation(new("ann"), new("phone"), null, World.Now, World.Now.AddDays(1)));
        phone.Closed.ShouldBe(CloseReason.TokenRevoked);
        laptop.Closed.ShouldBeNull();

        Revoke(new Revocation(null, null, "t2", World.Now, World.Now.AddDays(1)));
        bob.Closed.ShouldBe(CloseReason.TokenRevoked);
        laptop.Closed.ShouldBeNull();
    }

    [Fact]
    public void What_a_service_opened_for_a_user_is_closed_with_the_services_tokens()
    {
        var forAnn = World.Connect("ann", grant: Issued(-10, "t1") with { Subject = new("backend") });
        var own = World.Connect("bob", grant: Issued(-10, "t2") with { Subject = new("bob") });

        Revoke(new Revocation(new("backend"), null, null, World.Now, World.Now.AddDays(1)));

        forAnn.Closed.ShouldBe(CloseReason.TokenRevoked);
        own.Closed.ShouldBeNull();
    }

    [Fact]
    public void A_connection_that_was_on_its_way_while_its_token_was_revoked_is_closed()
    {
        Revoke(new Revocation(null, null, "t1", World.Now, World.Now.AddDays(1)));

        var ann = World.Connect("ann", grant: Issued(-10, "t1"));

        ann.Closed.ShouldBe(CloseReason.TokenRevoked);
        ann.IsWelcomed.ShouldBeFalse();
        World.Seen("ann").OnlineStatus.ShouldBe(OnlineStatus.Offline);
    }

    private Grant Ending(double seconds) => new() { Subject = new("ann"), ExpiresAt = World.Now.AddSeconds(seconds) };

    private Grant Issued(double seconds, string id) =>
        new()
        {
            TokenId = id,
            IssuedAt = World.Now.AddSeconds(seconds),
            ExpiresAt = World.Now.AddHours(1),
        };

    private static List<TimeSpan> Told(FakeConnection client) =>
        [.. client.Answers.Select(answer => answer.Answer).OfType<TokenExpiring>().Select(told => told.In)];

    private static void Renews(FakeConnection client, Grant grant)
    {
        client.Grant = grant;
        client.Says(TokenRenewed.Instance, null);
    }

    /// <summary>As the node does: first nobody comes in by them, then what is open is closed.</summary>
    private void Revoke(params Revocation[] revocations) => World.Hub.Tell(new CloseRevoked(World.Revocations.Take(revocations)));

    /// <summary>Time passes, in which it is heard of.</summary>
    private void Lives(FakeConnection client, double seconds)
    {
        for (var left = seconds; left > 0; left -= 10)
        {
            World.Advance(Math.Min(left, 10));
            client.LastHeard = World.Time.GetTimestamp();
        }
    }
}
