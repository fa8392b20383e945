using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Presence.Benchmarks.Faults.Nodes;
using Presence.Benchmarks.Smoke;
using Presence.Benchmarks.Wire;

namespace Presence.Benchmarks.Faults.Crowds;

/// <summary>A user with one device, whose client does as a good one does: it beats, notices silence, and comes back, to another node, with its token and the newest cursor.</summary>
internal sealed class Person(int user, Crowd crowd) : IDisposable
{
    private static readonly TimeSpan UpgradeLimit = TimeSpan.FromSeconds(4);

    private readonly Random _random = new(HashCode.Combine(crowd.Seed, user));
    private BareWebSocket? _socket;
    private string? _token;
    private string _cursor = "";
    private DateTime _heardAt;
    private DateTime _beatAt;
    private DateTime _lostAt;
    private DateTime _moveAt = DateTime.MaxValue;
    private Task _life = Task.CompletedTask;
    private volatile bool _stays;

    /// <summary>Its number.</summary>
    public int User => user;

    /// <summary>Which node its socket is on; null while it has none.</summary>
    public Node? Node { get; private set; }

    /// <summary>Whether its whole snapshot is there.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Its client does not mind silence: it goes on sending into a socket that nobody answers.</summary>
    public bool IsStubborn { get; set; }

    /// <summary>Whether it wants to be there.</summary>
    public bool Stays => _stays;

    /// <summary>When it is there, by the suite's record.</summary>
    public Whereabouts Whereabouts { get; } = new();

    /// <summary>What it set.</summary>
    public Choices Choices { get; } = new(crowd.Board);

    /// <summary>What it was shown.</summary>
    public Sights Sights { get; } = new(user, crowd);

    /// <summary>Given each frame that arrives.</summary>
    public BareWebSocket.TakeFrame? Heard { get; set; }

    /// <summary>Connects, and stays connected; done when it has left.</summary>
    public Task Live() => _life = Live(_life);

    private async Task Live(Task earlier)
    {
        await earlier;
        _stays = true;
        Node? lost = null;
        while (_stays)
        {
            if (crowd.NodeFor(_random, lost) is not { } node)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200));
                continue;
            }

            await Connected(node);
            lost = node;
            if (_stays)
            {
                await Task.Delay(Pause());
            }
        }
    }

    /// <summary>Ends what is left of a connection whose client has left: half an open one, say.</summary>
    public async Task Forget()
    {
        _socket?.Dispose();
        await _life;
    }

    /// <summary>Sets the next text, if it is connected.</summary>
    public void Choose()
    {
        if (IsReady)
        {
            Send(Choices.Next());
        }
    }

    /// <summary>Sends a frame, if it can.</summary>
    public async void Send(string frame)
    {
        try
        {
            if (_socket is { } socket && IsReady)
            {
                crowd.Board.Frames.Add(user, '>', Encoding.UTF8.GetBytes(frame));
                await socket.Send(frame);
            }
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            // The reading side notices too.
        }
    }

    /// <summary>Nothing is known of its connection from now on: something is done to its node.</summary>
    public void IsCutOff() => Whereabouts.Leave();

    /// <summary>Its connection breaks, with a reset; it comes back if it <see cref="Stays"/>.</summary>
    public void Break()
    {
        Whereabouts.Leave();
        _socket?.Reset();
    }

    /// <summary>Goes for good: with a goodbye, a reset, or not another word.</summary>
    public async Task Leave(Goodbye goodbye)
    {
        _stays = false;
        Whereabouts.Leave();
        try
        {
            switch (goodbye)
            {
                case Goodbye.Reset:
                    _socket?.Reset();
                    break;
                case Goodbye.Clean when _socket is { } socket:
                    await socket.Close();
                    break;
            }
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            // So it is gone already.
        }
    }

    /// <summary>What is due: heartbeats, giving up a connection that is silent, sending again.</summary>
    public void Tick(DateTime now)
    {
        if (!IsReady || !_stays)
        {
            return;
        }

        if (now - _heardAt > crowd.Patience && !IsStubborn)
        {
            if (Node is { IsFaulty: false, State: NodeState.Up } sound)
            {
                crowd.Board.Findings.Broken(
                    Word.SocketStays,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{ContactRing.Id(user)} heard nothing from {sound} since {_heardAt:HH:mm:ss.fff}"
                    )
                );
            }

            Break();
        }
        else if (now >= _beatAt)
        {
            _beatAt = now + crowd.Heartbeat;
            Send("""{"type":"heartbeat","id":"h","payload":{}}""");
        }

        if (Choices.IsDue(now))
        {
            Choose();
        }

        if (now >= _moveAt)
        {
            _socket?.Reset();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private async Task Connected(Node node)
    {
        using var socket = new BareWebSocket();
        try
        {
            await crowd.Gate.WaitAsync();
            try
            {
                using var limit = new CancellationTokenSource(UpgradeLimit);
                var resume = _token is null ? "?active=true" : $"?active=true&resume={_token}&cursor={Uri.EscapeDataString(_cursor)}";
                var headers =
                    $"X-User-ID: {ContactRing.Id(user)}\r\nX-Device-ID: phone\r\nX-Presence-Proxy-Secret: {Fleet.ProxySecret}\r\n";
                await socket.Connect(node.Web, $"/ws{resume}", headers, limit.Token);
            }
            finally
            {
                crowd.Gate.Release();
            }
        }
        catch (Exception failed) when (failed is IOException or SocketException or OperationCanceledException)
        {
            crowd.Board.AddTurnedAway();
            return;
        }

        (_moveAt, _heardAt, _socket, Node) = (DateTime.MaxValue, DateTime.UtcNow, socket, node);
        await socket.Read(Take);
        End(node, socket);
    }

    private void End(Node node, BareWebSocket socket)
    {
        var wasReady = IsReady;
        IsReady = false;
        Whereabouts.Leave();
        Choices.Unanswered();
        (_socket, Node) = (null, null);
        if (_stays)
        {
            _lostAt = wasReady ? DateTime.UtcNow : _lostAt;
            crowd.Lost(user, node, wasReady, isMeant: _moveAt != DateTime.MaxValue, socket.CloseCode);
        }
    }

    /// <summary>As long as the server said, or up to a second.</summary>
    private TimeSpan Pause()
    {
        var told = _moveAt == DateTime.MaxValue ? TimeSpan.FromMilliseconds(_random.Next(1_000)) : _moveAt - DateTime.UtcNow;
        return told > TimeSpan.Zero ? told : TimeSpan.Zero;
    }

    private void Take(ReadOnlySpan<byte> frame)
    {
        crowd.Board.Frames.Add(user, '<', frame);
        _heardAt = DateTime.UtcNow;
        if (IsReady && Node is { IsFaulty: false } && Whereabouts.AwaySince is not null && _stays)
        {
            Whereabouts.Return();
        }

        Heard?.Invoke(frame);
        var read = new FrameFields(frame);
        while (read.NextPresence())
        {
            if (read.Type.SequenceEqual("presence_update"u8))
            {
                Sights.TakePush(ref read);
            }
            else if (read.Type.SequenceEqual("presence_snapshot"u8))
            {
                Sights.TakeSnapshot(ref read);
            }
        }

        TakeRest(ref read);
    }

    private void TakeRest(ref FrameFields read)
    {
        if (read.Cursor.Length > 0)
        {
            _cursor = Encoding.UTF8.GetString(read.Cursor);
        }

        if (read.Type.SequenceEqual("connection_ack"u8))
        {
            Begin(ref read);
        }
        else if (read.Type.SequenceEqual("presence_snapshot"u8) && read.Complete)
        {
            EndSnapshot();
        }
        else if (read.Type.SequenceEqual("presence_update_ack"u8))
        {
            Choices.Acknowledge(read.Id);
        }
        else if (read.Type.SequenceEqual("error"u8))
        {
            Choices.Refuse(read.Id, read.Code);
        }
        else if (read.Type.SequenceEqual("reconnect"u8))
        {
            _moveAt = DateTime.UtcNow + TimeSpan.FromSeconds(read.Delay);
        }
    }

    private void Begin(ref FrameFields ack)
    {
        if (_token is not null)
        {
            crowd.Board.AddSession(ack.Resumed);
        }

        _token = Encoding.UTF8.GetString(ack.ResumeToken);
        Sights.Begin(ack.Resumed);
        if (Node is { IsFaulty: false })
        {
            Whereabouts.Return();
        }
    }

    private void EndSnapshot()
    {
        if (IsReady)
        {
            // Of a subscription, which nobody here makes.
            return;
        }

        Sights.EndSnapshot();
        IsReady = true;
        // Not all of a crowd at once, for ever after.
        _beatAt = DateTime.UtcNow + (crowd.Heartbeat * _random.NextDouble());
        if (_lostAt != default)
        {
            crowd.Board.Reconnected.Add(DateTime.UtcNow - _lostAt);
            _lostAt = default;
        }
    }
}

/// <summary>How somebody goes.</summary>
internal enum Goodbye
{
    /// <summary>With a close frame.</summary>
    Clean,

    /// <summary>With a reset.</summary>
    Reset,

    /// <summary>The connection stays, and nothing is ever said on it.</summary>
    HalfOpen,
}
