using System.Text.Json;
using System.Threading.Channels;
using Presence.Specs.WebSocket;

namespace Presence.Specs.Journeys;

/// <summary>A user's client: says things, and waits for what it is told. What it is told is kept in order until it is asked for.</summary>
internal sealed class JourneyClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly RawSocket _socket;
    private readonly Channel<JsonElement> _frames = Channel.CreateUnbounded<JsonElement>();
    private readonly TaskCompletionSource<int> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    private JourneyClient(RawSocket socket)
    {
        _socket = socket;
        _reading = Read();
    }

    /// <summary>The first frame.</summary>
    public JsonElement Ack { get; private set; }

    /// <summary>The payload of the snapshot; undefined where none was asked for.</summary>
    public JsonElement Snapshot { get; private set; }

    /// <summary>The code with which the server has closed.</summary>
    public Task<int> Closed => _closed.Task.WaitAsync(Patience);

    /// <summary>Whether the server has closed.</summary>
    public bool IsClosed => _closed.Task.IsCompleted;

    public static async Task<JourneyClient> Connect(
        Uri server,
        string user,
        string device = "phone",
        string query = "",
        string path = "/ws"
    ) => await Open(server, path + query, ("X-User-ID", user), ("X-Device-ID", device));

    /// <summary>One that says by those headers, or in the query, who it is.</summary>
    public static async Task<JourneyClient> Open(Uri server, string pathAndQuery, params (string Name, string Value)[] headers)
    {
        var client = new JourneyClient(await RawSocket.ConnectAsync(server, pathAndQuery, headers));
        client.Ack = await client.Next("connection_ack");
        if (!pathAndQuery.Contains("snapshot=none", StringComparison.Ordinal))
        {
            client.Snapshot = await client.Next("presence_snapshot");
        }

        return client;
    }

    /// <summary>Says it, as it stands.</summary>
    public Task Say(string frame) => _socket.SendAsync(frame);

    /// <summary>Sends a frame of any kind.</summary>
    public Task Send(byte opcode, byte[] payload) => _socket.SendAsync(opcode, payload);

    /// <summary>Chooses a presence and waits until it is stored; the payload of the answer, which may be an error.</summary>
    public async Task<JsonElement> Choose(string payload)
    {
        var id = Guid.NewGuid().ToString("N");
        await Say($$"""{"type":"presence_update","id":"{{id}}","payload":{{payload}}}""");
        return (await Until(frame => frame.TryGetProperty("id", out var answered) && answered.GetString() == id))[^1]
            .GetProperty("payload");
    }

    /// <summary>The payload of the next frame of that type; what came before it is passed over.</summary>
    public async Task<JsonElement> Next(string type) => (await Until(frame => TypeOf(frame) == type))[^1].GetProperty("payload");

    /// <summary>The next push about that user for which it holds.</summary>
    public async Task<JsonElement> Hears(string user, Func<JsonElement, bool> of) =>
        (
            await Until(frame =>
                TypeOf(frame) == "presence_update"
                && frame.GetProperty("payload") is var payload
                && payload.GetProperty("user_id").GetString() == user
                && of(payload)
            )
        )[^1]
            .GetProperty("payload");

    /// <summary>The next push about that user that shows this status.</summary>
    public Task<JsonElement> HearsOf(string user, string status) =>
        Hears(user, payload => payload.GetProperty("online_status").GetString() == status);

    /// <summary>All frames up to the first for which it holds, which is the last of them.</summary>
    public async Task<List<JsonElement>> Until(Func<JsonElement, bool> holds)
    {
        var frames = new List<JsonElement>();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                frames.Add(await _frames.Reader.ReadAsync(patience.Token));
                if (holds(frames[^1]))
                {
                    return frames;
                }
            }
        }
        catch (Exception cause) when (cause is OperationCanceledException or ChannelClosedException)
        {
            throw new ShouldAssertException(
                $"what was waited for did not come (closed: {IsClosed}), but these did:\n{string.Join('\n', frames)}",
                cause
            );
        }
    }

    /// <summary>All frames that are left, after the server has closed.</summary>
    public async Task<List<JsonElement>> Rest()
    {
        await Closed;
        return await _frames.Reader.ReadAllAsync().ToListAsync();
    }

    /// <summary>What an unanswered ping would prove: the socket is as usable as before.</summary>
    public async Task IsUsable()
    {
        await Say("""{"type":"ping","id":"still here"}""");
        await Until(frame => TypeOf(frame) == "pong");
    }

    public static string? TypeOf(JsonElement frame) => frame.GetProperty("type").GetString();

    /// <summary>Breaks the connection without a goodbye.</summary>
    public void Break() => _socket.Reset();

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _reading;
    }

    private async Task Read()
    {
        try
        {
            while (true)
            {
                var frame = await _socket.ReceiveAsync(Timeout.InfiniteTimeSpan);
                if (frame.Opcode == RawFrame.Close)
                {
                    _closed.TrySetResult(frame.CloseCode);
                    return;
                }

                _frames.Writer.TryWrite(frame.Json);
            }
        }
        catch (Exception cause) when (cause is IOException or ObjectDisposedException or OperationCanceledException)
        {
            _closed.TrySetException(cause);
            _ = _closed.Task.Exception;
        }
        finally
        {
            _frames.Writer.TryComplete();
        }
    }
}
