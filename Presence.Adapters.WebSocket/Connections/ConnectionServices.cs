using Akka.Actor;
using Presence.Actors;

namespace Presence.Adapters.WebSocket.Connections;

/// <summary>What all connections of a node share.</summary>
/// <param name="Hub">The node's hub.</param>
/// <param name="Options">Times and limits.</param>
/// <param name="Time">The clock.</param>
internal sealed record ConnectionServices(IActorRef Hub, PresenceOptions Options, TimeProvider Time);
