using Presence.Specs.WebSocket;

namespace Presence.Specs.Hostile;

/// <summary>What somebody sends over an open socket, and what comes of it.</summary>
/// <param name="Source">The section of RFC 6455, or what else decides.</param>
/// <param name="Name">In the words of docs/websocket.md.</param>
/// <param name="Reaction">What comes of it.</param>
/// <param name="Frames">The bytes of each frame.</param>
internal sealed record SocketCase(string Source, string Name, Reaction Reaction, params byte[][] Frames)
{
    /// <summary>A message that the service answers with a pong of the same id.</summary>
    public const string Message = """{"type":"ping","id":"case"}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>How many bytes are sent.</summary>
    public int Length => Frames.Sum(frame => frame.Length);

    private byte[] Bytes => [.. Frames.SelectMany(frame => frame)];

    /// <summary>Sends it, in one piece or byte by byte, and holds what comes back against what should. The socket has been welcomed, and asked for no snapshot.</summary>
    /// <remarks>A close frame must come, whatever else is under way; then the end of the connection, and no reset, though the client never answers.</remarks>
    public async Task Check(RawSocket client, bool byteByByte = false)
    {
        await Send(client, byteByByte);
        if (Reaction.CloseCode is { } code)
        {
            (await client.ReceiveCloseAsync()).ShouldBe(code, Name);
            await client.EndAsync();
            return;
        }

        if (Reaction == Reaction.Pong || Reaction == Reaction.PongAndRead)
        {
            await ShouldPong(client);
        }

        if (Reaction.Error is { } error)
        {
            (await client.ReceiveJsonAsync()).GetProperty("payload").GetProperty("code").GetString().ShouldBe(error, Name);
        }

        if (Reaction == Reaction.Read || Reaction == Reaction.PongAndRead)
        {
            (await client.ReceiveJsonAsync()).GetProperty("id").GetString().ShouldBe("case", Name);
        }

        await client.SendAsync("""{"type":"ping","id":"after it"}""");
        (await client.ReceiveJsonAsync()).GetProperty("id").GetString().ShouldBe("after it", Name);
    }

    public override string ToString() => $"{Source}: {Name}";

    private async Task Send(RawSocket client, bool byteByByte)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            foreach (var piece in byteByByte ? Bytes.Chunk(1) : [Bytes])
            {
                await client.SendBytesAsync(piece, patience.Token);
            }
        }
        catch (IOException) when (Reaction.CloseCode is not null)
        {
            // The server need not take all that is sent after the mistake; what it said of it is still to be read.
        }
    }

    private async Task ShouldPong(RawSocket client)
    {
        foreach (var ping in Frames.Where(frame => frame[0] == (0x80 | RawFrame.Ping)))
        {
            var pong = await client.ReceiveAsync();
            pong.Opcode.ShouldBe(RawFrame.Pong, Name);
            RawSocket.Encode(RawFrame.Ping, pong.Payload).ShouldBe(ping, Name);
        }
    }
}
