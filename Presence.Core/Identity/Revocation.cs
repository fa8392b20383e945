using Presence.Core.Users;

namespace Presence.Core.Identity;

/// <summary>That tokens are not to be taken any more: one, by its id; or all of a user, or of one of its devices, that were issued up to then.</summary>
/// <param name="User">Whose; null where <paramref name="TokenId"/> is there.</param>
/// <param name="Device">Brought by that device alone; null: by any.</param>
/// <param name="TokenId">The token's own id (<c>jti</c>).</param>
/// <param name="At">When it was said: what is issued later is taken.</param>
/// <param name="Until">When it may be forgotten, since such tokens have expired.</param>
public sealed record Revocation(UserId? User, DeviceId? Device, string? TokenId, DateTimeOffset At, DateTimeOffset Until)
{
    /// <summary>The longest <see cref="TokenId"/>, in characters.</summary>
    public const int MaxTokenId = 256;

    /// <summary>Whether a token is meant by it.</summary>
    /// <param name="user">Who acts by the token.</param>
    /// <param name="device">Which device brings it.</param>
    /// <param name="tokenId">The token's id.</param>
    /// <param name="issuedAt">When it was issued. Tokens tell whole seconds: one of the very second of the revocation counts as issued before.</param>
    public bool Covers(UserId? user, DeviceId? device, string? tokenId, DateTimeOffset issuedAt) =>
        TokenId is not null ? TokenId == tokenId : User == user && (Device is null || Device == device) && issuedAt <= At;
}

/// <summary>Keeps revocations, for all nodes and beyond a restart.</summary>
/// <remarks>A store out of reach fails the task with <see cref="Errors.StoreUnavailableException"/>.</remarks>
public interface IRevocationStore
{
    /// <summary>The most that are kept at once; tells how many a node holds in memory at most.</summary>
    const int Most = 100_000;

    /// <summary>Keeps it, in place of an earlier one of the same, and forgets some that are over; false, with nothing kept, where there are <see cref="Most"/>.</summary>
    Task<bool> Add(Revocation revocation, CancellationToken cancellation);

    /// <summary>Those that hold at <paramref name="now"/> and were said after <paramref name="since"/>.</summary>
    Task<IReadOnlyList<Revocation>> Said(DateTimeOffset since, DateTimeOffset now, CancellationToken cancellation);
}
