using Akka.Actor;
using Presence.Actors.Users;

namespace Presence.Actors.Nodes;

/// <summary>How an entity tells a hub: the one of its own node at once, that of another through the courier. All that it tells goes this way, so that it arrives in the order in which it was told.</summary>
/// <param name="courier">The courier of this node; asked for late, since the two know each other.</param>
/// <param name="isMember">Whether a node of that address is in the cluster.</param>
public sealed class HubLine(Func<IActorRef> courier, Func<Address, bool> isMember)
{
    /// <summary>Whether the hub's node is in the cluster. Where it is no more, what it asked was long on its way, and no death-watch would tell that it is gone; where it is not yet, it asks again.</summary>
    public bool IsThere(IActorRef hub) => hub.Path.Address.HasLocalScope || isMember(hub.Path.Address);

    /// <summary>Tells it.</summary>
    public void Tell(IActorRef hub, IWireMessage message, IActorRef entity)
    {
        if (hub.Path.Address.HasLocalScope)
        {
            hub.Tell(message, entity);
        }
        else
        {
            courier().Tell(new ToHub(hub, message), entity);
        }
    }

    /// <summary>Tells it to the hubs of all nodes.</summary>
    public void TellAll(IWireMessage message, IActorRef entity) => courier().Tell(message, entity);
}
