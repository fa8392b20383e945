using System.Net;
using System.Text.Json;
using Presence.Benchmarks.Wire;

namespace Presence.Benchmarks.Privacy;

/// <summary>A device's socket.</summary>
internal sealed class ViewerSocket(Oracle oracle, string user, string device, string platform) : Viewer(oracle, user), IDisposable
{
    private readonly BareWebSocket _socket = new();
    private int _ids;

    /// <summary>Which device.</summary>
    public string Device => device;

    /// <summary>On which platform.</summary>
    public string Platform => platform;

    /// <summary>Whom it subscribed to.</summary>
    public HashSet<string> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>Connects, and waits for the first snapshot.</summary>
    public async Task Connect(IPEndPoint server, string query)
    {
        await _socket.Connect(
            server,
            // It says that it is active, whatever it was: nobody waits for its first word.
            $"/ws{query}{(query.Length == 0 ? '?' : '&')}active=true",
            $"X-User-ID: {User}\r\nX-Device-ID: {device}\r\nX-Device-Platform: {platform}\r\n",
            CancellationToken.None
        );
        _ = Read();
        await Hears("presence_snapshot");
    }

    /// <summary>Says something, and waits for its answer; false where it could not be done now.</summary>
    public async Task<bool> Ask(string type, string payload)
    {
        var id = $"{type} {++_ids}";
        await Say($$"""{"type":"{{type}}","id":"{{id}}","payload":{{payload}}}""");
        await Hears(id);
        return !HasHeard($"{id} refused");
    }

    /// <summary>Says something.</summary>
    public async Task Say(string frame) => await _socket.Send(frame);

    /// <summary>Breaks the connection.</summary>
    public void Break() => _socket.Reset();

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{User}/{device}";

    private async Task Read()
    {
        await _socket.Read(frame =>
        {
            var reader = new Utf8JsonReader(frame);
            using var json = JsonDocument.ParseValue(ref reader);
            var root = json.RootElement;
            Take(
                root.GetProperty("type").GetString()!,
                root.TryGetProperty("id", out var id) ? id.GetString() : null,
                root.TryGetProperty("payload", out var payload) ? payload : default
            );
        });
        End();
    }
}
