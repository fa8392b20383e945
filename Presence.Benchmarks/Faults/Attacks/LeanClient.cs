using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Presence.Benchmarks.Wire;

namespace Presence.Benchmarks.Faults.Attacks;

/// <summary>How a command was answered.</summary>
/// <param name="Code">Of the error; null for an acknowledgement.</param>
/// <param name="Took">From its sending.</param>
internal readonly record struct CommandAnswer(string? Code, TimeSpan Took);

/// <summary>One device's socket. It looks at no more of a frame than it must, since thousands of them share the cores with the server.</summary>
internal sealed class LeanClient(IPEndPoint server, string user, string device = "one") : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<int, (long At, TaskCompletionSource<CommandAnswer> Answer)> _open = [];
    private BareWebSocket? _socket;
    private TaskCompletionSource _ready = new();
    private Task _reading = Task.CompletedTask;
    private int _asked;

    /// <summary>Told of each frame, beside what the client looks for itself.</summary>
    public BareWebSocket.TakeFrame? Frame { get; init; }

    /// <summary>Whether the connection stands and its whole snapshot was there.</summary>
    public bool IsReady => _ready.Task.IsCompletedSuccessfully && !_reading.IsCompleted;

    /// <summary>Connects; done when the snapshot is complete, or with <c>snapshot=none</c> at the first frame.</summary>
    /// <returns>Null, or why not: the code of the close, or <c>refused</c>.</returns>
    public async Task<string?> Connect(string query, CancellationToken cancellation)
    {
        _socket?.Dispose();
        (_socket, _ready) = (new(), new(TaskCreationOptions.RunContinuationsAsynchronously));
        var (socket, ready, whole) = (_socket, _ready, !query.Contains("snapshot=none", StringComparison.Ordinal));
        try
        {
            await socket.Connect(server, $"/ws{query}", $"X-User-ID: {user}\r\nX-Device-ID: {device}\r\n", cancellation);
        }
        catch (Exception refused) when (refused is IOException or SocketException)
        {
            return "refused";
        }

        _reading = socket.Read(frame => Take(frame, ready, whole));
        await Task.WhenAny(ready.Task, _reading).WaitAsync(cancellation);
        return ready.Task.IsCompleted ? null : socket.CloseCode.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Connects, again where the server wants it later, until it succeeds.</summary>
    public async Task ConnectAtLast(string query, ConcurrentDictionary<string, int>? refusals, CancellationToken cancellation)
    {
        while (await Connect(query, cancellation) is { } reason)
        {
            refusals?.AddOrUpdate(reason, 1, (_, count) => count + 1);
            await Task.Delay(TimeSpan.FromMilliseconds(300 + Random.Shared.Next(700)), cancellation);
        }
    }

    /// <summary>Sends a command, and waits for its answer.</summary>
    public async Task<CommandAnswer> Ask(string type, string payload)
    {
        var id = Interlocked.Increment(ref _asked);
        var answer = new TaskCompletionSource<CommandAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[id] = (Stopwatch.GetTimestamp(), answer);
        await Send($$"""{"type":"{{type}}","id":"{{id}}","payload":{{payload}}}""");
        await Task.WhenAny(answer.Task, _reading, Task.Delay(Patience));
        return _open.TryRemove(id, out _) ? new(_reading.IsCompleted ? "closed" : "no answer", Patience) : await answer.Task;
    }

    /// <summary>Sends a frame, if it can.</summary>
    public async Task Send(string frame)
    {
        try
        {
            await _socket!.Send(frame);
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            // The reading side notices too.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private void Take(ReadOnlySpan<byte> frame, TaskCompletionSource ready, bool whole)
    {
        Frame?.Invoke(frame);
        if (!whole || (frame.Is("presence_snapshot"u8) && frame.IndexOf("\"complete\":true"u8) >= 0))
        {
            ready.TrySetResult();
        }

        if (!frame.Is("error"u8) && !frame.TypeOf().EndsWith("_ack"u8))
        {
            return;
        }

        var read = new FrameFields(frame);
        while (read.NextPresence()) { }
        if (Utf8Parser.TryParse(read.Id, out int id, out _) && _open.TryRemove(id, out var question))
        {
            var code = read.Type.SequenceEqual("error"u8) ? Encoding.UTF8.GetString(read.Code) : null;
            question.Answer.TrySetResult(new(code, Stopwatch.GetElapsedTime(question.At)));
        }
    }
}

/// <summary>Looks at a frame's type without reading the frame.</summary>
internal static class FrameTypes
{
    /// <summary>The type, which the server writes first.</summary>
    public static ReadOnlySpan<byte> TypeOf(this ReadOnlySpan<byte> frame)
    {
        var start = "{\"type\":\""u8.Length;
        return frame.Length > start && frame[start..].IndexOf((byte)'"') is >= 0 and var length ? frame.Slice(start, length) : default;
    }

    /// <summary>Whether it is of that type.</summary>
    public static bool Is(this ReadOnlySpan<byte> frame, ReadOnlySpan<byte> type) => frame.TypeOf().SequenceEqual(type);
}
