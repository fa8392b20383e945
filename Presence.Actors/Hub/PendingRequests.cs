namespace Presence.Actors.Hub;

/// <summary>What clients asked for and entities have not answered yet.</summary>
internal sealed class PendingRequests
{
    private readonly Dictionary<long, PendingRequest> _pending = [];
    private long _last;

    /// <summary>Whether any waits.</summary>
    public bool Any => _pending.Count > 0;

    /// <summary>Keeps it; its number.</summary>
    public long Add(HubSocket socket, string? frameId, IClientCommand command, DateTimeOffset deadline)
    {
        _pending[++_last] = new(socket, frameId, command, deadline);
        return _last;
    }

    /// <summary>It was answered; null where its time was over already.</summary>
    public PendingRequest? Take(long number) => _pending.Remove(number, out var request) ? request : null;

    /// <summary>Those whose time is over.</summary>
    public IReadOnlyList<PendingRequest> TakeOverdue(DateTimeOffset now)
    {
        var overdue = _pending.Where(entry => entry.Value.Deadline <= now).ToList();
        overdue.ForEach(entry => _pending.Remove(entry.Key));
        return overdue.ConvertAll(entry => entry.Value);
    }
}

/// <summary>One of them.</summary>
internal sealed record PendingRequest(HubSocket Socket, string? FrameId, IClientCommand Command, DateTimeOffset Deadline);
