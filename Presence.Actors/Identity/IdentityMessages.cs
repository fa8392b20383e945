using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Identity;

namespace Presence.Actors.Identity;

/// <summary>Those tokens are not to be taken any more; it is stored. To all nodes, as the news of a directory is. Answer: <see cref="Done"/>, when no node takes them, and all have closed what was opened by them.</summary>
public sealed record TokensRevoked(IReadOnlyCollection<Revocation> Revocations) : IWireMessage;

/// <summary>To the hub of this node: close what was opened by such tokens. Who comes later is refused already.</summary>
public sealed record CloseRevoked(IReadOnlyCollection<Revocation> Revocations) : INodeMessage;

/// <summary>When the holder of a token is told that it ends, and when its connection does.</summary>
/// <param name="Notice">How long before the end of the token <c>token_expiring</c> is told.</param>
/// <param name="Grace">How long after it the connection is closed with 4401.</param>
/// <param name="LongestLife">How long after its issue a token is taken at most, whatever it says.</param>
public sealed record TokenTimes(TimeSpan Notice, TimeSpan Grace, TimeSpan LongestLife)
{
    /// <summary>How far the clocks of who issues tokens and of who takes them may be apart.</summary>
    public TimeSpan ClockSkew { get; init; }

    /// <summary>How long a revocation is held: an issue may lie as far ahead as the clocks may differ, and the end be taken as late.</summary>
    public TimeSpan Held => LongestLife + (2 * ClockSkew);

    /// <summary>A minute before, ten seconds after; thirty days.</summary>
    public static TokenTimes Default { get; } = new(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10), TimeSpan.FromDays(30));
}
