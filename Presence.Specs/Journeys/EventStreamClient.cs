using System.Net.Http.Headers;
using System.Text.Json;
using System.Threading.Channels;

namespace Presence.Specs.Journeys;

/// <summary>A server-sent event.</summary>
internal sealed record StreamEvent(string Type, JsonElement Data, string? Id);

/// <summary>A client of <c>GET /events</c>, which reads as the HTML standard says.</summary>
internal sealed class EventStreamClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly CancellationTokenSource _leaving = new();
    private readonly Channel<StreamEvent> _events = Channel.CreateUnbounded<StreamEvent>();
    private HttpResponseMessage _response = null!;
    private bool _left;
    private Task _reading = Task.CompletedTask;

    public HttpResponseHeaders Headers => _response.Headers;

    public HttpContentHeaders ContentHeaders => _response.Content.Headers;

    public JsonElement Ack { get; private set; }

    public StreamEvent Snapshot { get; private set; } = null!;

    /// <summary>How many comments came.</summary>
    public int Comments { get; private set; }

    /// <summary>Opens a stream that begins as it should.</summary>
    public static async Task<EventStreamClient> Open(Uri server, string pathAndQuery, params (string Name, string Value)[] headers)
    {
        var client = new EventStreamClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, pathAndQuery));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        client._response = await client._http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        client._response.EnsureSuccessStatusCode();
        client._reading = client.Read();
        client.Ack = (await client.Any()).ShouldBeOfType("connection_ack").Data;
        client.Snapshot = (await client.Any()).ShouldBeOfType("presence_snapshot");
        return client;
    }

    /// <summary>The next of that type; what came before it is passed over.</summary>
    public async Task<JsonElement> Next(string type)
    {
        while (true)
        {
            var next = await Any();
            if (next.Type == type)
            {
                return next.Data;
            }
        }
    }

    /// <summary>The next one.</summary>
    public async Task<StreamEvent> Any()
    {
        using var patience = new CancellationTokenSource(Patience);
        return await _events.Reader.ReadAsync(patience.Token);
    }

    /// <summary>The server has ended the response.</summary>
    public Task Ended() => _reading.WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        if (_left)
        {
            return;
        }

        _left = true;
        await _leaving.CancelAsync();
        _response.Dispose();
        await _reading;
        _http.Dispose();
        _leaving.Dispose();
    }

    private async Task Read()
    {
        try
        {
            using var lines = new StreamReader(await _response.Content.ReadAsStreamAsync());
            var fields = new Dictionary<string, string>();
            while (await lines.ReadLineAsync(_leaving.Token) is { } line)
            {
                Take(line, fields);
            }
        }
        catch (Exception cause) when (cause is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It has left.
        }
        finally
        {
            _events.Writer.TryComplete();
        }
    }

    private void Take(string line, Dictionary<string, string> fields)
    {
        if (line.Length == 0)
        {
            if (fields.TryGetValue("data", out var data))
            {
                _events.Writer.TryWrite(new(fields["event"], JsonElement.Parse(data), fields.GetValueOrDefault("id")));
            }

            fields.Clear();
            return;
        }

        var colon = line.IndexOf(':');
        Comments += colon == 0 ? 1 : 0;
        if (colon > 0)
        {
            fields.Add(line[..colon], line[(colon + 1)..].TrimStart(' '));
        }
    }
}

internal static class StreamEventExtensions
{
    public static StreamEvent ShouldBeOfType(this StreamEvent next, string type)
    {
        next.Type.ShouldBe(type);
        return next;
    }
}
