using Akka.Actor;
using Akka.Event;

namespace Presence.Actors.Nodes;

/// <summary>Counts what reached nobody, for operators.</summary>
internal sealed class DeadLetterCounter(NodeCounters counters) : UntypedActor
{
    public static Props Props(NodeCounters counters) => Akka.Actor.Props.Create(() => new DeadLetterCounter(counters));

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));

    protected override void OnReceive(object message) => counters.DeadLetters.Add(1);
}
