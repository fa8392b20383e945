using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Presence.Benchmarks.Faults.Nodes;
using Presence.Benchmarks.Smoke;

namespace Presence.Benchmarks.Faults.Crowds;

/// <summary>Everybody who is connected, and what each must end up seeing: the suite itself decides who is there and who sets what.</summary>
internal sealed class Crowd : IDisposable
{
    /// <summary>Upgrades that are under way at once: more only wait in the kernel, where a full backlog costs a second each.</summary>
    private const int ConnectsAtOnce = 150;

    private readonly Fleet _fleet;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentBag<Task> _lives = [];
    private readonly HashSet<int> _expected = [];
    private Task _ticking = Task.CompletedTask;

    /// <summary>Makes one, nobody of it connected.</summary>
    public Crowd(Fleet fleet, ContactRing ring, CrowdBoard board, int seed)
    {
        (_fleet, Ring, Board, Seed, RoutedTo) = (fleet, ring, board, seed, () => fleet.Up);
        People = [.. Enumerable.Range(0, ring.Users).Select(user => new Person(user, this))];
    }

    public ContactRing Ring { get; }

    public CrowdBoard Board { get; }

    public int Seed { get; }

    /// <summary>All, by their number.</summary>
    public IReadOnlyList<Person> People { get; }

    /// <summary>Where a load balancer sends those who connect.</summary>
    public Func<IEnumerable<Node>> RoutedTo { get; set; }

    /// <summary>The nodes' clocks may be wrong: the times that they tell prove nothing.</summary>
    public bool HasFalseClocks => _fleet.Settings.Clocks;

    /// <summary>Lets so many connect at once.</summary>
    public SemaphoreSlim Gate { get; } = new(ConnectsAtOnce);

    public TimeSpan Heartbeat => _fleet.Settings.Heartbeat;

    public TimeSpan Grace => _fleet.Settings.Grace;

    /// <summary>After that much silence a client gives its connection up.</summary>
    public TimeSpan Patience => Heartbeat + TimeSpan.FromSeconds(3);

    /// <summary>Those who are to be there at the end.</summary>
    public IEnumerable<int> Expected => _expected;

    /// <summary>A node that a client can be routed to, not the one that it just lost if there is another.</summary>
    public Node? NodeFor(Random random, Node? lost)
    {
        var up = RoutedTo().ToArray();
        var others = up.Where(node => node != lost).ToArray();
        var choice = others.Length > 0 ? others : up;
        return choice.Length == 0 ? null : choice[random.Next(choice.Length)];
    }

    /// <summary>Connects those; false where not all had their snapshots in time.</summary>
    public async Task<bool> Connect(IEnumerable<int> users, TimeSpan limit)
    {
        if (_ticking.IsCompleted)
        {
            _ticking = Tick();
        }

        var coming = users.ToArray();
        foreach (var user in coming)
        {
            _expected.Add(user);
            _lives.Add(People[user].Live());
        }

        return await Until(() => coming.All(user => People[user].IsReady), limit);
    }

    /// <summary>They go for good.</summary>
    public Task Leave(IReadOnlyCollection<int> users, Goodbye goodbye)
    {
        _expected.ExceptWith(users);
        return Task.WhenAll(users.Select(user => People[user].Leave(goodbye)));
    }

    /// <summary>Ends what is left of the connections of those who have left.</summary>
    public Task Forget(IEnumerable<int> users) => Task.WhenAll(users.Select(user => People[user].Forget()));

    /// <summary>Those whose sockets are on that node.</summary>
    public IEnumerable<Person> On(Node node) => People.Where(person => person.Node == node);

    /// <summary>Something is about to be done to that node: of those on it nobody can know from now on.</summary>
    public void IsAbout(Node node)
    {
        node.IsFaulty = true;
        foreach (var person in On(node))
        {
            person.IsCutOff();
        }
    }

    /// <summary>A connection ended that its client wanted to keep.</summary>
    public void Lost(int user, Node node, bool wasReady, bool isMeant, int code)
    {
        Board.AddClose(code);
        if (!wasReady)
        {
            Board.AddTurnedAway();
        }
        else if (node is { IsFaulty: false, State: NodeState.Up } && !isMeant && !BreaksAreMeant)
        {
            Board.Findings.Broken(Word.SocketStays, $"{ContactRing.Id(user)} lost its socket on {node}, which is sound, with {code}");
        }
    }

    /// <summary>The suite itself breaks connections now, so that none counts as the service's doing.</summary>
    public bool BreaksAreMeant { get; set; }

    /// <summary>Waits until all who are expected are connected and see the truth; how long it took, or null when it did not come to that.</summary>
    /// <param name="limit">How long it may take.</param>
    /// <param name="young">What was acknowledged so shortly ago may be under way still; zero where nothing is changed any more.</param>
    public async Task<TimeSpan?> Settle(TimeSpan limit, TimeSpan young)
    {
        var clock = Stopwatch.StartNew();
        var settled = await Until(
            () =>
                _expected.All(user => People[user].IsReady && (young > TimeSpan.Zero || !People[user].Choices.IsOpen))
                && !Missed(young).Any(),
            limit
        );
        return settled ? clock.Elapsed : null;
    }

    /// <summary>What a watcher doesn't see as it is, or doesn't see as it was acknowledged at least.</summary>
    /// <param name="young">What was acknowledged so shortly ago is passed over.</param>
    public IEnumerable<string> Missed(TimeSpan young)
    {
        var since = DateTime.UtcNow - young;
        foreach (var watcher in _expected)
        {
            for (var slot = 0; slot < Ring.Contacts; slot++)
            {
                var user = Ring.ContactIn(watcher, slot);
                var sight = People[watcher].Sights[slot];
                var isThere = _expected.Contains(user);
                var choices = People[user].Choices;
                var isBehind = isThere && sight.Number < choices.Acknowledged && choices.AcknowledgedAt <= since;
                if (sight.Unknown || sight.Online != isThere || isBehind)
                {
                    yield return Described(watcher, user, sight, isThere);
                }
            }
        }
    }

    private string Described(int watcher, int user, Sights.Sight sight, bool isThere)
    {
        var seen =
            $"{(sight.Unknown ? "unknown, " : "")}{(sight.Online ? "online" : "offline")} with n{sight.Number}, version {sight.Newest}";
        var truth = $"{(isThere ? $"on {People[user].Node}" : "gone")} with n{People[user].Choices.Acknowledged}";
        return $"{ContactRing.Id(watcher)} on {People[watcher].Node} has {ContactRing.Id(user)} {seen}; it is {truth}";
    }

    /// <summary>Imports all contacts.</summary>
    public async Task Import()
    {
        using var http = new HttpClient { BaseAddress = _fleet.Up.First().Address };
        http.DefaultRequestHeaders.Add("X-Api-Key", Fleet.ApiKey);
        using var content = new StringContent(Ring.Lines(), Encoding.UTF8, "application/x-ndjson");
        using var response = await http.PostAsync(new Uri("/import", UriKind.Relative), content);
        var answer = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode || !answer.Contains($"\"users\":{Ring.Users}", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"the import answered {answer}");
        }
    }

    /// <summary>Everybody goes.</summary>
    public async Task End()
    {
        await _end.CancelAsync();
        foreach (var person in People)
        {
            await person.Leave(Goodbye.Reset);
        }

        await Task.WhenAll(_lives);
        await _ticking;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var person in People)
        {
            person.Dispose();
        }

        _end.Dispose();
        Gate.Dispose();
    }

    /// <summary>Waits for that; false when the time is over.</summary>
    public static async Task<bool> Until(Func<bool> condition, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > limit)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        return true;
    }

    private async Task Tick()
    {
        while (!_end.IsCancellationRequested)
        {
            var now = DateTime.UtcNow;
            foreach (var person in People)
            {
                person.Tick(now);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }
}
