using Microsoft.AspNetCore.Http.Features;
using Presence.Actors;

namespace Presence.Adapters.WebSocket.Transport;

/// <summary>Stands before the server's own upgrade, so that the standard middleware still does the handshake and its bytes can be observed.</summary>
/// <param name="inner">The server's.</param>
/// <param name="limits">What may come in.</param>
/// <param name="time">The clock of those.</param>
internal sealed class ObservedUpgrade(IHttpUpgradeFeature inner, LimitOptions limits, TimeProvider time) : IHttpUpgradeFeature
{
    /// <summary>The stream, once upgraded.</summary>
    public ObservedStream? Stream { get; private set; }

    /// <inheritdoc/>
    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    /// <inheritdoc/>
    public async Task<Stream> UpgradeAsync() => Stream = new ObservedStream(await inner.UpgradeAsync(), new FrameCheck(limits, time));
}
