using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Presence.Benchmarks.Faults.Nodes;

/// <summary>How a node's process stands, as far as whoever routes clients to it can know.</summary>
internal enum NodeState
{
    /// <summary>Not running.</summary>
    Down,

    /// <summary>Started, and not listening yet.</summary>
    Starting,

    /// <summary>Listening.</summary>
    Up,

    /// <summary>Told to go.</summary>
    Leaving,
}

/// <summary>One node: a process that can be killed, told to go, paused and started again at the same address.</summary>
internal sealed class Node : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);

    /// <summary>On a machine that all share, the store may be too slow for the first.</summary>
    private const int MostStarts = 3;

    private readonly IReadOnlyCollection<string> _within;
    private readonly IReadOnlyCollection<string> _settings;
    private readonly string _log;
    private readonly NodeClock? _clock;
    private HostProcess? _process;
    private bool _wanted;

    /// <summary>Makes one, not yet started.</summary>
    /// <param name="number">From 0.</param>
    /// <param name="web">Where it listens for clients.</param>
    /// <param name="within">The command within which it is started.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="log">Where its output is kept.</param>
    /// <param name="clock">Its clock, where it has one of its own.</param>
    public Node(
        int number,
        IPEndPoint web,
        IReadOnlyCollection<string> within,
        IReadOnlyCollection<string> settings,
        string log,
        NodeClock? clock = null
    )
    {
        (Number, Web, _within, _log, _clock) = (number, web, within, log, clock);
        _settings = clock is null ? settings : [.. settings, .. clock.Settings()];
        Address = new Uri($"http://{web}");
    }

    /// <summary>From 0.</summary>
    public int Number { get; }

    /// <summary>Where it listens for clients.</summary>
    public IPEndPoint Web { get; }

    /// <summary>The same, for HTTP.</summary>
    public Uri Address { get; }

    /// <summary>How it stands.</summary>
    public NodeState State { get; private set; }

    /// <summary>Something is done to it, or it ended by itself: what its sockets and answers are worth is not known.</summary>
    public bool IsFaulty { get; set; }

    /// <summary>How often it ended without being told to, for which a supervisor started it again.</summary>
    public int EndedByItself { get; private set; }

    /// <summary>Its exit codes at those.</summary>
    public List<int> ExitCodes { get; } = [];

    /// <summary>Which build it is, from its next start on.</summary>
    public string Build { get; set; } = HostProcess.ThisBuild;

    /// <summary>Its clock.</summary>
    /// <exception cref="InvalidOperationException">It has the machine's.</exception>
    public NodeClock Clock => _clock ?? throw new InvalidOperationException($"{this} has no clock of its own");

    /// <summary>Told when it ended without being told to.</summary>
    public event Action<Node>? Ended;

    /// <summary>Its processor time, in seconds, and its resident memory, in bytes.</summary>
    public (double CpuSeconds, long ResidentBytes) Usage => _process?.Usage() ?? (0, 0);

    /// <summary>What it has said since it was started.</summary>
    public IEnumerable<string> Said => _process is { } process ? [.. process.Output, .. process.Errors] : [];

    /// <summary>Starts it, again where it ended at once, as a supervisor would; done when it listens.</summary>
    public async Task Start()
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await StartOnce();
                return;
            }
            catch (InvalidOperationException) when (tries < MostStarts)
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }
    }

    private async Task StartOnce()
    {
        await Discard();
        State = NodeState.Starting;
        _wanted = true;
        _process = HostProcess.Launch(_within, _settings, Build);
        var process = _process;
        try
        {
            await process.Listening.WaitAsync(StartLimit);
        }
        catch (Exception cause) when (cause is InvalidOperationException or TimeoutException)
        {
            throw new InvalidOperationException($"node {Number + 1} did not start: {cause.Message}", cause);
        }

        State = NodeState.Up;
        IsFaulty = false;
        _ = Watch(process);
    }

    /// <summary>kill -9.</summary>
    public async Task Kill()
    {
        _wanted = false;
        State = NodeState.Down;
        _process!.Kill();
        await _process.Exit(TimeSpan.FromSeconds(30));
    }

    /// <summary>SIGTERM; its exit code, and how long it took. One that does not go in time is killed, and the code is -1.</summary>
    public async Task<(int Code, TimeSpan Took)> Terminate(TimeSpan limit)
    {
        _wanted = false;
        State = NodeState.Leaving;
        var clock = Stopwatch.StartNew();
        _process!.Terminate();
        try
        {
            var code = await _process.Exit(limit);
            State = NodeState.Down;
            return (code, clock.Elapsed);
        }
        catch (TimeoutException)
        {
            await Kill();
            return (-1, clock.Elapsed);
        }
    }

    /// <summary>SIGSTOP.</summary>
    public void Pause() => _process!.Pause();

    /// <summary>SIGCONT.</summary>
    public void Continue() => _process!.Continue();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _wanted = false;
        await Discard();
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"node {Number + 1}");

    /// <summary>What a supervisor would do.</summary>
    private async Task Watch(HostProcess process)
    {
        var code = await process.Exit(Timeout.InfiniteTimeSpan);
        if (!_wanted || process != _process)
        {
            return;
        }

        State = NodeState.Down;
        IsFaulty = true;
        EndedByItself++;
        ExitCodes.Add(code);
        Ended?.Invoke(this);
        await Task.Delay(TimeSpan.FromSeconds(1));
        while (_wanted && State == NodeState.Down)
        {
            try
            {
                await Start();
            }
            catch (InvalidOperationException)
            {
                // Its output is in the log; it is tried again, as a supervisor would.
                State = NodeState.Down;
            }
        }
    }

    private async Task Discard()
    {
        if (_process is not { } process)
        {
            return;
        }

        _process = null;
        if (process.Runs)
        {
            process.Kill();
            await process.Exit(TimeSpan.FromSeconds(30));
        }

        if (_clock is not null)
        {
            NodeClock.Forget(process.Id);
        }

        await File.AppendAllLinesAsync(_log, [.. process.Output, .. process.Errors, "---"]);
        await process.DisposeAsync();
    }
}
