using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Presence.Actors;
using Presence.Actors.Users;
using Presence.Core.Cluster;
using Presence.Core.Errors;
using Presence.Host;
using Presence.Host.Operations;
using ClusterOptions = Presence.Host.Clustering.ClusterOptions;

namespace Presence.Specs.Cluster;

public sealed class ReadyBeforeListeningSpecs : IAsyncLifetime
{
    private static readonly Config Settings = """
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          actor.provider = cluster
          remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
          coordinated-shutdown.exit-clr = off
        }
        """;

    private readonly ActorSystem _system = ActorSystem.Create("presence", Settings);

    public async Task InitializeAsync()
    {
        var cluster = Akka.Cluster.Cluster.Get(_system);
        await cluster.JoinAsync(cluster.SelfAddress);
        var up = new TaskCompletionSource();
        cluster.RegisterOnMemberUp(up.SetResult);
        await up.Task;
    }

    public Task DisposeAsync() => _system.Terminate();

    [Fact]
    public async Task A_gateway_that_no_node_with_entities_has_answered_is_not_started() =>
        (await Refusal(_ => { })).ShouldContain("no node of the role presence has answered within 1 s");

    [Fact]
    public async Task A_node_whose_store_stays_away_is_not_started() =>
        (await Refusal(asker => asker.Tell(new Refused(new(ErrorCodes.Unavailable, "the store is away"))))).ShouldContain(
            "the store has not answered within 1 s: the store is away"
        );

    private async Task<string> Refusal(Action<IActorRef> answer)
    {
        var region = _system.ActorOf(Props.Create(() => new Answering(answer)));
        var ready = new ReadyBeforeListening(
            _system,
            new Required(region),
            new ClusterOptions { JoinTimeout = TimeSpan.FromSeconds(1) },
            new ClusterRoles(Gateway: true, Presence: false),
            NodeName.New()
        );
        return (await Should.ThrowAsync<StartRefusedException>(ready.StartAsync(CancellationToken.None))).Problems.ShouldHaveSingleItem();
    }

    private sealed class Answering(Action<IActorRef> answer) : UntypedActor
    {
        protected override void OnReceive(object message) => answer(Sender);
    }

    private sealed class Required(IActorRef actor) : IRequiredActor<UserRegion>
    {
        public IActorRef ActorRef => actor;

        public Task<IActorRef> GetAsync(CancellationToken cancellationToken = default) => Task.FromResult(actor);
    }
}
