using Microsoft.AspNetCore.Http.Features;
using Presence.Actors;

namespace Presence.Adapters.WebSocket.Transport;

/// <summary>Stands before the server's own upgrade, or, over HTTP/2, its extended CONNECT (RFC 8441), so that the standard middleware still does the handshake and its bytes can be observed.</summary>
/// <param name="upgrade">The server's; null: the request is no upgrade.</param>
/// <param name="connect">The server's; null: the request is no such CONNECT.</param>
/// <param name="limits">What may come in.</param>
/// <param name="time">The clock of those.</param>
internal sealed class ObservedHandshake(
    IHttpUpgradeFeature? upgrade,
    IHttpExtendedConnectFeature? connect,
    LimitOptions limits,
    TimeProvider time
) : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    /// <summary>The stream, once there is one.</summary>
    public ObservedStream? Stream { get; private set; }

    /// <inheritdoc/>
    public bool IsUpgradableRequest => upgrade?.IsUpgradableRequest == true;

    /// <inheritdoc/>
    public bool IsExtendedConnect => connect?.IsExtendedConnect == true;

    /// <inheritdoc/>
    public string? Protocol => connect?.Protocol;

    /// <inheritdoc/>
    public async Task<Stream> UpgradeAsync() => Observe(await upgrade!.UpgradeAsync());

    /// <inheritdoc/>
    public async ValueTask<Stream> AcceptAsync() => Observe(await connect!.AcceptAsync());

    private ObservedStream Observe(Stream stream) => Stream = new(stream, new FrameCheck(limits, time));
}
