using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Presence.Specs.Journeys;

/// <summary>A browser that has an HTTP/2 connection opens its sockets over that (RFC 8441): they are as any other.</summary>
public sealed class SocketOverHttp2Specs : IAsyncLifetime
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler());
    private JourneyServer _server = null!;

    public async Task InitializeAsync() =>
        _server = await JourneyServer.Start("Kestrel:EndpointDefaults:Protocols=Http2", "Presence:Limits:FragmentsPerMinute=10");

    public Task DisposeAsync()
    {
        _http.Dispose();
        return _server.DisposeAsync();
    }

    [Fact]
    public async Task A_client_is_welcomed_asks_and_is_answered()
    {
        using var socket = await Connect();
        var welcome = await Receive(socket);
        welcome.GetProperty("type").GetString().ShouldBe("connection_ack");
        (await Receive(socket)).GetProperty("type").GetString().ShouldBe("presence_snapshot");

        await Send(socket, """{"type":"presence_update","id":"1","payload":{"online_status":"busy"}}""");
        (await Receive(socket)).GetProperty("payload").GetProperty("online_status").GetString().ShouldBe("busy");
    }

    [Fact]
    public async Task What_is_no_frame_of_the_contract_closes_it_with_the_same_code()
    {
        using var socket = await Connect();
        await socket.SendAsync(new byte[] { 1 }, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        (await CloseCode(socket)).ShouldBe(1003);
    }

    [Fact]
    public async Task Its_frames_are_looked_at_too_before_the_framework_sees_them()
    {
        using var socket = await Connect();
        for (var i = 0; i < 11; i++)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(" "), WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None);
        }

        (await CloseCode(socket)).ShouldBe(4429);
    }

    private async Task<ClientWebSocket> Connect()
    {
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.SetRequestHeader("X-User-ID", JourneyServer.NewName("ann"));
        await socket.ConnectAsync(new UriBuilder(_server.Address) { Scheme = "ws", Path = "/ws" }.Uri, _http, CancellationToken.None);
        return socket;
    }

    private static Task Send(ClientWebSocket socket, string frame) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private static async Task<JsonElement> Receive(ClientWebSocket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[16 * 1024];
        var received = await socket.ReceiveAsync(buffer, limit.Token);
        received.EndOfMessage.ShouldBeTrue();
        return JsonElement.Parse(buffer.AsSpan(0, received.Count));
    }

    private static async Task<int> CloseCode(ClientWebSocket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[16 * 1024];
        while (await socket.ReceiveAsync(buffer, limit.Token) is { MessageType: not WebSocketMessageType.Close }) { }

        return (int)socket.CloseStatus!.Value;
    }
}
