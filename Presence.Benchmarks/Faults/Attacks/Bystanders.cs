using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Presence.Benchmarks.Faults.Crowds;

namespace Presence.Benchmarks.Faults.Attacks;

/// <summary>What bystanders met in a stretch of time.</summary>
internal sealed class Stretch
{
    /// <summary>When it began, as a timestamp.</summary>
    public long Start { get; } = Stopwatch.GetTimestamp();

    /// <summary>From sending a change to its acknowledgement.</summary>
    public Delays Acknowledged { get; } = new();

    /// <summary>From sending a change to its push to the contact.</summary>
    public Delays Pushed { get; } = new();

    /// <summary>Refusals by code; <c>no answer</c> and <c>closed</c> too.</summary>
    public ConcurrentDictionary<string, int> Refused { get; } = new(StringComparer.Ordinal);

    /// <summary>All of them, by code.</summary>
    public string Refusals =>
        Refused.IsEmpty
            ? "none"
            : string.Join(", ", Refused.Select(code => string.Create(CultureInfo.InvariantCulture, $"{code.Key}: {code.Value:N0}")));

    /// <summary>Adds itself to the table, and notes refusals as broken.</summary>
    public void Tell(Findings findings, string when)
    {
        findings.Row($"{when}: ack, median / p99 / longest", $"{Acknowledged}");
        findings.Row($"{when}: push, median / p99 / longest", $"{Pushed}");
        findings.Row($"{when}: others' changes refused", Refusals);
        findings.Hold(Refused.IsEmpty, $"{when}, others' changes were refused: {Refusals}");
    }
}

/// <summary>Ordinary users beside an attack, two and two each other's contacts: the one sets a text, the other is pushed it.</summary>
internal sealed class Bystanders : IDisposable
{
    private readonly LeanClient[] _clients;
    private Stretch _now = new();

    private Bystanders(IReadOnlyList<IPEndPoint> nodes, int users) =>
        _clients = [
            .. Enumerable
                .Range(0, users)
                .Select(user => new LeanClient(nodes[user % nodes.Count], Name(user)) { Frame = frame => Take(frame, user) }),
        ];

    /// <summary>Makes them contacts and connects them.</summary>
    /// <param name="service">Calls as a backend.</param>
    /// <param name="nodes">To which they connect, in turn.</param>
    /// <param name="users">How many.</param>
    public static async Task<Bystanders> Come(HttpClient service, IReadOnlyList<IPEndPoint> nodes, int users)
    {
        var lines = Enumerable.Range(0, users).Select(user => $$"""{"user_id":"{{Name(user)}}","contacts":["{{Name(user ^ 1)}}"]}""");
        using var content = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson");
        using var response = await service.PostAsync(new Uri("/import", UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
        var bystanders = new Bystanders(nodes, users);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await Task.WhenAll(bystanders._clients.Select(client => client.ConnectAtLast("", null, limit.Token)));
        return bystanders;
    }

    /// <summary>They change, one after the other, so many a second, until that is done.</summary>
    public async Task<Stretch> ChangeUntil(Task done, int aSecond)
    {
        var stretch = new Stretch();
        _now = stretch;
        var clock = Stopwatch.StartNew();
        var changes = new List<Task>();
        while (!done.IsCompleted)
        {
            for (; changes.Count < clock.Elapsed.TotalSeconds * aSecond; )
            {
                changes.Add(Change(_clients[changes.Count % _clients.Length], stretch));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }

        await Task.WhenAll(changes);
        return stretch;
    }

    /// <summary>They change for that long.</summary>
    public Task<Stretch> ChangeFor(TimeSpan length, int aSecond) => ChangeUntil(Task.Delay(length), aSecond);

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_clients, client => client.Dispose());

    private static string Name(int user) => string.Create(CultureInfo.InvariantCulture, $"bystander-{user}");

    private static async Task Change(LeanClient client, Stretch stretch)
    {
        if (!client.IsReady)
        {
            // It lost its connection, which its open change has told.
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            try
            {
                await client.ConnectAtLast("", stretch.Refused, limit.Token);
            }
            catch (OperationCanceledException)
            {
                stretch.Refused.AddOrUpdate("not connected", 1, (_, count) => count + 1);
                return;
            }
        }

        var answer = await client.Ask("presence_update", $$"""{"custom_status":"{{Stopwatch.GetTimestamp()}}"}""");
        if (answer.Code is { } code)
        {
            stretch.Refused.AddOrUpdate(code, 1, (_, count) => count + 1);
        }
        else
        {
            stretch.Acknowledged.Add(answer.Took);
        }
    }

    private void Take(ReadOnlySpan<byte> frame, int user)
    {
        var text = "\"custom_status\":\""u8;
        if (!frame.Is("presence_update"u8) || frame.IndexOf(Encoding.ASCII.GetBytes($"\"{Name(user ^ 1)}\"")) < 0)
        {
            return;
        }

        var at = frame.IndexOf(text);
        var stretch = _now;
        if (at >= 0 && Utf8Parser.TryParse(frame[(at + text.Length)..], out long sent, out _) && sent >= stretch.Start)
        {
            stretch.Pushed.Add(Stopwatch.GetElapsedTime(sent));
        }
    }
}
