using System.Diagnostics;

namespace Presence.Benchmarks.Faults.Crowds;

/// <summary>Has people set a text, one here and one there, so many a second, until it is disposed.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Crowd _crowd;
    private readonly Task _running;

    /// <summary>Begins.</summary>
    public Load(Crowd crowd, int aSecond)
    {
        _crowd = crowd;
        _running = Run(aSecond);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _end.Dispose();
    }

    private async Task Run(int aSecond)
    {
        var random = new Random(_crowd.Seed);
        var clock = Stopwatch.StartNew();
        long chosen = 0;
        while (!_end.IsCancellationRequested)
        {
            for (var due = (long)(clock.Elapsed.TotalSeconds * aSecond); chosen < due; chosen++)
            {
                ChooseOne(random);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }

    private void ChooseOne(Random random)
    {
        // Who waits for an answer, or for a connection, is passed over.
        for (var tries = 0; tries < 20; tries++)
        {
            var person = _crowd.People[random.Next(_crowd.People.Count)];
            if (person is { IsReady: true, Stays: true, Choices.IsOpen: false })
            {
                person.Choose();
                return;
            }
        }
    }
}
