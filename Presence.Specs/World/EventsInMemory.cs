using Presence.Core.Errors;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Specs.World;

/// <summary>What backends sent, in memory.</summary>
internal sealed class EventsInMemory : IEventStore
{
    private readonly List<(UserId User, PostedEvent Event)> _rows = [];

    public Gate Gate { get; } = new();

    /// <summary>For whom each query was.</summary>
    public List<IReadOnlyCollection<UserId>> Queries { get; } = [];

    /// <summary>The acknowledgements of each transaction.</summary>
    public List<IReadOnlyCollection<EventAcknowledgement>> Acknowledged { get; } = [];

    /// <summary>The events of each call.</summary>
    public List<(PostedEvent Event, IReadOnlyCollection<UserId> Recipients, int Keep)> Appended { get; } = [];

    /// <summary>Whether writes never come to an end.</summary>
    public bool Hangs { get; set; }

    /// <summary>What the next call says has gone.</summary>
    public int Dropped { get; set; }

    /// <summary>How often the expired were forgotten, and when last.</summary>
    public List<DateTimeOffset> Sweeps { get; } = [];

    public IReadOnlyList<string> Of(string user) => [.. _rows.Where(row => row.User.Value == user).Select(row => row.Event.Id.Value)];

    public void Erase(UserId user) => _rows.RemoveAll(row => row.User == user || row.Event.Sender == user);

    /// <summary>Not held by the gate: specs hold reads.</summary>
    public Task<int> Append(PostedEvent posted, IReadOnlyCollection<UserId> recipients, int keep, CancellationToken cancellation)
    {
        if (Hangs)
        {
            return new TaskCompletionSource<int>().Task;
        }

        if (Gate.IsDown)
        {
            return Task.FromException<int>(new StoreUnavailableException("the store is down"));
        }

        Appended.Add((posted, recipients, keep));
        _rows.AddRange(recipients.Select(user => (user, posted)));
        return Task.FromResult(Dropped);
    }

    public Task<IReadOnlyDictionary<UserId, IReadOnlyList<WaitingEvent>>> Waiting(
        IReadOnlyCollection<UserId> users,
        DateTimeOffset now,
        int wholeBytes,
        CancellationToken cancellation
    )
    {
        Queries.Add(users);
        return Gate.Pass<IReadOnlyDictionary<UserId, IReadOnlyList<WaitingEvent>>>(() =>
            _rows
                .Where(row => users.Contains(row.User) && row.Event.ExpiresAt > now)
                .GroupBy(row => row.User, row => row.Event)
                .ToDictionary(
                    events => events.Key,
                    IReadOnlyList<WaitingEvent> (events) =>
                    {
                        var isWhole = events.Sum(posted => posted.Payload.Bytes) <= wholeBytes;
                        return [.. events.Select(posted => new WaitingEvent(posted.Id, posted.Payload.Bytes, isWhole ? posted : null))];
                    }
                )
        );
    }

    /// <summary>The payloads of each query, in bytes.</summary>
    public List<int> Loads { get; } = [];

    public Task<IReadOnlyDictionary<UserId, IReadOnlyList<PostedEvent>>> Load(
        IReadOnlyCollection<EventAcknowledgement> events,
        CancellationToken cancellation
    ) =>
        Gate.Pass<IReadOnlyDictionary<UserId, IReadOnlyList<PostedEvent>>>(() =>
        {
            var found = _rows.Where(row => events.Contains(new(row.User, row.Event.Id))).ToList();
            Loads.Add(found.Sum(row => row.Event.Payload.Bytes));
            return found
                .GroupBy(row => row.User, row => row.Event)
                .ToDictionary(list => list.Key, IReadOnlyList<PostedEvent> (list) => [.. list]);
        });

    public Task Acknowledge(IReadOnlyCollection<EventAcknowledgement> acknowledgements, CancellationToken cancellation) =>
        Gate.Pass(() =>
        {
            Acknowledged.Add(acknowledgements);
            return _rows.RemoveAll(row => row.Event.Durable && acknowledgements.Contains(new(row.User, row.Event.Id)));
        });

    public Task<bool> ForgetExpired(DateTimeOffset now, CancellationToken cancellation) =>
        Gate.Pass(() =>
        {
            Sweeps.Add(now);
            _rows.RemoveAll(row => row.Event.ExpiresAt <= now);
            return false;
        });
}
