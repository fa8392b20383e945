using Presence.Core.Users;

namespace Presence.Specs.World;

/// <summary>What is kept of users, in memory.</summary>
internal sealed class StoreInMemory(JournalInMemory journal) : IUserStore
{
    public Gate Gate { get; } = new();

    /// <summary>The reach of the devices that entities read.</summary>
    public Gate DevicesGate { get; } = new();

    public Dictionary<UserId, ProfileProjection> Profiles { get; } = [];

    public Dictionary<UserId, LastSeen> LastSeen { get; } = [];

    public Dictionary<(UserId User, DeviceId Device), DeviceRow> Known { get; } = [];

    /// <summary>For whom each query was.</summary>
    public List<IReadOnlyCollection<UserId>> Queries { get; } = [];

    /// <summary>Each transaction.</summary>
    public List<UserWrites> Saves { get; } = [];

    /// <summary>One whose row makes a query fail.</summary>
    public UserId? Unreadable { get; set; }

    /// <summary>A fault of the store's own, in place of the list of devices.</summary>
    public Exception? DevicesFault { get; set; }

    public Task<IReadOnlyDictionary<UserId, UserRow>> Load(IReadOnlyCollection<UserId> users, CancellationToken cancellation)
    {
        Queries.Add(users);
        if (Unreadable is { } unreadable && users.Contains(unreadable))
        {
            throw new InvalidOperationException("a row that cannot be read");
        }

        return Gate.Pass<IReadOnlyDictionary<UserId, UserRow>>(
            () => users.Select(Row).OfType<UserRow>().ToDictionary(row => row.UserId),
            users.Count
        );
    }

    public Task Save(UserWrites writes, CancellationToken cancellation) =>
        Gate.Pass(() =>
        {
            Saves.Add(writes);
            foreach (var profile in writes.Profiles)
            {
                if (!Profiles.TryGetValue(profile.UserId, out var known) || known.Sequence <= profile.Sequence)
                {
                    Profiles[profile.UserId] = profile;
                }

                journal.Cut(profile.UserId, profile.Sequence);
            }

            foreach (var seen in writes.LastSeen)
            {
                if (!LastSeen.TryGetValue(seen.UserId, out var known) || known.At <= seen.At)
                {
                    LastSeen[seen.UserId] = seen;
                }
            }

            foreach (var device in writes.Devices)
            {
                var before = Known.GetValueOrDefault((device.UserId, device.DeviceId))?.Info ?? DeviceInfo.Empty;
                Known[(device.UserId, device.DeviceId)] = device with { Info = device.Info.Over(before) };
                var known = Known.Values.Where(row => row.UserId == device.UserId).OrderByDescending(row => row.LastActiveAt).ToList();
                known.Skip(writes.KnownDevices).ToList().ForEach(row => Known.Remove((row.UserId, row.DeviceId)));
            }

            return true;
        });

    public Task<IReadOnlyList<DeviceRow>> Devices(UserId user, CancellationToken cancellation) =>
        DevicesFault is { } fault
            ? throw fault
            : Gate.Pass<IReadOnlyList<DeviceRow>>(() => [.. Known.Values.Where(row => row.UserId == user)]);

    public Task<IReadOnlyList<DeviceRow>> Devices(IReadOnlyCollection<UserId> users, CancellationToken cancellation) =>
        DevicesGate.Pass<IReadOnlyList<DeviceRow>>(() => [.. Known.Values.Where(row => users.Contains(row.UserId))], users.Count);

    public Task<bool> ForgetDevice(UserId user, DeviceId device, CancellationToken cancellation) =>
        Gate.Pass(() => Known.Remove((user, device)));

    public void Erase(UserId user)
    {
        Profiles.Remove(user);
        LastSeen.Remove(user);
        foreach (var device in Known.Keys.Where(key => key.User == user).ToList())
        {
            Known.Remove(device);
        }
    }

    private UserRow? Row(UserId user)
    {
        var profile = Profiles.GetValueOrDefault(user);
        var seen = LastSeen.GetValueOrDefault(user);
        var journaled = journal.SequenceOf(user);
        if (profile is null && seen is null && journaled == 0)
        {
            return null;
        }

        var projected = profile?.Sequence ?? 0;
        var folded = journal
            .FactsAbove(user, projected)
            .Aggregate(profile?.Profile ?? Profile.Empty, (earlier, fact) => earlier.Apply(fact));
        return new(user, folded, projected, journaled, seen?.At, seen?.Connected ?? false, seen?.Idle ?? false);
    }
}
