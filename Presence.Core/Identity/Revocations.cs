using System.Collections.Concurrent;
using Presence.Core.Users;

namespace Presence.Core.Identity;

/// <summary>The revocations that this node knows of. One part of it writes, any thread reads.</summary>
public sealed class Revocations
{
    private readonly ConcurrentDictionary<(UserId? User, DeviceId? Device, string? TokenId), Revocation> _known = new();

    /// <summary>How many.</summary>
    public int Count => _known.Count;

    /// <summary>Takes note of them; answers with those that it did not know, or knew with an earlier time.</summary>
    public IReadOnlyList<Revocation> Take(IEnumerable<Revocation> revocations)
    {
        var news = new List<Revocation>();
        foreach (var revocation in revocations)
        {
            var key = (revocation.User, revocation.Device, revocation.TokenId);
            if (!_known.TryGetValue(key, out var known))
            {
                known = revocation with { At = DateTimeOffset.MinValue };
            }

            _known[key] = known with
            {
                At = known.At > revocation.At ? known.At : revocation.At,
                Until = known.Until > revocation.Until ? known.Until : revocation.Until,
            };
            if (revocation.At > known.At)
            {
                news.Add(revocation);
            }
        }

        return news;
    }

    /// <summary>Forgets those that are over.</summary>
    public void Forget(DateTimeOffset now)
    {
        foreach (var over in _known.Where(entry => entry.Value.Until <= now))
        {
            _known.TryRemove(over);
        }
    }

    /// <summary>Whether one of them means the token, see <see cref="Revocation.Covers"/>.</summary>
    public bool Cover(UserId? user, DeviceId? device, string? tokenId, DateTimeOffset issuedAt) =>
        !_known.IsEmpty
        && (
            (tokenId is not null && _known.ContainsKey((null, null, tokenId)))
            || (user is not null && (CoverUser(user, null, issuedAt) || (device is not null && CoverUser(user, device, issuedAt))))
        );

    /// <summary>Whether one of them means the token of that grant, by which that user acts with that device.</summary>
    public bool Cover(Grant grant, UserId? user, DeviceId? device)
    {
        var issuedAt = grant.IssuedAt ?? DateTimeOffset.MinValue;
        return Cover(user, device, grant.TokenId, issuedAt)
            || (grant.Subject != user && Cover(grant.Subject, device, grant.TokenId, issuedAt));
    }

    private bool CoverUser(UserId? user, DeviceId? device, DateTimeOffset issuedAt) =>
        _known.TryGetValue((user, device, null), out var revocation) && revocation.Covers(user, device, null, issuedAt);
}
