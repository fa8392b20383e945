namespace Presence.Core.Users;

/// <summary>A moment, by two clocks.</summary>
/// <param name="Wall">By the wall clock of the node, which people set: for what people and the store see, and for nothing else.</param>
/// <param name="Shared">By the clock that all nodes share (<see cref="HybridClock"/>), in microseconds since 1970: for versions, cursors, and the order of what happened on two nodes.</param>
public readonly record struct Moment(DateTimeOffset Wall, long Shared);
