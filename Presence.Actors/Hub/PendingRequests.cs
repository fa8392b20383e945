using Presence.Actors.Users;

namespace Presence.Actors.Hub;

/// <summary>What clients asked for and entities have not answered yet.</summary>
internal sealed class PendingRequests
{
    private readonly Dictionary<long, PendingRequest> _pending = [];

    /// <summary>Unlike those of a hub before this one, whose answers may still be on their way.</summary>
    private long _last = Random.Shared.NextInt64(long.MaxValue / 2);

    /// <summary>When each is told again.</summary>
    public IEnumerable<Retry> Retries => _pending.Values.Select(request => request.Retry);

    /// <summary>Keeps it; what is to be told to the entity.</summary>
    public Request Add(HubSocket socket, string? frameId, IClientCommand command, IUserMessage message, TimeSpan now)
    {
        var request = new Request(++_last, message);
        var pending = new PendingRequest(socket, frameId, command, request, now);
        pending.Retry.Asked();
        _pending[_last] = pending;
        Count(socket, command, 1);
        return request;
    }

    /// <summary>It was refused for now: it is told again, under its number.</summary>
    public void AddAgain(PendingRequest request, TimeSpan now)
    {
        request.ToldAt = now;
        _pending[request.Request.Number] = request;
        Count(request.Socket, request.Command, 1);
    }

    /// <summary>It was answered; null where its time was over already.</summary>
    public PendingRequest? Take(long number)
    {
        if (!_pending.Remove(number, out var request))
        {
            return null;
        }

        Count(request.Socket, request.Command, -1);
        return request;
    }

    /// <summary>What a socket goes on with after a resume is no question of its client's, and is bounded by what it may watch.</summary>
    private static void Count(HubSocket socket, IClientCommand command, int by) => socket.OpenQuestions += command is WatchOn ? 0 : by;

    /// <summary>Who asked is gone.</summary>
    public void Drop(HubSocket socket)
    {
        foreach (var (number, _) in _pending.Where(entry => entry.Value.Socket == socket).ToList())
        {
            _pending.Remove(number);
        }
    }

    /// <summary>Those asked before that time. What a socket goes on with after a resume is asked for as long as it takes: its client did not ask, and is told nothing.</summary>
    public IReadOnlyList<PendingRequest> TakeAskedBefore(TimeSpan time)
    {
        var overdue = _pending.Where(entry => entry.Value.AskedAt <= time && entry.Value.Command is not WatchOn).ToList();
        return overdue.ConvertAll(entry => Take(entry.Key)!);
    }

    /// <summary>Those that are to be told to their entities again, in their order: each now counts as told at <paramref name="now"/>.</summary>
    public IEnumerable<Request> Repeat(TimeSpan now)
    {
        foreach (
            var (_, request) in _pending
                .Where(entry => entry.Value.Command is not TypeIn && entry.Value.IsDue(now))
                .OrderBy(entry => entry.Key)
        )
        {
            request.Told(now);
            yield return request.Request;
        }
    }
}

/// <summary>One of them.</summary>
internal sealed class PendingRequest(HubSocket socket, string? frameId, IClientCommand command, Request request, TimeSpan askedAt)
{
    /// <summary>Who asks.</summary>
    public HubSocket Socket { get; } = socket;

    /// <summary>The client's own id of the frame.</summary>
    public string? FrameId { get; } = frameId;

    /// <summary>What it asked for.</summary>
    public IClientCommand Command { get; } = command;

    /// <summary>What the entity was told.</summary>
    public Request Request { get; } = request;

    /// <summary>When.</summary>
    public TimeSpan AskedAt { get; } = askedAt;

    /// <summary>When it is told again.</summary>
    public Retry Retry { get; } = new();

    /// <summary>When the entity was told last.</summary>
    public TimeSpan ToldAt { get; set; } = askedAt;

    /// <summary>Whether the entity is to be told again. What a client waits for is told again soon, for the few seconds that it waits.</summary>
    public bool IsDue(TimeSpan now) => Retry.IsDue(now - ToldAt, awaited: Command is not WatchOn);

    /// <summary>The entity is told.</summary>
    public void Told(TimeSpan now)
    {
        ToldAt = now;
        Retry.Asked();
    }
}
