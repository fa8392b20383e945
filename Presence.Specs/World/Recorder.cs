using Akka.Actor;

namespace Presence.Specs.World;

/// <summary>An actor that keeps what it is told, and tells others in its own name.</summary>
internal class Recorder
{
    private readonly List<object> _received = [];

    protected Recorder() { }

    public IActorRef Ref { get; private set; } = ActorRefs.Nobody;

    /// <param name="system">Where it runs.</param>
    /// <param name="also">What else is done with each message.</param>
    /// <param name="forward">The same, for who needs its sender.</param>
    public static Recorder In(ActorSystem system, Action<object>? also = null, Action<object, IActorRef>? forward = null) =>
        Into(
            new Recorder(),
            system,
            (message, sender) =>
            {
                also?.Invoke(message);
                forward?.Invoke(message, sender);
            }
        );

    /// <summary>All of that kind, in order.</summary>
    public IReadOnlyList<T> All<T>() => [.. _received.OfType<T>()];

    /// <summary>The last of that kind.</summary>
    public T Last<T>() => _received.OfType<T>().LastOrDefault() ?? throw new ShouldAssertException($"no {typeof(T).Name} came, but {this}");

    /// <summary>The only one of that kind.</summary>
    public T Only<T>() => All<T>().ShouldHaveSingleItem(ToString());

    public int Count<T>() => _received.OfType<T>().Count();

    public void Forget() => _received.Clear();

    public override string ToString() => string.Join(Environment.NewLine, _received);

    protected static TRecorder Into<TRecorder>(TRecorder recorder, ActorSystem system, Action<object, IActorRef>? also = null)
        where TRecorder : Recorder
    {
        recorder.Ref = system.ActorOf(Props.Create(() => new Inner(recorder, also)));
        return recorder;
    }

    private sealed class Inner(Recorder recorder, Action<object, IActorRef>? also) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is Death death)
            {
                Context.Watch(death.Of);
                return;
            }

            recorder._received.Add(message);
            also?.Invoke(message, Sender);
        }
    }

    /// <summary>Tells the recorder to note that actor's end.</summary>
    internal sealed record Death(IActorRef Of) : INoSerializationVerificationNeeded;
}
