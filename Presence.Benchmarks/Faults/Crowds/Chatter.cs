using System.Collections.Concurrent;

namespace Presence.Benchmarks.Faults.Crowds;

/// <summary>Has people type, and a backend send events with and without a ttl, until it is disposed.</summary>
internal sealed class Chatter : IAsyncDisposable
{
    private const int Rooms = 8;
    private const int RecipientsEach = 10;

    /// <summary>For an event with a ttl: who is connected gets it at once, like any other.</summary>
    private const int Ttl = 60;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ArrivesWithin = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<(string Event, int[] Recipients, DateTime At)> _sent = [];
    private readonly Crowd _crowd;
    private readonly Backend _backend;
    private readonly Ears _ears;
    private readonly int[] _recipients;
    private readonly Task _running;

    /// <summary>Begins.</summary>
    /// <param name="crowd">Whose people.</param>
    /// <param name="backend">That sends the events.</param>
    /// <param name="ears">That hear them.</param>
    /// <param name="recipients">Those who stay connected.</param>
    public Chatter(Crowd crowd, Backend backend, Ears ears, int[] recipients)
    {
        (_crowd, _backend, _ears, _recipients) = (crowd, backend, ears, recipients);
        _running = Run();
    }

    /// <summary>Since when nothing has been done to any node, so that each event must arrive; null while something is.</summary>
    public DateTime? CalmSince { get; set; }

    /// <summary>Events that were taken.</summary>
    public int Sent { get; private set; }

    /// <summary>Events that were not taken.</summary>
    public int NotTaken { get; private set; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _end.Dispose();
    }

    private static string Room(int user) => $"room-{user % Rooms}";

    private async Task Run()
    {
        var random = new Random(_crowd.Seed);
        foreach (var room in _crowd.People.GroupBy(person => Room(person.User), StringComparer.Ordinal))
        {
            await _backend.Converse(room.Key, room.Select(person => person.User));
        }

        for (var turn = 0; !_end.IsCancellationRequested; turn++)
        {
            var typist = _crowd.People[random.Next(_crowd.People.Count)];
            if (typist.Stays)
            {
                // Who left without a word would be heard again.
                typist.Send($$$"""{"type":"typing","payload":{"conversation_id":"{{{Room(typist.User)}}}","is_typing":true}}""");
            }

            await Notify(random, turn % 2 == 0 ? 0 : Ttl);
            Judge();
            await Task.Delay(Interval);
        }
    }

    private async Task Notify(Random random, int ttl)
    {
        int[] recipients = [.. random.GetItems(_recipients, RecipientsEach).Distinct().Where(user => _crowd.People[user].IsReady)];
        if (recipients.Length == 0)
        {
            return;
        }

        try
        {
            _sent.Enqueue((await _backend.Notify(recipients, ttl), recipients, DateTime.UtcNow));
            Sent++;
        }
        catch (Exception failed) when (failed is HttpRequestException or TaskCanceledException)
        {
            NotTaken++;
            _crowd.Board.Findings.Hold(CalmSince is null, $"an event was not taken: {failed.Message}");
        }
    }

    private void Judge()
    {
        while (_sent.TryPeek(out var sent) && DateTime.UtcNow - sent.At > ArrivesWithin && _sent.TryDequeue(out _))
        {
            var deaf = sent.Recipients.Count(user => !_ears.HasHeard(user, sent.Event));
            // Who lost a node meanwhile gets it with the next connection, whenever that is.
            _crowd.Board.Findings.Hold(
                deaf == 0 || CalmSince is not { } since || sent.At < since,
                $"an event had not arrived at {deaf} of {sent.Recipients.Length} after {ArrivesWithin.TotalSeconds} s"
            );
        }
    }
}
