namespace Presence.Benchmarks.Faults.Nodes;

/// <summary>The resident memory of each node, sampled all along: it must not grow from the second quarter of a run to the last.</summary>
internal sealed class MemorySamples : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly List<long[]> _samples = [];
    private readonly Fleet _fleet;
    private readonly Task _running;

    /// <summary>Begins.</summary>
    public MemorySamples(Fleet fleet, TimeSpan interval)
    {
        _fleet = fleet;
        _running = Run(interval);
    }

    /// <summary>Ends, and says it of each node.</summary>
    /// <param name="findings">Where.</param>
    /// <param name="percent">By so much the last quarter may be above the second.</param>
    public async Task Report(Findings findings, int percent)
    {
        await _end.CancelAsync();
        await _running;
        var quarter = _samples.Count / 4;
        foreach (var node in _fleet.Nodes)
        {
            var (second, last) = (Mean(node, quarter, 2 * quarter), Mean(node, 3 * quarter, _samples.Count));
            findings.Row($"{node}: resident memory in the second and the last quarter", $"{second:N0} MiB; {last:N0} MiB");
            // One that was replaced meanwhile is not the one that was there before.
            findings.Hold(
                node.EndedByItself > 0 || last <= second * (1 + (percent / 100.0)),
                $"resident memory of {node} grew from {second:N0} to {last:N0} MiB, over {percent} %"
            );
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _end.Dispose();
    }

    private double Mean(Node node, int from, int to) =>
        _samples[from..to].Select(sample => sample[node.Number]).Where(bytes => bytes > 0).DefaultIfEmpty().Average() / 1024 / 1024;

    private async Task Run(TimeSpan interval)
    {
        while (!_end.IsCancellationRequested)
        {
            _samples.Add([.. _fleet.Nodes.Select(node => node.Usage.ResidentBytes)]);
            await Task.WhenAny(Task.Delay(interval, _end.Token));
        }
    }
}
