using Presence.Core.Errors;
using Presence.Core.Identity;

namespace Presence.Specs.World;

/// <summary>Tickets in memory, one call at a time.</summary>
internal sealed class TicketsInMemory : ITicketStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Ticket> _tickets = [];

    public bool IsDown { get; set; }

    public bool IsFull { get; set; }

    public IReadOnlyCollection<Ticket> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _tickets.Values];
            }
        }
    }

    public Task<bool> Save(Ticket ticket, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return IsDown ? Task.FromException<bool>(new StoreUnavailableException("down"))
                : IsFull ? Task.FromResult(false)
                : Task.FromResult(_tickets.TryAdd(ticket.Hash, ticket));
        }
    }

    public Task<Ticket?> Take(string hash, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return IsDown
                ? Task.FromException<Ticket?>(new StoreUnavailableException("down"))
                : Task.FromResult(_tickets.Remove(hash, out var ticket) ? ticket : null);
        }
    }
}

/// <summary>Revocations in memory, one call at a time.</summary>
internal sealed class RevocationsInMemory : IRevocationStore
{
    private readonly Lock _gate = new();
    private readonly List<Revocation> _revocations = [];

    public bool IsDown { get; set; }

    public bool IsFull { get; set; }

    public IReadOnlyList<Revocation> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _revocations];
            }
        }
    }

    public Task<bool> Add(Revocation revocation, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (IsDown)
            {
                return Task.FromException<bool>(new StoreUnavailableException("down"));
            }

            if (!IsFull)
            {
                _revocations.Add(revocation);
            }

            return Task.FromResult(!IsFull);
        }
    }

    public Task<IReadOnlyList<Revocation>> Said(DateTimeOffset since, DateTimeOffset now, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return IsDown
                ? Task.FromException<IReadOnlyList<Revocation>>(new StoreUnavailableException("down"))
                : Task.FromResult<IReadOnlyList<Revocation>>([
                    .. _revocations.Where(revocation => revocation.At > since && revocation.Until > now),
                ]);
        }
    }
}
