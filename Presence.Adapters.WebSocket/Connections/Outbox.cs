using Presence.Actors;
using Presence.Actors.Nodes;
using Presence.Adapters.WebSocket.Frames;
using Presence.Adapters.WebSocket.Transport;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Adapters.WebSocket.Connections;

/// <summary>What an outbox needs to know.</summary>
/// <param name="MaxFrames">The most frames that wait, beside conflated ones.</param>
/// <param name="MaxBytes">The most bytes that wait while the reader takes nothing, or for as long as <paramref name="SlowReader"/>.</param>
/// <param name="SlowReader">How long one frame may take to be accepted, and more than <paramref name="MaxBytes"/> may wait.</param>
/// <param name="Batches">Whether the client takes <c>batch</c> frames.</param>
internal sealed record OutboxOptions(int MaxFrames, int MaxBytes, TimeSpan SlowReader, bool Batches);

/// <summary>What waits for one socket. At most one pump sends at a time, and none while nothing waits.</summary>
/// <remarks>Any thread may call it; nothing blocks or throws. A slow reader gets the newest truth late, not old news for ever: see <see cref="FrameQueue"/>.</remarks>
/// <param name="transport">Where it goes.</param>
/// <param name="options">Its limits.</param>
/// <param name="time">The clock of <see cref="OutboxOptions.SlowReader"/>.</param>
/// <param name="standing">Whether the node may tell anything; while it may not, all waits, and what waits at the end is dropped.</param>
/// <param name="overloaded">Called when the reader is too slow, with the name of the limit that tells so.</param>
/// <param name="failed">Called with whatever ends the sending, be it a lost connection or a fault of ours.</param>
internal sealed class Outbox(
    ISocketTransport transport,
    OutboxOptions options,
    TimeProvider time,
    NodeStanding standing,
    Action<string> overloaded,
    Action<Exception>? failed = null
)
{
    /// <summary>After so long without a frame taken, what waits counts: a snapshot, or many, may be larger than <see cref="OutboxOptions.MaxBytes"/>, and who reads them is not slow.</summary>
    public static readonly TimeSpan Stall = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly FrameQueue _waiting = new();
    private bool _pumping;
    private long _sendingSince;
    private long _overSince;
    private bool _completed;
    private CloseReason? _close;
    private TaskCompletionSource? _finished;

    /// <summary>Done once all that was to go out has, the close frame too. Asked for after <see cref="Complete"/> or <see cref="Drop"/>.</summary>
    public Task Finished
    {
        get
        {
            lock (_gate)
            {
                return _pumping ? (_finished ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
            }
        }
    }

    /// <summary>A frame that goes out in its turn.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="alone">Never inside a batch.</param>
    public void Add(ReadOnlyMemory<byte> frame, bool alone = false)
    {
        bool full;
        bool stalled;
        lock (_gate)
        {
            if (_completed)
            {
                return;
            }

            _waiting.Append(frame, alone);
            full = _waiting.Ordered > options.MaxFrames;
            stalled = IsStalled;
        }

        if (stalled)
        {
            overloaded(nameof(LimitOptions.OutboxBytes));
        }
        else if (full)
        {
            RelieveOrGiveUp();
        }
    }

    /// <summary>A push about a user: of those waiting only the latest goes out.</summary>
    public void Push(UserId about, ReadOnlyMemory<byte> frame) => Push(new PushKey(null, about.Value), frame);

    /// <summary>A push about a typist: of those waiting, by conversation and typist, only the latest goes out.</summary>
    public void Push(ConversationId conversation, UserId typist, ReadOnlyMemory<byte> frame) =>
        Push(new PushKey(conversation.Value, typist.Value), frame);

    /// <summary>Sends what waits.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_pumping || _waiting.IsEmpty)
            {
                return;
            }

            _pumping = true;
        }

        _ = PumpAsync();
    }

    /// <summary>Takes no more; what waits goes out, then the close frame.</summary>
    public void Complete(CloseReason reason) => End(reason, keepWaiting: true);

    /// <summary>Takes no more and forgets what waits; then the close frame, where there is a reason to send one.</summary>
    public void Drop(CloseReason? reason) => End(reason, keepWaiting: false);

    private void Push(PushKey key, ReadOnlyMemory<byte> frame)
    {
        bool stalled;
        lock (_gate)
        {
            if (_completed)
            {
                return;
            }

            _waiting.Conflate(key, frame);
            stalled = IsStalled;
        }

        if (stalled)
        {
            overloaded(nameof(LimitOptions.OutboxBytes));
        }
    }

    /// <summary>How many bytes wait.</summary>
    public long Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Bytes;
            }
        }
    }

    private bool HasTooMuch => Waiting > options.MaxBytes;

    /// <summary>Whether more waits than may, and nothing was taken for a while. Within the lock.</summary>
    private bool IsStalled => _waiting.Bytes > options.MaxBytes && _sendingSince != 0 && time.GetElapsedTime(_sendingSince) >= Stall;

    /// <summary>Looked at with each frame taken: whether more than may wait has waited for as long as a reader may be slow. One that takes a little now and then, and asks for more meanwhile, is never stalled.</summary>
    private bool IsBehind()
    {
        lock (_gate)
        {
            if (_completed || _waiting.Bytes <= options.MaxBytes)
            {
                _overSince = 0;
                return false;
            }

            _overSince = _overSince == 0 ? time.GetTimestamp() : _overSince;
            return time.GetElapsedTime(_overSince) >= options.SlowReader;
        }
    }

    private void End(CloseReason? reason, bool keepWaiting)
    {
        lock (_gate)
        {
            if (!keepWaiting)
            {
                _waiting.Clear();
            }

            if (_completed)
            {
                return;
            }

            _completed = true;
            _close = reason;
            if (_pumping)
            {
                return;
            }

            _pumping = true;
        }

        _ = PumpAsync();
    }

    private void RelieveOrGiveUp()
    {
        bool stuck;
        lock (_gate)
        {
            // While the node may not speak, a flush relieves nothing.
            stuck = _pumping || !standing.MaySpeak;
        }

        if (stuck)
        {
            overloaded(nameof(LimitOptions.OutboxFrames));
        }
        else
        {
            // Many at once before a flush: that says nothing about the reader yet.
            Flush();
        }
    }

    private async Task PumpAsync()
    {
        try
        {
            Turn turn;
            while ((turn = Take(out var frame)) == Turn.Send)
            {
                if (IsBehind())
                {
                    // This frame is on its way already; what waits behind it is dropped.
                    overloaded(nameof(LimitOptions.OutboxBytes));
                }

                var sending = transport.SendAsync(frame);
                if (!sending.IsCompletedSuccessfully)
                {
                    await WatchAsync(sending.AsTask());
                }
            }

            if (turn == Turn.Close)
            {
                await (_close is { } reason ? transport.CloseAsync(reason.Code, reason.Text) : Task.CompletedTask);
                Finish();
            }
        }
        catch (Exception cause)
        {
            failed?.Invoke(cause);
            // Whatever it was, the socket is no good any more; its reading end learns it, and tells.
            Drop(null);
            transport.Abort();
            Finish();
        }
    }

    private Turn Take(out ReadOnlyMemory<byte> frame)
    {
        List<ReadOnlyMemory<byte>> batch;
        lock (_gate)
        {
            frame = default;
            var silent = !standing.MaySpeak;
            if (silent && _completed)
            {
                _waiting.Clear();
            }

            if (silent || _waiting.IsEmpty)
            {
                // What the node itself holds back says nothing about the reader.
                _overSince = 0;
                _pumping = _completed;
                return _completed ? Turn.Close : Turn.Idle;
            }

            if (!options.Batches || _waiting.Count == 1 || _waiting.FirstIsAlone)
            {
                frame = _waiting.Take();
                return Turn.Send;
            }

            batch = TakeSome();
        }

        frame = batch.Count == 1 ? batch[0] : JoinedFrames.Batch(batch);
        return Turn.Send;
    }

    private List<ReadOnlyMemory<byte>> TakeSome()
    {
        var some = new List<ReadOnlyMemory<byte>>(Math.Min(_waiting.Count, 64));
        var bytes = 0;
        do
        {
            bytes += _waiting.FirstBytes;
            some.Add(_waiting.Take());
        } while (!_waiting.IsEmpty && !_waiting.FirstIsAlone && bytes + _waiting.FirstBytes <= JoinedFrames.TargetBytes);

        return some;
    }

    private async Task WatchAsync(Task sending)
    {
        var since = time.GetTimestamp();
        Volatile.Write(ref _sendingSince, since);
        if (!await IsTakenAsync(sending, since, Stall))
        {
            if (HasTooMuch || !await IsTakenAsync(sending, since, options.SlowReader))
            {
                overloaded(HasTooMuch ? nameof(LimitOptions.OutboxBytes) : nameof(LimitOptions.SlowReader));
                // Should it go on reading before the connection is aborted, it learns why it is closed.
                await sending;
            }
        }

        Volatile.Write(ref _sendingSince, 0);
    }

    /// <summary>Whether the frame is accepted before that much time has gone since then, or the slow reader's own.</summary>
    private async ValueTask<bool> IsTakenAsync(Task sending, long since, TimeSpan limit)
    {
        var left = (limit < options.SlowReader ? limit : options.SlowReader) - time.GetElapsedTime(since);
        try
        {
            await sending.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
            return true;
        }
        catch (TimeoutException) when (!sending.IsCompleted)
        {
            return false;
        }
    }

    private void Finish()
    {
        lock (_gate)
        {
            _pumping = false;
            _finished?.TrySetResult();
        }
    }

    private enum Turn
    {
        Send,
        Idle,
        Close,
    }
}
