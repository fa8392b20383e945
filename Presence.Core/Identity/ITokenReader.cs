using Presence.Core.Json;
using Presence.Core.Users;

namespace Presence.Core.Identity;

/// <summary>Proves tokens.</summary>
public interface ITokenReader
{
    /// <summary>What the token grants; refused with <c>unauthenticated</c> where it proves nothing, has expired or was revoked, with <c>unavailable</c> where the keys can't be had.</summary>
    /// <param name="token">The token. Never logged, nor told in the refusal.</param>
    /// <param name="device">The device that brings it, if it names itself: one that was revoked brings none from before.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<Parsed<Grant>> Read(string token, DeviceId? device, CancellationToken cancellation);
}
