namespace Presence.Specs.Hostile;

/// <summary>What a client must see of what it sent, in the words of docs/websocket.md.</summary>
/// <param name="Text">The words.</param>
/// <param name="CloseCode">The code of the close frame; null: the socket stays open.</param>
/// <param name="Error">The code of the error frame; null: none.</param>
internal sealed record Reaction(string Text, int? CloseCode = null, string? Error = null)
{
    /// <summary>The frame is taken and needs no answer.</summary>
    public static Reaction Nothing { get; } = new("none");

    /// <summary>The message is the ping below, and is answered.</summary>
    public static Reaction Read { get; } = new("read");

    /// <summary>The payload of each ping comes back, in order.</summary>
    public static Reaction Pong { get; } = new("pong");

    /// <summary>As <see cref="Pong"/>, and then as <see cref="Read"/>.</summary>
    public static Reaction PongAndRead { get; } = new("pong, then read");

    /// <summary>The server closes.</summary>
    public static Reaction Close(int code) => new($"close {code}", CloseCode: code);

    /// <summary>An error frame.</summary>
    public static Reaction Refused(string code) => new($"error {code}", Error: code);
}
