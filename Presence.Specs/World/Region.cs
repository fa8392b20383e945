using Akka.Actor;
using Akka.Cluster.Sharding;

namespace Presence.Specs.World;

/// <summary>Stands for a shard region: a child per entity, made by the first message to it; passivation as a shard does it.</summary>
internal sealed class Region(IMessageExtractor extractor, Func<string, Props> entity, List<string> passivated) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Passivate passivate:
                passivated.Add(Sender.Path.Name);
                Sender.Tell(passivate.StopMessage);
                break;
            case FindChild find:
                Sender.Tell(new Child(Context.Child(find.Id)));
                break;
            default:
                var id = extractor.EntityId(message);
                if (id is null)
                {
                    Unhandled(message);
                    break;
                }

                var child = Context.Child(id);
                (child.IsNobody() ? Context.ActorOf(entity(id), id) : child).Forward(message);
                break;
        }
    }

    /// <summary>Asks for an entity without making one; answer: <see cref="Child"/>.</summary>
    internal sealed record FindChild(string Id) : INoSerializationVerificationNeeded;

    internal sealed record Child(IActorRef Entity) : INoSerializationVerificationNeeded;
}
