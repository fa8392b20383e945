using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Presence.Benchmarks.Faults.Nodes;
using Presence.Benchmarks.Smoke;

namespace Presence.Benchmarks.Faults.Crowds;

/// <summary>Asks for some users every 100 ms, as a backend does, and keeps for each the longest time without a good answer.</summary>
internal sealed class Prober : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(1) };
    private readonly CancellationTokenSource _end = new();
    private readonly Crowd _crowd;
    private readonly Func<IEnumerable<Node>> _nodes;
    private readonly List<Task> _running;
    private readonly ConcurrentDictionary<int, TimeSpan> _gaps = new();
    private readonly ConcurrentDictionary<string, int> _answers = new();

    /// <summary>Begins.</summary>
    /// <param name="crowd">Whose.</param>
    /// <param name="users">How many of them, one here and one there.</param>
    /// <param name="nodes">Through which nodes it asks, each time another one.</param>
    public Prober(Crowd crowd, int users, Func<IEnumerable<Node>> nodes)
    {
        (_crowd, _nodes) = (crowd, nodes);
        _http.DefaultRequestHeaders.Add("X-Api-Key", Fleet.ApiKey);
        var step = Math.Max(1, crowd.People.Count / users);
        _running = [.. Enumerable.Range(0, Math.Min(users, crowd.People.Count)).Select(number => Probe(number * step))];
    }

    /// <summary>The longest gap of any.</summary>
    public TimeSpan LongestGap => _gaps.IsEmpty ? TimeSpan.Zero : _gaps.Values.Max();

    /// <summary>What was answered how often: <c>confirmed</c>, <c>grace</c>, <c>unknown</c>, a status code, or nothing.</summary>
    public string Answers =>
        string.Join(
            ", ",
            _answers.OrderBy(answer => answer.Key, StringComparer.Ordinal).Select(answer => $"{answer.Key} {answer.Value:N0}")
        );

    /// <summary>Forgets what it has seen.</summary>
    public void Restart()
    {
        _gaps.Clear();
        _answers.Clear();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_running);
        _http.Dispose();
        _end.Dispose();
    }

    private async Task Probe(int user)
    {
        var random = new Random(user);
        var goodAt = DateTime.UtcNow;
        while (!_end.IsCancellationRequested)
        {
            var nodes = _nodes().ToArray();
            var answer = nodes.Length == 0 ? "no node" : await Ask(nodes[random.Next(nodes.Length)], user);
            var now = DateTime.UtcNow;
            _answers.AddOrUpdate(answer, 1, (_, count) => count + 1);
            _gaps.AddOrUpdate(user, now - goodAt, (_, longest) => longest > now - goodAt ? longest : now - goodAt);
            if (answer is "confirmed" or "grace")
            {
                goodAt = now;
            }

            await Task.Delay(Interval);
        }
    }

    private async Task<string> Ask(Node node, int user)
    {
        var choices = _crowd.People[user].Choices;
        var acknowledged = choices.Acknowledged;
        try
        {
            using var response = await _http.GetAsync(new Uri(node.Address, $"/users/{ContactRing.Id(user)}"));
            if (!response.IsSuccessStatusCode)
            {
                return ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            }

            using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
            var certainty = body.RootElement.GetProperty("certainty").GetString()!;
            var text = body.RootElement.GetProperty("custom_status").GetString() ?? "";
            var number = Choices.NumberIn(System.Text.Encoding.UTF8.GetBytes(text));
            if (certainty == "confirmed" && number < acknowledged)
            {
                _crowd.Board.Findings.Broken(
                    Word.StaleRead,
                    $"{node} answered n{number} of {ContactRing.Id(user)}, confirmed, after n{acknowledged} was acknowledged"
                );
            }

            return certainty;
        }
        catch (Exception failed) when (failed is HttpRequestException or OperationCanceledException or JsonException or IOException)
        {
            return "nothing";
        }
    }
}
