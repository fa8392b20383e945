using Akka.Actor;
using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Actors.Nodes;
using Presence.Core.Identity;
using Presence.Core.Sessions;

namespace Presence.Adapters.WebSocket.Connections;

/// <summary>What all connections of a node share.</summary>
/// <param name="Hub">The node's hub.</param>
/// <param name="Options">Times and limits.</param>
/// <param name="Time">The clock.</param>
/// <param name="Tokens">Makes resume tokens.</param>
/// <param name="Seen">Until when the hub has told everything.</param>
/// <param name="Standing">Whether the node may tell anything.</param>
/// <param name="Counters">What the node counts.</param>
internal sealed record ConnectionServices(
    IActorRef Hub,
    PresenceOptions Options,
    TimeProvider Time,
    ResumeTokens Tokens,
    SeenUntil Seen,
    NodeStanding Standing,
    NodeCounters Counters
)
{
    private readonly long _start = Time.GetTimestamp();

    /// <summary>What is logged of connections.</summary>
    public ConnectionLog Log { get; init; } = new(null, Counters);

    /// <summary>Proves tokens; null: nobody comes by one.</summary>
    public ITokenReader? TokenReader { get; init; }

    /// <summary>The tokens that are not taken any more.</summary>
    public Revocations Revocations { get; init; } = new();

    /// <summary>By which rates are counted: ticks since the start.</summary>
    public long Ticks => Time.GetElapsedTime(_start).Ticks;
}
