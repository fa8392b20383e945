using System.Net.WebSockets;
using Akka.Actor;
using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Adapters.WebSocket.Frames;
using Presence.Adapters.WebSocket.Limits;
using Presence.Adapters.WebSocket.Transport;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Adapters.WebSocket.Connections;

/// <summary>One client's socket: reads its frames, answers heartbeats, and holds what waits for it.</summary>
/// <remarks>While idle it is one pending read: no task, timer, channel or buffer beside. It ends once, for one reason, told to the hub unless the hub gave it.</remarks>
internal sealed class ClientConnection : IClientConnection
{
    /// <summary>How long, after its end, what waits, the close frame and the client's answer to it may take.</summary>
    public static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(5);

    /// <summary>How often at most the hub is told of heartbeats that change nothing.</summary>
    public static readonly TimeSpan HeardPause = TimeSpan.FromSeconds(5);

    private readonly ConnectionRequest _request;
    private readonly ISocketTransport _transport;
    private readonly ConnectionServices _services;
    private readonly Outbox _outbox;
    private readonly long _openedAt;
    private TaskCompletionSource? _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _closing;
    private long _lastHeard = TimeProvider.System.GetTimestamp();
    private long _toldHeard;
    private volatile Knowledge _knows = new(0, 0, 0, long.MaxValue);
    private bool? _active;
    private Grant? _grant;
    private FrameRate _rate;
    private int _malformed;
    private int _ended;

    public ClientConnection(ConnectionRequest request, ISocketTransport transport, ConnectionServices services)
    {
        var limits = services.Options.Limits;
        _openedAt = services.Time.GetTimestamp();
        _request = request;
        _grant = request.Grant;
        _active = request.Active;
        _transport = transport;
        _services = services;
        _outbox = new Outbox(
            transport,
            new(limits.OutboxFrames, limits.OutboxBytes, limits.SlowReader, request.Batches),
            services.Time,
            services.Standing,
            TooSlow,
            services.Log.Unexpected
        );
    }

    /// <inheritdoc/>
    public ConnectionId Id { get; } = ConnectionId.New();

    /// <inheritdoc/>
    public UserId User => _request.User;

    /// <inheritdoc/>
    public DeviceId? Device => _request.Device;

    /// <inheritdoc/>
    public DeviceInfo Info => _request.Info;

    /// <inheritdoc/>
    public bool? Active => _request.Active;

    /// <inheritdoc/>
    public SnapshotKind Snapshot => _request.Snapshot;

    /// <inheritdoc/>
    public ResumeRequest? Resume => _request.Resume;

    /// <inheritdoc/>
    public long LastHeard => Math.Max(Volatile.Read(ref _lastHeard), _transport.LastHeard);

    /// <inheritdoc/>
    public Grant? Grant => Volatile.Read(ref _grant);

    /// <inheritdoc/>
    public long Waiting => _outbox.Waiting;

    private bool HasEnded => Volatile.Read(ref _ended) != 0;

    /// <summary>Tells the hub of it; before anything else.</summary>
    public void Open()
    {
        _services.Log.Opened(this);
        _services.Hub.Tell(new OpenConnection(this), ActorRefs.NoSender);
    }

    /// <summary>Serves the client until the connection is over, close frames and all.</summary>
    public async Task RunAsync()
    {
        var reason = await ListenAsync();
        End(reason, tellHub: true);
        await LeaveAsync(reason);
        if (_closing is not null)
        {
            await _closing.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public void Welcome(bool resumed)
    {
        var token = _services.Tokens.Issue(Id.Value, User, Device);
        _outbox.Add(ServerFrames.ConnectionAck(new(Id, User, Device, token, resumed), _services.Options, Now()), alone: true);
        if (Snapshot == SnapshotKind.None && !resumed)
        {
            BeginToListen();
        }
    }

    /// <inheritdoc/>
    public void Knows(ulong contacts, long session, long toldAlone, long until) => _knows = new(contacts, session, toldAlone, until);

    /// <inheritdoc/>
    public void DeliverSnapshot(IReadOnlyList<ReadOnlyMemory<byte>> records, Cursor cursor, ReadOnlyMemory<byte>? self)
    {
        foreach (var frame in JoinedFrames.Snapshot(records, cursor, self))
        {
            _outbox.Add(frame);
        }

        BeginToListen();
    }

    /// <inheritdoc/>
    public void DeliverPresence(UserId about, ReadOnlyMemory<byte> frame)
    {
        _services.Counters.AddPush("presence");
        _outbox.Push(about, frame);
    }

    /// <inheritdoc/>
    public void DeliverTyping(ConversationId conversation, UserId typist, ReadOnlyMemory<byte> frame)
    {
        _services.Counters.AddPush("typing");
        _outbox.Push(conversation, typist, frame);
    }

    /// <inheritdoc/>
    public void DeliverEvent(ReadOnlyMemory<byte> frame)
    {
        _services.Counters.AddPush("event");
        _outbox.Add(frame);
    }

    /// <inheritdoc/>
    public void Deliver(string? frameId, IClientAnswer answer)
    {
        if (ServerFrames.Answer(frameId, answer) is { } frame)
        {
            _outbox.Add(frame);
        }
    }

    /// <inheritdoc/>
    public void Flush() => _outbox.Flush();

    /// <inheritdoc/>
    public void Close(CloseReason reason)
    {
        if (End(reason, tellHub: false))
        {
            _outbox.Complete(reason);
        }
    }

    /// <inheritdoc/>
    public void Sever(CloseReason reason)
    {
        if (End(reason, tellHub: false))
        {
            _outbox.Drop(reason);
        }
    }

    /// <summary>The server stops: the client is told when to come back, and sent away.</summary>
    public void Stop(TimeSpan comeBackAfter)
    {
        if (End(CloseReason.Restart, tellHub: true))
        {
            _outbox.Add(ServerFrames.Reconnect(comeBackAfter));
            _outbox.Complete(CloseReason.Restart);
        }
    }

    private void TooSlow(string limit)
    {
        if (End(CloseReason.Overloaded, tellHub: true))
        {
            _services.Counters.AddLimited(limit);
            _outbox.Drop(CloseReason.Overloaded);
        }
    }

    private async Task<CloseReason> ListenAsync()
    {
        try
        {
            while (true)
            {
                var first = await _transport.ReceiveAsync(Memory<byte>.Empty);
                if (await TakeAsync(first) is { } reason)
                {
                    return reason;
                }
            }
        }
        catch (Exception cause)
        {
            _services.Log.Unexpected(cause);
            // The framework has closed by itself where the client broke the protocol; all else is a connection that broke.
            return _transport.CloseCodeSent switch
            {
                1002 => CloseReason.ProtocolError,
                1007 => CloseReason.BadUtf8,
                1009 => CloseReason.TooLarge,
                4429 when !HasEnded => TooManyFragments(),
                _ => CloseReason.Lost,
            };
        }
    }

    private CloseReason TooManyFragments()
    {
        _services.Counters.AddLimited(nameof(LimitOptions.FragmentsPerMinute));
        return CloseReason.RateLimited;
    }

    private async ValueTask<CloseReason?> TakeAsync(ValueWebSocketReceiveResult first)
    {
        Volatile.Write(ref _lastHeard, TimeProvider.System.GetTimestamp());
        using var incoming = await MessageReader.ReadAsync(_transport, first, _services.Options.Limits.MessageBytes);
        if (incoming.End is not null)
        {
            return incoming.End;
        }

        if (Volatile.Read(ref _begun) is { } begun)
        {
            // The connection_ack and the first snapshot come before any answer, so what a hasty client sends is left for a moment.
            await begun.Task;
        }

        if (HasEnded)
        {
            return null;
        }

        var frame = FrameReader.Read(incoming.Message);
        if (_rate.Take(frame.Command, _services.Options.Limits, _services.Ticks) is { } over)
        {
            _services.Counters.AddLimited(over.IsTooMuch ? nameof(LimitOptions.RefusedFrames) : over.Limit);
            Answer(ServerFrames.Error(frame.Id, over.Refusal));
            return over.IsTooMuch ? CloseReason.RateLimited : null;
        }

        return frame.Command is Authenticate authenticate ? await RenewAsync(frame.Id, authenticate.Token) : Handle(frame);
    }

    private CloseReason? Handle(ClientFrame frame)
    {
        switch (frame)
        {
            case { Refusal: { } refusal }:
                Answer(ServerFrames.Error(frame.Id, refusal));
                return refusal.Code == ErrorCodes.MalformedJson && ++_malformed >= _services.Options.Limits.MalformedFrames
                    ? CloseReason.Malformed
                    : null;
            case { Command: Heard heard }:
                Answer(ServerFrames.HeartbeatAck(frame.Id, Now(), CursorNow()));
                TellHeard(heard);
                return null;
            case { Command: Ping }:
                Answer(ServerFrames.Pong(frame.Id, Now(), CursorNow()));
                return null;
            case { Command: ChoosePresence or TypeIn } when Grant is { MayWrite: false }:
                Answer(ServerFrames.Error(frame.Id, new(ErrorCodes.Forbidden, $"the token has not the scope {Scopes.Write}")));
                return null;
            default:
                _services.Hub.Tell(new ClientAsks(Id, frame.Id, frame.Command!), ActorRefs.NoSender);
                return null;
        }
    }

    /// <summary>One at a time: what the client sends next is left where it is.</summary>
    private async ValueTask<CloseReason?> RenewAsync(string? frameId, string token)
    {
        var (answer, grant) = await TokenRenewal.ReadAsync(this, _services, frameId, token);
        if (grant is not null)
        {
            Volatile.Write(ref _grant, grant);
            _services.Hub.Tell(new ClientAsks(Id, null, TokenRenewed.Instance), ActorRefs.NoSender);
            if (_services.Revocations.Cover(grant, User, Device))
            {
                // Revoked while it was proven; the hub may have looked before it was held here.
                return CloseReason.TokenRevoked;
            }
        }

        Answer(answer);
        return null;
    }

    private void Answer(byte[] frame)
    {
        _outbox.Add(frame);
        _outbox.Flush();
    }

    private void TellHeard(Heard heard)
    {
        var changed = heard.Active is { } active && active != _active;
        if (!changed && _toldHeard != 0 && _services.Time.GetElapsedTime(_toldHeard) < HeardPause)
        {
            return;
        }

        _active = heard.Active ?? _active;
        _toldHeard = _services.Time.GetTimestamp();
        _services.Hub.Tell(new ClientAsks(Id, null, heard), ActorRefs.NoSender);
    }

    /// <summary>Ends it for that reason, if it has not ended; from here on the time is limited.</summary>
    private bool End(CloseReason reason, bool tellHub)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return false;
        }

        _services.Log.Closed(this, reason, _services.Time.GetElapsedTime(_openedAt));
        _closing = _services.Time.CreateTimer(
            static transport => ((ISocketTransport)transport!).Abort(),
            _transport,
            ClosingTime,
            Timeout.InfiniteTimeSpan
        );
        if (tellHub)
        {
            _services.Hub.Tell(new ConnectionEnded(Id, reason), ActorRefs.NoSender);
        }

        BeginToListen();
        return true;
    }

    /// <summary>From here on what the client sends is taken; before, it is left where it is.</summary>
    private void BeginToListen() => Interlocked.Exchange(ref _begun, null)?.TrySetResult();

    /// <summary>The last steps after the reading has ended, which may be after the end itself: a client answers our close frame.</summary>
    private async Task LeaveAsync(CloseReason reason)
    {
        if (reason == CloseReason.Normal)
        {
            _outbox.Drop(reason);
            await _outbox.Finished;
        }
        else if (_transport.CloseCodeSent != 0)
        {
            // Whoever closed, and though the client broke the protocol after that: the code is to arrive.
            _outbox.Drop(null);
            await _outbox.Finished;
            await _transport.DrainAsync();
        }
        else if (reason == CloseReason.Lost)
        {
            _outbox.Drop(null);
            _transport.Abort();
            await _outbox.Finished;
        }
        else
        {
            _outbox.Complete(reason);
            await _outbox.Finished;
            await _transport.DrainAsync();
        }
    }

    private Cursor CursorNow()
    {
        // The time first: what the hub tells between the two is newer than that.
        var time = _services.Seen.Time;
        var (contacts, session, toldAlone, until) = _knows;
        return new Cursor(Math.Min(time, until), contacts, session, []).After(toldAlone);
    }

    private DateTimeOffset Now() => _services.Time.GetUtcNow();

    private sealed record Knowledge(ulong Contacts, long Session, long ToldAlone, long Until);
}
