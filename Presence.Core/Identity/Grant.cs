using Presence.Core.Users;

namespace Presence.Core.Identity;

/// <summary>What a token grants, once it was proven: to whom, what, and until when.</summary>
public sealed record Grant
{
    /// <summary>The user of the token (<c>sub</c>); null for a service whose <c>sub</c> is no id.</summary>
    public UserId? Subject { get; init; }

    /// <summary>The token's own id (<c>jti</c>); null: it has none, and can't be revoked by it.</summary>
    public string? TokenId { get; init; }

    /// <summary>When it was issued (<c>iat</c>, whole seconds as a rule); null: the token does not say, and counts as older than any revocation.</summary>
    public DateTimeOffset? IssuedAt { get; init; }

    /// <summary>When it ends.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>A backend's.</summary>
    public bool IsService { get; init; }

    /// <summary>Whether it may read.</summary>
    public bool MayRead { get; init; } = true;

    /// <summary>Whether it may change anything.</summary>
    public bool MayWrite { get; init; } = true;
}
