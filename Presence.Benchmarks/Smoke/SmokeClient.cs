using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Presence.Benchmarks.Smoke;

/// <summary>One user's socket, as cheap as can be, since it shares the cores with the server: a bare TCP connection that reads just enough of RFC 6455 and of the frames.</summary>
internal sealed class SmokeClient(int user, ContactRing ring, Scoreboard board) : IDisposable
{
    private const int TryAgainLater = 1013;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private Socket _socket = NewSocket();
    private TaskCompletionSource _ready = NewReady();
    private readonly long[] _versions = new long[ring.Contacts];
    private readonly bool[] _online = new bool[ring.Contacts];
    private readonly int[] _deliveredIn = new int[ring.Contacts];
    private byte[] _buffer = new byte[4096];
    private int _length;
    private Task _reading = Task.CompletedTask;
    private bool _leaving;
    private int _closeCode;

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
            (_socket, _ready, _length, _closeCode) = (NewSocket(), NewReady(), 0, 0);
        }
    }

    private async Task<bool> TryConnect(IPEndPoint server, CancellationToken cancellation)
    {
        await _socket.ConnectAsync(server, cancellation);
        var request =
            $"GET /ws HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-User-ID: {ContactRing.Id(user)}\r\nX-Device-ID: smoke\r\n\r\n";
        await _socket.SendAsync(Encoding.ASCII.GetBytes(request), cancellation);
        await ReadHandshake(cancellation);
        _reading = ReadFrames();
        await Task.WhenAny(_ready.Task, _reading).WaitAsync(cancellation);
        return _ready.Task.IsCompleted || _closeCode == TryAgainLater
            ? _ready.Task.IsCompleted
            : throw new IOException($"{ContactRing.Id(user)} was closed with {_closeCode} before its snapshot");
    }

    /// <summary>Changes the text.</summary>
    public ValueTask<int> ChangeStatus() =>
        Send(0x81, $$$"""{"type":"presence_update","id":"1","payload":{"custom_status":"{{{board.Send(user)}}}"}}""");

    /// <summary>Says goodbye; done when the server has closed.</summary>
    public async Task Leave()
    {
        _leaving = true;
        await Send(0x88, "\u0003\u00e8");
        await _reading;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private static TaskCompletionSource NewReady() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ValueTask<int> Send(byte head, string text)
    {
        // A close frame holds two bytes that are no UTF-8.
        var payload = head == 0x88 ? Encoding.Latin1.GetBytes(text) : Encoding.UTF8.GetBytes(text);
        var frame = new byte[payload.Length + 8];
        frame[0] = head;
        var start = 6;
        if (payload.Length < 126)
        {
            frame[1] = (byte)(0x80 | payload.Length);
        }
        else
        {
            frame[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
            start = 8;
        }

        // The mask, which a client must have, is zero.
        payload.CopyTo(frame, start);
        return _socket.SendAsync(frame.AsMemory(0, start + payload.Length));
    }

    private async Task ReadHandshake(CancellationToken cancellation)
    {
        int end;
        while ((end = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await Receive(cancellation))
            {
                throw new IOException("the server closed before the upgrade");
            }
        }

        if (!_buffer.AsSpan().StartsWith("HTTP/1.1 101"u8))
        {
            throw new IOException($"the upgrade was refused: {Encoding.UTF8.GetString(_buffer, 0, _length)}");
        }

        Drop(end + 4);
    }

    private async Task ReadFrames()
    {
        try
        {
            while (TakeFrames() && await Receive(CancellationToken.None)) { }
        }
        catch (SocketException) { }

        if (!_leaving && _ready.Task.IsCompleted)
        {
            board.AddClosed();
        }
    }

    private async Task<bool> Receive(CancellationToken cancellation)
    {
        if (_length == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await _socket.ReceiveAsync(_buffer.AsMemory(_length), cancellation);
        _length += read;
        return read > 0;
    }

    private void Drop(int bytes)
    {
        _buffer.AsSpan(bytes, _length - bytes).CopyTo(_buffer);
        _length -= bytes;
    }

    /// <summary>Takes the whole frames that are there; false after a close.</summary>
    private bool TakeFrames()
    {
        var at = 0;
        while (TryFrame(_buffer.AsSpan(at, _length - at), out var opcode, out var header, out var payload))
        {
            if (opcode == 8)
            {
                _closeCode = payload >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(at + header)) : 0;
                return false;
            }

            Take(_buffer.AsSpan(at + header, payload));
            at += header + payload;
        }

        Drop(at);
        return true;
    }

    /// <summary>Servers don't mask, and this one doesn't split messages over frames.</summary>
    private static bool TryFrame(ReadOnlySpan<byte> bytes, out int opcode, out int header, out int payload)
    {
        (opcode, header, payload) = (0, 2, 0);
        if (bytes.Length < 2)
        {
            return false;
        }

        opcode = bytes[0] & 0xF;
        payload = bytes[1];
        if (payload >= 126)
        {
            header = payload == 126 ? 4 : 10;
            if (bytes.Length < header)
            {
                return false;
            }

            payload =
                header == 4
                    ? BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])
                    : checked((int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]));
        }

        return bytes.Length >= header + payload;
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

    /// <summary>Reads the fields of a frame that are asked for, presence by presence.</summary>
    private ref struct FrameFields(ReadOnlySpan<byte> frame)
    {
        private Utf8JsonReader _reader = new(frame);

        public ReadOnlySpan<byte> Type { get; private set; }

        public bool Complete { get; private set; }

        public int User { get; private set; }

        public bool Online { get; private set; }

        public ReadOnlySpan<byte> Text { get; private set; }

        public long Version { get; private set; }

        /// <summary>Goes on to the end of the next presence; false at the end of the frame.</summary>
        public bool NextPresence()
        {
            (User, Online, Version) = (-1, false, -1);
            Text = default;
            while (_reader.Read())
            {
                if (_reader.TokenType == JsonTokenType.PropertyName)
                {
                    ReadField();
                }
                else if (_reader.TokenType == JsonTokenType.EndObject && Version >= 0)
                {
                    return true;
                }
            }

            return false;
        }

        private void ReadField()
        {
            var name = _reader.ValueSpan;
            _reader.Read();
            if (name.SequenceEqual("type"u8))
            {
                Type = _reader.ValueSpan;
            }
            else if (name.SequenceEqual("user_id"u8))
            {
                User = ContactRing.UserOf(_reader.ValueSpan);
            }
            else if (name.SequenceEqual("online_status"u8))
            {
                Online = _reader.ValueTextEquals("online"u8);
            }
            else if (name.SequenceEqual("custom_status"u8) && _reader.TokenType == JsonTokenType.String)
            {
                Text = _reader.ValueSpan;
            }
            else if (name.SequenceEqual("version"u8))
            {
                Version = _reader.GetInt64();
            }
            else if (name.SequenceEqual("complete"u8))
            {
                Complete = _reader.GetBoolean();
            }
        }
    }
}
