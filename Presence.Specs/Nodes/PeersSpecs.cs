using System.Collections.Immutable;
using System.Reflection;
using Akka.Actor;
using Akka.Cluster;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Akka.Util;
using Microsoft.Extensions.Time.Testing;
using Presence.Actors;
using Presence.Actors.Conversations;
using Presence.Actors.Hub;
using Presence.Actors.Nodes;
using Presence.Core.Cluster;
using Presence.Core.Users;

namespace Presence.Specs.Nodes;

/// <summary>A node between its peers, in whose place the spec speaks.</summary>
public sealed class PeersSpecs : TestKit
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _pulse = new();
    private readonly NodeStanding _standing;
    private readonly NodeCounters _counters = new();
    private readonly SeenUntil _seen = new();
    private readonly TestProbe _hub;

    public PeersSpecs()
        : base(
            """
            akka {
              loglevel = OFF
              stdout-loglevel = OFF
              actor.provider = cluster
              scheduler.implementation = "Presence.Specs.World.SettableScheduler, Presence.Specs"
              remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
              cluster.gossip-interval = 200 ms
              cluster.leader-actions-interval = 200 ms
              cluster.periodic-tasks-initial-delay = 100 ms
              cluster.failure-detector.acceptable-heartbeat-pause = 15 s
              actor.serializers.presence = "Presence.Actors.Serialization.PresenceSerializer, Presence.Actors"
              actor.serialization-bindings."Presence.Actors.Users.IWireMessage, Presence.Actors" = presence
            }
            """,
            "presence"
        )
    {
        _standing = NodeStanding.Unwatched(_pulse);
        _hub = CreateTestProbe("hub-of-the-spec");
    }

    [Fact]
    public async Task A_peers_word_of_before_another_pause_counts_for_nothing()
    {
        using var other = ActorSystem.Create("presence", Sys.Settings.Config);
        var peer = CreateTestProbe(other);
        other.ActorOf(Props.Create(() => new Forwarder(peer)), StandingActor.Name);
        await JoinAsync(Sys, Sys);
        await JoinAsync(other, Sys);
        var standing = Sys.ActorOf(StandingActor.Props(_standing, new NoFence(), _hub), "standing-of-the-spec");

        _pulse.Advance(NodeStanding.LongestBeat * 2);
        var asked = (AmIMember)
            await peer.FishForMessageAsync(message => message is AmIMember ask && ask.Pause == _standing.LastPause, Soon);
        _pulse.Advance(NodeStanding.LongestBeat * 2);
        // It was sent before, and is read now.
        standing.Tell(new Vouch(asked.Pause, asked.At), peer);
        var again = (AmIMember)await peer.FishForMessageAsync(message => message is AmIMember ask && ask.Pause != asked.Pause, Soon);
        _standing.MaySpeak.ShouldBeFalse();

        standing.Tell(new Vouch(again.Pause, again.At), peer);
        await VouchUntilItMaySpeak(peer);
        await _hub.FishForMessageAsync(message => message is NodeVouched, Soon);
        await other.Terminate();
    }

    [Fact]
    public async Task A_node_whose_clock_is_set_back_asks_its_peers_after_a_pause_and_is_not_mute()
    {
        using var other = ActorSystem.Create("presence", Sys.Settings.Config);
        var peer = CreateTestProbe(other);
        other.ActorOf(Props.Create(() => new Forwarder(peer)), StandingActor.Name);
        await JoinAsync(Sys, Sys);
        await JoinAsync(other, Sys);
        Sys.ActorOf(StandingActor.Props(_standing, new NoFence(), _hub), "standing-of-the-spec");
        await VouchUntilItMaySpeak(peer);

        ((World.SettableScheduler)Sys.Scheduler).SetForward = -TimeSpan.FromHours(1);
        _pulse.Advance(NodeStanding.LongestBeat * 2);
        _standing.TakePulse();

        await VouchUntilItMaySpeak(peer);
        await other.Terminate();
    }

    [Fact]
    public async Task A_node_that_hears_its_peers_and_is_not_vouched_for_falls_silent_until_it_is()
    {
        using var other = ActorSystem.Create("presence", Sys.Settings.Config);
        var peer = CreateTestProbe(other);
        other.ActorOf(Props.Create(() => new Forwarder(peer)), StandingActor.Name);
        await JoinAsync(other, other);
        await JoinAsync(Sys, other);
        using var third = ActorSystem.Create("presence", Sys.Settings.Config);
        await JoinAsync(third, other);
        Sys.ActorOf(StandingActor.Props(_standing, new NoFence(), _hub), "standing-of-the-spec");

        await AwaitAssertAsync(() => _standing.MaySpeak.ShouldBeFalse(), Soon);
        _standing.IsCutOff.ShouldBeTrue();
        await VouchUntilItMaySpeak(peer);
        await other.Terminate();
        await third.Terminate();
    }

    [Fact]
    public async Task A_node_that_starts_again_at_its_address_is_told_on_whatever_the_order_of_the_news_of_it()
    {
        await JoinAsync(Sys, Sys);
        // Mail for a node at this very address comes here.
        var mail = CreateTestProbe();
        Sys.ActorOf(Props.Create(() => new Forwarder(mail)), CourierActor.Name);
        var courier = Sys.ActorOf(CourierActor.Props(_standing, _counters, _hub, _seen), "courier-of-the-spec");
        courier.Tell(new ClusterEvent.MemberUp(Life(1, MemberStatus.Up)));
        courier.Tell(new ClusterEvent.MemberUp(Life(2, MemberStatus.Up)));
        courier.Tell(new ClusterEvent.MemberRemoved(Life(1, MemberStatus.Removed), MemberStatus.Down));

        courier.Tell(new ParticipantsAre(new("room"), []));

        var told = (HubMail)await mail.FishForMessageAsync(message => message is HubMail { Letters.Length: 1 }, Soon);
        told.Letters[0].Content.ShouldBeOfType<ParticipantsAre>();
    }

    [Theory]
    [InlineData(false, false, "older")]
    [InlineData(false, true, "older")]
    [InlineData(true, false, "newer")]
    [InlineData(true, true, "another")]
    public async Task A_node_of_the_build_before_is_told_of_conversations_as_it_knows_them_and_one_that_is_not_concerned_nothing(
        bool keepsParticipants,
        bool isExcepted,
        string told
    )
    {
        await JoinAsync(Sys, Sys);
        var mail = CreateTestProbe();
        Sys.ActorOf(Props.Create(() => new Forwarder(mail)), CourierActor.Name);
        var courier = Sys.ActorOf(CourierActor.Props(_standing, _counters, _hub, _seen), "courier-of-the-spec");
        var life = Life(1, MemberStatus.Up, keepsParticipants ? [ClusterRoles.KeepsParticipants] : []);
        courier.Tell(new ClusterEvent.MemberUp(life));

        courier.Tell(
            new ToHubs([new ParticipantsAre(new("newer"), [])], [new ParticipantsAre(new("older"), [])], isExcepted ? [life.Address] : [])
        );
        courier.Tell(new ParticipantsAre(new("another"), []));

        var sent = (HubMail)await mail.FishForMessageAsync(message => message is HubMail { Letters.Length: > 0 }, Soon);
        sent.Letters[0].Content.ShouldBeOfType<ParticipantsAre>().ConversationId.Value.ShouldBe(told);
        var here = (ParticipantsAre)await _hub.FishForMessageAsync(message => message is ParticipantsAre, Soon);
        here.ConversationId.Value.ShouldBe("newer");
    }

    [Fact]
    public async Task The_hub_is_told_of_a_nodes_end_by_its_removal_or_by_its_next_life_whichever_is_heard_of_first()
    {
        await JoinAsync(Sys, Sys);
        var courier = Sys.ActorOf(CourierActor.Props(_standing, _counters, _hub, _seen), "courier-of-the-spec");
        courier.Tell(new ClusterEvent.MemberUp(Life(1, MemberStatus.Up)));

        courier.Tell(new ClusterEvent.MemberUp(Life(2, MemberStatus.Up)));
        await HearsOfTheEnd();
        courier.Tell(new ClusterEvent.MemberRemoved(Life(2, MemberStatus.Removed), MemberStatus.Down));
        await HearsOfTheEnd();

        async Task HearsOfTheEnd() =>
            ((NodeGone)await _hub.FishForMessageAsync(message => message is NodeGone, Soon)).Node.ShouldBe(
                Life(1, MemberStatus.Up).Address
            );
    }

    [Fact]
    public async Task Of_a_node_that_came_and_was_not_heard_of_the_hub_knows_at_once_that_nothing_was_heard()
    {
        await JoinAsync(Sys, Sys);
        var courier = Sys.ActorOf(CourierActor.Props(_standing, _counters, _hub, _seen), "courier-of-the-spec");
        courier.Tell(new ClusterEvent.MemberUp(Life(1, MemberStatus.Up)));

        var heard = (HeardUntil)await _hub.FishForMessageAsync(message => message is HeardUntil { Time: not null }, Soon);
        heard.Time.ShouldBe(0);
        heard.Silent.Count.ShouldBe(1);
    }

    [Fact]
    public async Task While_the_hub_does_not_know_of_a_node_that_came_no_cursor_gets_later()
    {
        await JoinAsync(Sys, Sys);
        var courier = Sys.ActorOf(CourierActor.Props(_standing, _counters, _hub, _seen), "courier-of-the-spec");
        _seen.Advance(100, lines: 0);
        courier.Tell(new ClusterEvent.MemberUp(Life(1, MemberStatus.Up)));
        var heard = (HeardUntil)await _hub.FishForMessageAsync(message => message is HeardUntil { Lines: > 0 }, Soon);

        _seen.Advance(200, lines: 0);
        _seen.Time.ShouldBe(100);
        _seen.Advance(200, heard.Lines);
        _seen.Time.ShouldBe(200);
    }

    [Fact]
    public async Task A_node_that_came_is_told_of_no_time_from_before_it_came()
    {
        await JoinAsync(Sys, Sys);
        var mail = CreateTestProbe();
        Sys.ActorOf(Props.Create(() => new Forwarder(mail)), CourierActor.Name);
        var courier = Sys.ActorOf(CourierActor.Props(_standing, _counters, _hub, _seen), "courier-of-the-spec");
        using var slow = new SlowHub(_hub);
        courier.Tell(new ClusterEvent.MemberUp(Life(1, MemberStatus.Up)));
        // While the courier is at this one, all that follows gets into its mailbox, and the order to send, with its time, behind that.
        courier.Tell(new ToHub(slow, new ParticipantsAre(new("slow"), [])));
        slow.IsAsked.Wait(Soon).ShouldBeTrue();
        courier.Tell(new ParticipantsAre(new("first"), []));
        courier.Tell(new ClusterEvent.MemberUp(Life(2, MemberStatus.Up)));
        courier.Tell(new ParticipantsAre(new("late"), []));
        slow.Answer.Set();

        var sent = (HubMail)await mail.FishForMessageAsync(message => message is HubMail { Letters.Length: > 0 }, Soon);
        sent.Letters[^1].Content.ShouldBeOfType<ParticipantsAre>().ConversationId.Value.ShouldBe("late");
        sent.SentAt.ShouldBe(0);
        await mail.FishForMessageAsync(message => message is HubMail { SentAt: > 0 }, Soon);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _standing.Dispose();
        _counters.Dispose();
    }

    [Fact]
    public async Task A_mail_does_not_promise_what_is_told_while_it_waits_to_be_sent()
    {
        await JoinAsync(Sys, Sys);
        var mail = CreateTestProbe();
        Sys.ActorOf(Props.Create(() => new Forwarder(mail)), CourierActor.Name);
        var courier = Sys.ActorOf(CourierActor.Props(_standing, _counters, _hub, _seen), "courier-of-the-spec");
        courier.Tell(new ClusterEvent.MemberUp(Life(1, MemberStatus.Up)));
        using var slow = new SlowHub(_hub);

        courier.Tell(new ParticipantsAre(new("first"), []));
        // While the courier is at this one, the order to send waits behind it.
        courier.Tell(new ToHub(slow, new ParticipantsAre(new("slow"), [])));
        slow.IsAsked.Wait(Soon).ShouldBeTrue();
        var toldAt = Versions.Of(Sys.Scheduler.Now);
        courier.Tell(new ParticipantsAre(new("late"), []));
        await Task.Delay(50);
        slow.Answer.Set();

        HubMail sent;
        do
        {
            sent = (HubMail)await mail.FishForMessageAsync(message => message is HubMail, Soon);
            if (sent.Letters.All(letter => letter.Content is not ParticipantsAre { ConversationId.Value: "late" }))
            {
                sent.SentAt.ShouldBeLessThan(toldAt);
            }
        } while (sent.Letters.All(letter => letter.Content is not ParticipantsAre { ConversationId.Value: "late" }));
    }

    /// <summary>Whoever asks where it is waits for the answer.</summary>
    private sealed class SlowHub(IActorRef hub) : MinimalActorRef, IDisposable
    {
        public ManualResetEventSlim IsAsked { get; } = new();

        public ManualResetEventSlim Answer { get; } = new();

        public override IActorRefProvider Provider => ((IInternalActorRef)hub).Provider;

        public override ActorPath Path
        {
            get
            {
                IsAsked.Set();
                Answer.Wait(Soon);
                return hub.Path;
            }
        }

        public void Dispose()
        {
            IsAsked.Dispose();
            Answer.Dispose();
        }
    }

    private Task VouchUntilItMaySpeak(TestProbe peer) =>
        AwaitAssertAsync(
            () =>
            {
                var asked = (AmIMember)peer.FishForMessage(message => message is AmIMember, Soon);
                peer.Reply(new Vouch(asked.Pause, asked.At));
                _standing.MaySpeak.ShouldBeTrue();
                _standing.IsCutOff.ShouldBeFalse();
            },
            Soon
        );

    /// <summary>A member at this node's address that is another life of it; only Akka itself makes members.</summary>
    private Member Life(int number, MemberStatus status, ImmutableHashSet<string>? roles = null)
    {
        var self = Akka.Cluster.Cluster.Get(Sys).SelfUniqueAddress;
        var make = typeof(Member)
            .GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
            .Single(method => method.Name == "Create" && method.GetParameters().Length == 5);
        return (Member)make.Invoke(null, [new UniqueAddress(self.Address, self.Uid + number), 1, status, roles ?? [], AppVersion.Zero])!;
    }

    private async Task JoinAsync(ActorSystem system, ActorSystem to)
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        await cluster.JoinAsync(Akka.Cluster.Cluster.Get(to).SelfAddress, new CancellationTokenSource(Soon).Token);
        await AwaitAssertAsync(
            () => Akka.Cluster.Cluster.Get(to).State.Members.ShouldContain(member => member.Address.Equals(cluster.SelfAddress)),
            Soon
        );
    }

    private sealed class Forwarder(IActorRef to) : UntypedActor
    {
        protected override void OnReceive(object message) => to.Forward(message);
    }

    private sealed class NoFence : INodeFence
    {
        public Task ShutOut(IReadOnlyCollection<string> nodes, CancellationToken cancellation) => Task.CompletedTask;
    }
}
