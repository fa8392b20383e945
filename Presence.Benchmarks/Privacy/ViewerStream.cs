using System.Text.Json;

namespace Presence.Benchmarks.Privacy;

/// <summary>One who only listens: <c>GET /events</c>, without a device.</summary>
internal sealed class ViewerStream(Oracle oracle, string user, HttpClient http) : Viewer(oracle, user), IDisposable
{
    private HttpResponseMessage? _response;

    /// <summary>Connects, and waits for the first snapshot.</summary>
    public async Task Connect()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events");
        request.Headers.Add("X-User-ID", User);
        _response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        _response.EnsureSuccessStatusCode();
        _ = Read(await _response.Content.ReadAsStreamAsync());
        await Hears("presence_snapshot");
    }

    /// <inheritdoc/>
    public void Dispose() => _response?.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{User}, listening";

    private async Task Read(Stream stream)
    {
        try
        {
            using var lines = new StreamReader(stream);
            var type = "";
            while (await lines.ReadLineAsync() is { } line)
            {
                if (line.StartsWith("event:", StringComparison.Ordinal))
                {
                    type = line["event:".Length..].Trim();
                }
                else if (line.StartsWith("data:", StringComparison.Ordinal))
                {
                    using var json = JsonDocument.Parse(line.AsMemory("data:".Length));
                    Take(type, null, json.RootElement);
                }
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // It has left, or the server has ended it.
        }

        End();
    }
}
