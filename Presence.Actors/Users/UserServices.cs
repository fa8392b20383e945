using Akka.Actor;
using Presence.Actors.Nodes;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <summary>What every user's entity of a node works with.</summary>
/// <param name="Options">Times and limits.</param>
/// <param name="Loader">Reads.</param>
/// <param name="Writer">Writes what is not journaled.</param>
/// <param name="Events">Forgets events that were acknowledged.</param>
/// <param name="Conversations">The region of conversations; asked for late, since regions know each other.</param>
/// <param name="Store">For the list of devices known.</param>
/// <param name="Counters">What the node counts.</param>
/// <param name="Hubs">How hubs are told.</param>
/// <param name="Archive">Erases.</param>
/// <param name="News">Brings to all nodes that a user is erased.</param>
public sealed record UserServices(
    PresenceOptions Options,
    IActorRef Loader,
    IActorRef Writer,
    IActorRef Events,
    Func<IActorRef> Conversations,
    IUserStore Store,
    NodeCounters Counters,
    HubLine Hubs,
    IUserArchive Archive,
    IActorRef News
)
{
    /// <summary>Writes what people choose into the journal.</summary>
    public required IActorRef Journal { get; init; }

    /// <summary>Whether the node is about to stop.</summary>
    public required NodeStanding Standing { get; init; }
}
