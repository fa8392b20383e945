using System.Net;
using Presence.Benchmarks.Wire;

namespace Presence.Benchmarks.Smoke;

/// <summary>One user's socket, and what it was told of its contacts.</summary>
internal sealed class SmokeClient(int user, ContactRing ring, Scoreboard board) : IDisposable
{
    private const int TryAgainLater = 1013;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private BareWebSocket _socket = new();
    private TaskCompletionSource _ready = NewReady();
    private readonly long[] _versions = new long[ring.Contacts];
    private readonly bool[] _online = new bool[ring.Contacts];
    private readonly int[] _deliveredIn = new int[ring.Contacts];
    private Task _reading = Task.CompletedTask;
    private bool _leaving;

    /// <summary>Contacts that it doesn't know to be online.</summary>
    public int NotKnownOnline => _online.Count(online => !online);

    /// <summary>Connects, again where the server says that it should later; done when the whole snapshot is there.</summary>
    public async Task Connect(IPEndPoint server, CancellationToken cancellation)
    {
        while (!await TryConnect(server, cancellation))
        {
            board.AddSentAway();
            await Task.Delay(Pause, cancellation);
            _socket.Dispose();
            (_socket, _ready) = (new(), NewReady());
        }
    }

    private async Task<bool> TryConnect(IPEndPoint server, CancellationToken cancellation)
    {
        await _socket.Connect(server, "/ws?active=true", $"X-User-ID: {ContactRing.Id(user)}\r\nX-Device-ID: smoke\r\n", cancellation);
        _reading = ReadFrames();
        await Task.WhenAny(_ready.Task, _reading).WaitAsync(cancellation);
        return _ready.Task.IsCompleted || _socket.CloseCode == TryAgainLater
            ? _ready.Task.IsCompleted
            : throw new IOException($"{ContactRing.Id(user)} was closed with {_socket.CloseCode} before its snapshot");
    }

    /// <summary>Changes the text.</summary>
    public ValueTask<int> ChangeStatus() =>
        _socket.Send($$$"""{"type":"presence_update","id":"1","payload":{"custom_status":"{{{board.Send(user)}}}"}}""");

    /// <summary>Says goodbye; done when the server has closed.</summary>
    public async Task Leave()
    {
        _leaving = true;
        await _socket.Close();
        await _reading;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static TaskCompletionSource NewReady() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReadFrames()
    {
        await _socket.Read(Take);
        if (!_leaving && _ready.Task.IsCompleted)
        {
            board.AddClosed();
        }
    }

    private void Take(ReadOnlySpan<byte> frame)
    {
        var read = new FrameFields(frame);
        while (read.NextPresence())
        {
            if (read.Type.SequenceEqual("presence_update"u8))
            {
                TakePush(ref read);
            }
            else if (read.Type.SequenceEqual("presence_snapshot"u8) && ring.SlotOf(user, read.User) is >= 0 and var slot)
            {
                _versions[slot] = read.Version;
                _online[slot] = read.Online;
            }
        }

        if (read.Type.SequenceEqual("presence_snapshot"u8) && read.Complete)
        {
            _ready.TrySetResult();
        }
        else if (read.Type.SequenceEqual("presence_update_ack"u8))
        {
            board.AddAcknowledged();
        }
        else if (read.Type.SequenceEqual("error"u8))
        {
            board.AddRefused();
        }
    }

    private void TakePush(ref FrameFields push)
    {
        board.AddPush();
        if (push.User == user)
        {
            // Its own choice, stored after it was given up: it was counted as refused.
            return;
        }

        var slot = push.User < 0 ? -1 : ring.SlotOf(user, push.User);
        if (slot < 0)
        {
            board.AddUnexpected();
            return;
        }

        if (push.Version == _versions[slot])
        {
            board.AddDoubled();
        }
        else if (push.Version < _versions[slot])
        {
            board.AddOutOfOrder();
        }

        _versions[slot] = Math.Max(_versions[slot], push.Version);
        _online[slot] = push.Online;
        if (push.Text.Length > 0)
        {
            TakeText(slot, ref push);
        }
    }

    private void TakeText(int slot, ref FrameFields push)
    {
        if (!board.IsTextOf(push.User, push.Text))
        {
            board.AddUnexpected();
        }
        else if (_deliveredIn[slot] == board.Round)
        {
            board.AddDoubled();
        }
        else
        {
            _deliveredIn[slot] = board.Round;
            board.AddDelivered(push.User);
        }
    }
}
