using System.Diagnostics;
using System.Globalization;
using Presence.Benchmarks.Faults.Crowds;
using Presence.Benchmarks.Faults.Nodes;
using Presence.Benchmarks.Smoke;

namespace Presence.Benchmarks.Faults;

/// <summary>How large a scenario is where nothing else was given.</summary>
/// <param name="Users">How many people.</param>
/// <param name="Contacts">How many contacts each has.</param>
/// <param name="Rate">Changes a second while it runs.</param>
internal sealed record CrowdSize(int Users, int Contacts, int Rate);

/// <summary>One run of one scenario: its nodes, its crowd, what it found. The same seed has the same things done to the same nodes in the same order.</summary>
internal sealed class FaultRun : IAsyncDisposable
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(60);

    /// <summary>While changes are made, how old one is that everybody must have seen.</summary>
    private static readonly TimeSpan UnderWay = TimeSpan.FromSeconds(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("presence-faults-");
    private readonly FrameLog _frames;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Action<string> _tell;
    private readonly CrowdBoard _board;
    private readonly Stack<IAsyncDisposable> _owned = [];
    private Fleet? _fleet;
    private Crowd? _crowd;

    public FaultRun(FaultArguments arguments, int seed, Action<string> tell)
    {
        (Arguments, Seed, _tell) = (arguments, seed, tell);
        Random = new Random(seed);
        _frames = new FrameLog(Path.Combine(_folder.FullName, "frames"));
        _board = new CrowdBoard(Findings, _frames);
    }

    public FaultArguments Arguments { get; }

    public int Seed { get; }

    /// <summary>For what is done, and to whom.</summary>
    public Random Random { get; }

    public Findings Findings { get; } = new();

    public CrowdBoard Board => _board;

    public Fleet Fleet => _fleet ?? throw new InvalidOperationException("the run has not begun");

    public Crowd Crowd => _crowd ?? throw new InvalidOperationException("the run has not begun");

    /// <summary>Changes a second.</summary>
    public int Rate { get; private set; }

    /// <summary>Where nodes leave what they said.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Has something that a scenario made for itself ended with the run, the last one first.</summary>
    public T Own<T>(T thing)
        where T : IAsyncDisposable
    {
        _owned.Push(thing);
        return thing;
    }

    /// <summary>Starts nodes, imports and connects the crowd.</summary>
    /// <param name="nodes">How many nodes there can be.</param>
    /// <param name="size">How large the crowd is where nothing else was given.</param>
    /// <param name="heartbeat">The heartbeat interval, in seconds, where nothing else was given.</param>
    /// <param name="started">How many nodes are started at first.</param>
    /// <param name="cuts">The scenario is about a broken network.</param>
    /// <param name="clocks">It sets the nodes' clocks.</param>
    /// <param name="more">Settings of its own.</param>
    /// <param name="build">Which build the nodes are at first; null: this one.</param>
    public async Task Begin(
        int nodes,
        CrowdSize size,
        int heartbeat = 5,
        int? started = null,
        bool cuts = false,
        bool clocks = false,
        IReadOnlyCollection<string>? more = null,
        string? build = null
    )
    {
        Rate = Arguments.Number("rate", size.Rate);
        var settings = new FleetSettings(
            Arguments.Number("nodes", nodes),
            Arguments.Seconds("heartbeat", heartbeat),
            Arguments.Seconds("grace", 10),
            Arguments.Number("namespaces", cuts ? 1 : 0) == 1,
            started is null ? (Arguments.Number("nodes", nodes) / 2) + 1 : 1,
            Clocks: clocks,
            More: more
        );
        var ring = new ContactRing(Arguments.Number("users", size.Users), Arguments.Number("contacts", size.Contacts), Seed);
        _fleet = await Fleet.Make(settings, _folder.FullName);
        if (cuts && _fleet.WhyNoCuts is { } reason)
        {
            throw new SkippedException(reason);
        }

        foreach (var node in _fleet.Nodes)
        {
            node.Ended += OnEnded;
            node.Build = build ?? node.Build;
        }

        _crowd = new Crowd(_fleet, ring, Board, Seed);
        await _fleet.Start(started ?? settings.Nodes);
        Tell($"{_fleet.Up.Count()} nodes listen");
        await StoredTruth.Begin(_fleet);
        await _crowd.Import();
        var clock = Stopwatch.StartNew();
        var connected = await _crowd.Connect(Enumerable.Range(0, ring.Users), ConnectLimit);
        Findings.Hold(
            connected,
            $"{_crowd.People.Count(person => !person.IsReady)} were not connected after {ConnectLimit.TotalSeconds} s"
        );
        Findings.Row("connected", $"{ring.Users:N0} with {ring.Contacts} contacts each in {clock.Elapsed.TotalSeconds:F1} s");
        await Settled("at the start");
    }

    /// <summary>Says what happens, with the time.</summary>
    public void Tell(string what) => _tell(string.Create(CultureInfo.InvariantCulture, $"  {_clock.Elapsed.TotalSeconds, 6:F1} s  {what}"));

    /// <summary>Waits until everybody is connected and sees the truth, or notes what is missing.</summary>
    /// <param name="when">For the message.</param>
    /// <param name="limit">How long, in seconds.</param>
    /// <param name="isEnd">Nothing is changed any more.</param>
    public async Task<TimeSpan?> Settled(string when, int limit = 60, bool isEnd = false)
    {
        var young = isEnd ? TimeSpan.Zero : UnderWay;
        var took = await Crowd.Settle(TimeSpan.FromSeconds(limit), young);
        if (took is { } time)
        {
            Tell($"all is true {when} after {time.TotalSeconds:F1} s");
            return took;
        }

        var missed = Crowd.Missed(young).ToArray();
        var waiting = Crowd.Expected.Count(user => !Crowd.People[user].IsReady);
        var open = Crowd.Expected.Count(user => Crowd.People[user].Choices.IsOpen);
        Findings.Hold(
            false,
            $"{when}, after {limit} s: {waiting} are not connected, {open} wait for an answer, {missed.Length} sights are wrong"
        );
        foreach (var sight in missed)
        {
            Findings.Broken(sight.Contains("it is gone", StringComparison.Ordinal) ? Word.Ghost : Word.Missed, $"{when}: {sight}");
        }

        return null;
    }

    /// <summary>Waits for what a node does that was out of reach: one that was shut out ends, and is sound when it has started again; one that was not is sound at once.</summary>
    /// <param name="node">The node.</param>
    /// <param name="ended">How often it had ended before.</param>
    public async Task EndsOrGoesOn(Node node, int ended)
    {
        await Crowd.Until(() => node.EndedByItself > ended, EndsWithin);
        var isUp = await Crowd.Until(() => node.State == NodeState.Up, StartsWithin);
        Findings.Hold(isUp, $"{node} was not up again after {StartsWithin.TotalSeconds:F0} s");
        node.IsFaulty = false;
    }

    /// <summary>Settles, checks all that can be checked only at the end, and adds what the crowd counted to the table.</summary>
    public async Task Finish()
    {
        await Settled("at the end", isEnd: true);
        await StoredTruth.Check(Fleet, Crowd);
        var (resumed, fresh) = Board.Sessions;
        Findings.Row("pushes", $"{Board.Pushes:N0}");
        Findings.Row("acknowledged, median / p99 / longest from wanting it", $"{Board.Acknowledged}");
        foreach (var (code, after) in Board.RefusedAfter)
        {
            Findings.Row($"refused, {code}", $"{after}");
        }

        Findings.Row("back with the snapshot, median / p99 / longest", $"{Board.Reconnected}");
        Findings.Row("sessions resumed, begun anew; turned away", $"{resumed:N0}, {fresh:N0}; {Board.TurnedAway:N0}");
        Findings.Row(
            "closes by code (0: broken)",
            string.Join(", ", Board.Closes.OrderBy(close => close.Key).Select(close => $"{close.Key}: {close.Value:N0}"))
        );
        Findings.Row("older in a fresh snapshot, which a client ignores", $"{Board.OlderInFreshSnapshots:N0}");
        Findings.Row("pushed again after a resume, which a client ignores", $"{Board.ToldAgain:N0}");
        Findings.Row(
            "nodes that ended by themselves and were started again",
            string.Join(
                ", ",
                Fleet
                    .Nodes.Where(node => node.EndedByItself > 0)
                    .Select(node => $"{node}: {node.EndedByItself} (exit {string.Join(' ', node.ExitCodes)})")
            )
        );
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_crowd is not null)
        {
            await _crowd.End();
            _crowd.Dispose();
        }

        while (_owned.TryPop(out var thing))
        {
            await thing.DisposeAsync();
        }

        if (_fleet is not null)
        {
            await _fleet.DisposeAsync();
        }

        _frames.Dispose();
    }

    /// <summary>Where the evidence lies; deleted where there is nothing to show.</summary>
    public string? Evidence()
    {
        if (!Findings.AllHold || Arguments.Number("keep", 0) == 1)
        {
            return _folder.FullName;
        }

        _folder.Delete(recursive: true);
        return null;
    }

    private void OnEnded(Node node)
    {
        Tell($"{node} ended by itself with {node.ExitCodes[^1]}; it is started again");
        foreach (var person in Crowd.On(node))
        {
            person.IsCutOff();
        }
    }
}
