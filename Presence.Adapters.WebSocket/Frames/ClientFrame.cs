using Presence.Actors.Hub;
using Presence.Core.Errors;

namespace Presence.Adapters.WebSocket.Frames;

/// <summary>What reading one message of a client came to: a command, or why not. Refusals are values, since a client's mistake is an ordinary outcome.</summary>
/// <param name="Id">The client's own id of the frame, where it could be read; the answer carries it.</param>
/// <param name="Command">What is asked for; null where refused.</param>
/// <param name="Refusal">Why not; null where read.</param>
internal readonly record struct ClientFrame(string? Id, IClientCommand? Command, Refusal? Refusal);

/// <summary>The client wants a <c>pong</c>. Answered by the connection; the hub never sees it.</summary>
internal sealed record Ping : IClientCommand
{
    /// <summary>The only one.</summary>
    public static Ping Instance { get; } = new();
}

/// <summary>The client brings a fresh token. The connection proves it; the hub never sees it.</summary>
/// <param name="Token">The token.</param>
internal sealed record Authenticate(string Token) : IClientCommand
{
    /// <inheritdoc/>
    public override string ToString() => nameof(Authenticate);
}
